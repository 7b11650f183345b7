/**
 * A reference client: both ends of a pairing, as an app developer would write them, with the real cryptography.
 *
 * <p>{@link dev.harp.relay.client.HarpPlatform} is the agent's side and {@link dev.harp.relay.client.HarpDevice} the
 * phone's. Both speak to the relay through {@link dev.harp.relay.client.RelayHttp}. What is encrypted, signed and
 * authenticated, and over which bytes, stands in {@link dev.harp.relay.client.Messages} alone;
 * {@link dev.harp.relay.client.Crypto} holds the primitives.
 *
 * <p>Nothing here uses a class of the relay: the two meet on the wire only.
 */
@NullMarked
package dev.harp.relay.client;

import org.jspecify.annotations.NullMarked;
