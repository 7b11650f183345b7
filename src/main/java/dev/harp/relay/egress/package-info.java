/**
 * How the relay calls out: whether it may ({@link dev.harp.relay.egress.AddressGuard}), and the call itself. Everything here is an attack
 * surface: strangers choose where the relay connects to.
 */
@NullMarked
package dev.harp.relay.egress;

import org.jspecify.annotations.NullMarked;
