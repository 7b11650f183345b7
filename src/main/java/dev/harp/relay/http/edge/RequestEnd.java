package dev.harp.relay.http.edge;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import java.util.Optional;

/**
 * Not a limit, but the one place where Helidon tells that it has done with a request, drained body included: it gives
 * the permit back. Adds that notice to the listener's own limit.
 */
final class RequestEnd implements Limit {
    private final Limit limit;
    private final Runnable complete;

    /** @param complete may throw, which ends the connection */
    RequestEnd(Limit limit, Runnable complete) {
        this.limit = limit;
        this.complete = complete;
    }

    @Override
    public Outcome tryAcquireOutcome(boolean wait) {
        Outcome outcome = limit.tryAcquireOutcome(wait);
        return outcome instanceof Outcome.Accepted accepted
                ? Outcome.immediateAcceptance(outcome.originName(), outcome.algorithmType(), notice(accepted.token()))
                : outcome;
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public Optional<Token> tryAcquire(boolean wait) {
        return limit.tryAcquire(wait).map(this::notice);
    }

    @Override
    @Deprecated
    @SuppressWarnings("removal")
    public Optional<Token> tryAcquire() {
        return tryAcquire(true);
    }

    @Override
    public Limit copy() {
        return new RequestEnd(limit.copy(), complete);
    }

    @Override
    public String name() {
        return limit.name();
    }

    @Override
    public String type() {
        return limit.type();
    }

    private LimitAlgorithm.Token notice(LimitAlgorithm.Token token) {
        return new LimitAlgorithm.Token() {
            private boolean given;

            @Override
            public void success() {
                given = true;
                token.success();
                complete.run();
            }

            @Override
            public void dropped() {
                if (!given) {
                    token.dropped();
                }
            }

            @Override
            public void ignore() {
                token.ignore();
            }
        };
    }
}
