package dev.harp.relay.egress;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks the operating system for the addresses of names, on threads of its own and not for long: the system's resolver blocks the
 * thread that calls it, virtual or not, and a name server that never answers must not stop the relay's carriers. Whoever asks for a name that
 * is being looked up waits for that look-up; so a name takes one thread, however often it is asked for.
 */
public final class Resolver implements AddressGuard.Names, AutoCloseable {
    private static final int THREADS = 32;
    private static final int QUEUE = 256;
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final Map<String, CompletableFuture<List<InetAddress>>> underWay = new ConcurrentHashMap<>();
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
        CompletableFuture<List<InetAddress>> asked = underWay.computeIfAbsent(name, this::ask);
        try {
            return asked.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
            throw new AddressGuard.NotLookedUp();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new AddressGuard.NotLookedUp();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownHostException) {
                return List.of();
            }
            throw new AddressGuard.NotLookedUp();
        }
    }

    private CompletableFuture<List<InetAddress>> ask(String name) {
        CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    answer.complete(List.of(InetAddress.getAllByName(name)));
                } catch (UnknownHostException | RuntimeException e) {
                    answer.completeExceptionally(e);
                } finally {
                    var _ = underWay.remove(name);
                }
            });
        } catch (RejectedExecutionException e) {
            answer.completeExceptionally(e);
        }
        return answer;
    }

    /** Ends its threads. */
    @Override
    public void close() {
        var _ = threads.shutdownNow();
    }
}
