/**
 * Outgoing calls: which addresses may be called ({@link dev.harp.relay.outbound.AddressGuard}), the HTTP client
 * ({@link dev.harp.relay.outbound.HttpConnection}), and how many calls run at once
 * ({@link dev.harp.relay.outbound.Bulkhead}). Strangers choose where the relay connects to, so all of this is exposed
 * to attack.
 */
@NullMarked
package dev.harp.relay.outbound;

import org.jspecify.annotations.NullMarked;
