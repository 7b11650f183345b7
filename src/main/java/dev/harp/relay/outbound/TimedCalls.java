package dev.harp.relay.outbound;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends calls at a deadline. Each call runs on a virtual thread, and is interrupted when its time is over: that closes
 * the socket on which it is blocked, whether it connects, reads or writes.
 */
public final class TimedCalls implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /**
     * Makes the call.
     *
     * @param limit more than zero
     * @throws TimeoutException if the call has not ended within the limit
     * @throws CancellationException if this was closed, or the calling thread is interrupted
     * @throws IOException what the call has thrown, as it is or as the cause
     */
    public <T> T call(Duration limit, Callable<T> call) throws IOException, TimeoutException {
        Future<T> future;
        try {
            future = threads.submit(call);
        } catch (RejectedExecutionException _) {
            throw new CancellationException();
        }
        try {
            return future.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CancellationException();
        } finally {
            var _ = future.cancel(true);
        }
    }

    /** Interrupts all calls. */
    @Override
    public void close() {
        var _ = threads.shutdownNow();
    }
}
