package dev.harp.relay.outbound;

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
    private static final int FEW_THREADS = 2;
    private static final int QUEUE = 256;
    private static final Duration LIMIT = Duration.ofSeconds(3);

    private final Map<String, CompletableFuture<List<InetAddress>>> underWay = new ConcurrentHashMap<>();
    private final Lookup lookup;
    private final ThreadPoolExecutor threads;

    /** The operating system's way to find addresses, which may take as long as it likes. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    /** With idle threads only while there is work. */
    public Resolver() {
        this(InetAddress::getAllByName, THREADS, QUEUE);
    }

    Resolver(Lookup lookup, int most, int queue) {
        this.lookup = lookup;
        this.threads = new ThreadPoolExecutor(
                most,
                most,
                30,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queue),
                Thread.ofPlatform().daemon().name("resolver-", 0).factory());
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
            // What no thread has taken, none will put away: the name would be refused for good.
            var _ = underWay.remove(name, asked);
            throw new AddressGuard.NotLookedUp();
        }
    }

    @Override
    public AddressGuard.Names apart() {
        return new Resolver(lookup, FEW_THREADS, QUEUE);
    }

    private CompletableFuture<List<InetAddress>> ask(String name) {
        CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    answer.complete(List.of(lookup.addresses(name)));
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

    /** How many names wait for a thread. */
    int waiting() {
        return threads.getQueue().size();
    }

    /** How many names are being looked up, or wait for it. */
    int remembered() {
        return underWay.size();
    }

    /** Ends its threads. */
    @Override
    public void close() {
        var _ = threads.shutdownNow();
    }
}
