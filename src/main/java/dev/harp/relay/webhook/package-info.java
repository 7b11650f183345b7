/**
 * Telling platforms what becomes of their requests: where the relay may call ({@link dev.harp.relay.webhook.AddressGuard}), what it says
 * and signs, and how often it tries. Everything here is an attack surface: a caller chooses where the relay connects to.
 */
@NullMarked
package dev.harp.relay.webhook;

import org.jspecify.annotations.NullMarked;
