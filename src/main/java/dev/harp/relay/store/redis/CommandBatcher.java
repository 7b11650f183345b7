package dev.harp.relay.store.redis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Brings commands to Redis and the answers back, those of all callers who have come meanwhile in one go: a trip costs system calls and
 * changes of threads at both ends, and these are most of what a small command costs.
 *
 * <p>Trips are made by a few platform threads, because a blocking read of one costs the kernel less than parking a virtual thread until its
 * socket is ready. Nobody waits for company: a thread that is free leaves with what is there.
 */
final class CommandBatcher implements AutoCloseable {
    private static final int MAX_BATCH = 64;
    private static final int QUEUE = 4096;

    private final Duration patience;
    private final BlockingQueue<PendingCall> queue = new ArrayBlockingQueue<>(QUEUE);
    private final List<Thread> threads;
    private volatile boolean closed;

    private record PendingCall(
            Supplier<Connection> connections,
            List<CommandArguments> commands,
            CompletableFuture<List<Object>> answers) {}

    /**
     * Begins to wait for errands.
     *
     * @param trips how many at a time
     * @param patience how long a caller waits
     */
    CommandBatcher(int trips, Duration patience) {
        this.patience = patience;
        List<Thread> begun = new ArrayList<>();
        for (int i = 0; i < trips; i++) {
            begun.add(Thread.ofPlatform().daemon().name("redis-" + i).start(this::run));
        }
        this.threads = List.copyOf(begun);
    }

    /**
     * What the commands answer, in their order; one that is refused answers with its exception.
     *
     * @param connections gives a connection; closing that gives it back
     * @throws JedisException if they could not be brought, or the answers not be brought back, in time
     */
    List<Object> bring(Supplier<Connection> connections, CommandArguments... commands) {
        PendingCall pending = new PendingCall(connections, List.of(commands), new CompletableFuture<>());
        if (closed || !queue.offer(pending)) {
            throw new JedisConnectionException("too many calls wait for Redis");
        }
        try {
            return pending.answers().get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // If it is still in the queue it is not to be brought any more: nobody would hear the answer.
            var _ = queue.remove(pending);
            throw new JedisConnectionException("no answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JedisConnectionException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof JedisException known ? known : new JedisConnectionException(e.getCause());
        }
    }

    private void run() {
        List<PendingCall> load = new ArrayList<>(MAX_BATCH);
        while (!closed) {
            try {
                load.add(queue.take());
                var _ = queue.drainTo(load, MAX_BATCH - 1);
                send(load);
            } catch (InterruptedException e) {
                // closed
            }
            load.clear();
        }
    }

    private static void send(List<PendingCall> load) {
        try (Connection connection = load.getFirst().connections().get()) {
            int commands = 0;
            for (PendingCall each : load) {
                for (CommandArguments command : each.commands()) {
                    connection.sendCommand(command);
                    commands++;
                }
            }
            List<Object> all = connection.getMany(commands);
            int at = 0;
            for (PendingCall each : load) {
                var _ = each.answers()
                        .complete(all.subList(at, at + each.commands().size()));
                at += each.commands().size();
            }
        } catch (RuntimeException e) {
            load.forEach(each -> each.answers().completeExceptionally(e));
        }
    }

    /** Ends the threads; whoever waits is told in time. */
    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
