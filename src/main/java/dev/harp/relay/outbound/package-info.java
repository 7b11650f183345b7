/**
 * How the relay calls out: whether it may ({@link dev.harp.relay.egress.AddressGuard}), the call itself ({@link dev.harp.relay.egress.Post}), and
 * how many at once ({@link dev.harp.relay.egress.Bulkhead}). Everything here is an attack
 * surface: strangers choose where the relay connects to.
 */
@NullMarked
package dev.harp.relay.outbound;

import org.jspecify.annotations.NullMarked;
