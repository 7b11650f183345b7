package dev.harp.relay.outbound;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Resolves names by the operating system, on platform threads of its own and with a time limit: the system's resolver
 * blocks the carrier of a virtual thread, and a name server that never answers must not stop the relay. Concurrent
 * calls for one name share one look-up, so a name occupies one thread however often it is asked for.
 */
public final class Resolver implements AddressGuard.Names, AutoCloseable {
    private static final int THREADS = 32;
    private static final int FEW_THREADS = 2;
    private static final int QUEUE = 256;
    private static final Duration LIMIT = Duration.ofSeconds(3);

    final Map<String, FutureTask<List<InetAddress>>> pending = new ConcurrentHashMap<>();
    private final Lookup lookup;
    final ThreadPoolExecutor threads;

    /** The operating system's resolver, which may take any time. */
    @FunctionalInterface
    interface Lookup {
        InetAddress[] addresses(String name) throws UnknownHostException;
    }

    /** Uses the operating system. Threads end when they are idle. */
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
        try {
            return pending.computeIfAbsent(name, this::start).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException | RejectedExecutionException _) {
            throw new AddressGuard.NotLookedUp();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new AddressGuard.NotLookedUp();
        }
    }

    @Override
    public AddressGuard.Names apart() {
        return new Resolver(lookup, FEW_THREADS, QUEUE);
    }

    /** If the queue is full this throws, and the name does not become pending. */
    private FutureTask<List<InetAddress>> start(String name) {
        FutureTask<List<InetAddress>> task = new FutureTask<>(() -> lookUp(name));
        threads.execute(task);
        return task;
    }

    private List<InetAddress> lookUp(String name) {
        try {
            return List.of(lookup.addresses(name));
        } catch (UnknownHostException _) {
            return List.of();
        } finally {
            var _ = pending.remove(name);
        }
    }

    /** Ends the threads. */
    @Override
    public void close() {
        var _ = threads.shutdownNow();
    }
}
