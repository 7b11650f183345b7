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
 * Sends the commands of concurrent callers to Redis in batches, and distributes the replies. System calls and thread
 * switches at both ends are most of the cost of a small command, and a batch shares them.
 *
 * <p>Batches are sent by a few platform threads, because their blocking read costs less than parking a virtual thread
 * until its socket is ready. No command waits for a batch to fill: an idle thread sends what is queued.
 */
final class CommandBatcher implements AutoCloseable {
    private static final int MAX_BATCH = 64;
    private static final int MAX_QUEUED = 4096;

    private final Duration timeout;
    private final BlockingQueue<PendingCall> queue = new ArrayBlockingQueue<>(MAX_QUEUED);
    private final List<Thread> threads;
    private volatile boolean closed;

    private record PendingCall(
            Supplier<Connection> connections,
            List<CommandArguments> commands,
            CompletableFuture<List<Object>> replies) {}

    /**
     * Starts the threads.
     *
     * @param concurrency how many batches may be under way at a time
     * @param timeout how long a caller waits
     */
    CommandBatcher(int concurrency, Duration timeout) {
        this.timeout = timeout;
        List<Thread> started = new ArrayList<>();
        for (int i = 0; i < concurrency; i++) {
            started.add(Thread.ofPlatform().daemon().name("redis-" + i).start(this::run));
        }
        this.threads = List.copyOf(started);
    }

    /**
     * Sends commands and waits for the replies.
     *
     * @param connections the source of a connection, which is closed after use
     * @return the replies in the order of the commands; the reply to a refused one is its exception
     * @throws JedisException if the commands cannot be sent, or the replies do not come in time
     */
    List<Object> execute(Supplier<Connection> connections, CommandArguments... commands) {
        PendingCall pending = new PendingCall(connections, List.of(commands), new CompletableFuture<>());
        if (closed || !queue.offer(pending)) {
            throw new JedisConnectionException("too many calls wait for Redis");
        }
        try {
            return pending.replies().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // Nobody would read the replies, so a call that is still queued is not sent.
            var _ = queue.remove(pending);
            throw new JedisConnectionException("no reply in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JedisConnectionException("interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof JedisException known ? known : new JedisConnectionException(e.getCause());
        }
    }

    private void run() {
        List<PendingCall> batch = new ArrayList<>(MAX_BATCH);
        while (!closed) {
            try {
                batch.add(queue.take());
                var _ = queue.drainTo(batch, MAX_BATCH - 1);
                send(batch);
            } catch (InterruptedException e) {
                // close() has interrupted the thread.
            }
            batch.clear();
        }
    }

    private static void send(List<PendingCall> batch) {
        try (Connection connection = batch.getFirst().connections().get()) {
            int commands = 0;
            for (PendingCall each : batch) {
                for (CommandArguments command : each.commands()) {
                    connection.sendCommand(command);
                    commands++;
                }
            }
            List<Object> replies = connection.getMany(commands);
            int at = 0;
            for (PendingCall each : batch) {
                var _ = each.replies()
                        .complete(replies.subList(at, at + each.commands().size()));
                at += each.commands().size();
            }
        } catch (RuntimeException e) {
            batch.forEach(each -> each.replies().completeExceptionally(e));
        }
    }

    /** Ends the threads. Calls that wait fail at their timeout. */
    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
