package dev.harp.relay.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the operating system for the addresses of names, on a few threads of its own and not for long: the system's resolver blocks the
 * thread that calls it, virtual or not, and a name server that never answers must not stop the relay's carriers.
 */
public final class Resolver implements AddressGuard.Names, AutoCloseable {
    private static final int THREADS = 4;
    private static final int QUEUE = 64;
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE),
            Thread.ofPlatform().daemon().name("resolver-", 0).factory());

    /** With idle threads only while there is work. */
    public Resolver() {
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public List<InetAddress> addresses(String name) {
        Future<InetAddress[]> asked;
        try {
            asked = threads.submit(() -> InetAddress.getAllByName(name));
        } catch (RejectedExecutionException _) {
            return List.of();
        }
        try {
            return List.of(asked.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException _) {
            asked.cancel(true);
            return List.of();
        } catch (InterruptedException _) {
            asked.cancel(true);
            Thread.currentThread().interrupt();
            return List.of();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException) {
                return List.of();
            }
            throw new IllegalStateException("names cannot be resolved", e.getCause());
        }
    }

    /** Ends its threads. */
    @Override
    public void close() {
        var _ = threads.shutdownNow();
    }
}
