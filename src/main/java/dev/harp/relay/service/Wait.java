package dev.harp.relay.service;

import dev.harp.relay.protocol.Opener;
import java.time.Duration;

/**
 * A call's leave to wait for news.
 *
 * @param atMost how long, or zero: then the call takes no place
 * @param opener the networks of the client, in whose shares the place counts
 */
public record Wait(Duration atMost, Opener opener) {
    /** Does not wait. */
    public static final Wait NONE = new Wait(Duration.ZERO, Opener.NONE);
}
