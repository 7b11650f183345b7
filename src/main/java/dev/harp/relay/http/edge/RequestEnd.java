package dev.harp.relay.http.edge;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import java.util.Optional;

/**
 * A limit that admits every request, and reports when a request is complete: answered, and its body read or drained.
 * Returning the permit is the only sign of that which Helidon 4.5 gives.
 *
 * @param complete may throw, which ends the connection
 */
record RequestEnd(Runnable complete) implements Limit, LimitAlgorithm.Token {
    @Override
    public void success() {
        complete.run();
    }

    @Override
    public void dropped() {}

    @Override
    public void ignore() {}

    @Override
    @SuppressWarnings("removal")
    public Optional<LimitAlgorithm.Token> tryAcquire(boolean wait) {
        return Optional.of(this);
    }

    @Override
    @SuppressWarnings("removal")
    public Optional<LimitAlgorithm.Token> tryAcquire() {
        return Optional.of(this);
    }

    @Override
    public Limit copy() {
        return this;
    }

    @Override
    public String name() {
        return "request-end";
    }

    @Override
    public String type() {
        return name();
    }
}
