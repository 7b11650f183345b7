package dev.harp.relay.http.edge;

import dev.harp.relay.http.edge.ReadDeadlines.Turn;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;

/** One connection under the guard, from its first read to its end, whatever that end is. */
final class GuardedConnection implements ServerConnection, InterruptableTask<Void> {
    private final ConnectionGuard guard;
    private final ReadDeadlines clock;
    private final GuardedConnectionContext context;
    private final ServerConnection http1;

    GuardedConnection(
            ConnectionGuard guard, ReadDeadlines clock, GuardedConnectionContext context, ServerConnection http1) {
        this.guard = guard;
        this.clock = clock;
        this.context = context;
        this.http1 = http1;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
        guard.opened(this);
        try {
            http1.handle(new RequestEnd(limit, context::requestComplete));
            context.linger();
        } catch (CloseConnectionException e) {
            context.linger();
            throw e;
        } finally {
            guard.closed(this);
        }
    }

    /** What the client is being waited for. */
    Turn turn() {
        return clock.turn();
    }

    /** Whether the reaper has closed it, and only its thread has not noticed yet. */
    boolean isClosed() {
        return clock.isClosed();
    }

    /** Closes the socket if the judged turn still stands. */
    boolean close(Turn judged) {
        boolean won = clock.close(judged);
        if (won) {
            context.closeSocket();
        }
        return won;
    }

    @Override
    public Duration idleTime() {
        return Duration.ZERO; // the guard's business, not Helidon's idle timer's, which looks every two minutes only
    }

    @Override
    public void close(boolean interrupt) {
        http1.close(interrupt);
    }

    @Override
    public boolean canInterrupt() {
        return http1 instanceof InterruptableTask<?> task && task.canInterrupt();
    }
}
