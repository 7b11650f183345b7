/**
 * What clients were told, and whether it still holds after the relay, or its store, has been killed.
 *
 * <p>The clients' own records are the only source of truth ({@link dev.harp.relay.crash.ClientLedger}).
 * {@link dev.harp.relay.crash.Load} makes them, by whole approvals over HTTP, and {@link dev.harp.relay.crash.Audit}
 * reads all of it back over HTTP. Nothing here knows how the relay keeps things: the option {@code STORE} is all that
 * differs from one run to another.
 */
@NullMarked
package dev.harp.relay.crash;

import org.jspecify.annotations.NullMarked;
