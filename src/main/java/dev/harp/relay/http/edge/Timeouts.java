package dev.harp.relay.http.edge;

import java.time.Duration;

/**
 * How long a client may keep the relay waiting. Each is a total, not a time between two bytes, and more than zero.
 *
 * @param header from accept, or from the first byte of a later request, to the end of the header section
 * @param body from the end of the header section to the last byte of the body; also the time that a client has to take
 *     an answer, all its writes together, to which {@link ReadDeadlines#SLOWEST_READER} adds by size
 * @param idle between two requests on one connection
 */
public record Timeouts(Duration header, Duration body, Duration idle) {
    public Timeouts {
        if (!header.isPositive() || !body.isPositive() || !idle.isPositive()) {
            throw new IllegalArgumentException("a timeout must be more than zero");
        }
    }
}
