package dev.harp.relay.store.redis;

import dev.harp.relay.log.Event;
import dev.harp.relay.log.EventThrottle;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.codec.CorruptRecord;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.providers.ConnectionProvider;

/**
 * The way to Redis: a pool of connections, and a watch over it.
 *
 * <p>Every call ends within a few seconds. The watch looks every few seconds, and when a call has failed, with a {@link Probe} on a connection of its own. If that fails too, Redis is <i>down</i>
 * until a later probe, twice a second, succeeds. While it is down because it cannot be talked to, calls fail at once: nobody queues for a server that
 * hangs. While it only refuses (no memory, a replica that cannot be written), calls go through, because some of them it still takes.
 *
 * <p>Going down and coming back are told to the log once each, and coming back to whoever has to know.
 */
final class Link implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Link.class.getName());
    private static final int TRIPS = 2;
    private static final Duration BETWEEN_PROBES = Duration.ofMillis(500);
    private static final Duration ROUND = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofMillis(1500);

    private final Servers servers;
    private final String prefix;
    private final Runnable recovered;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition called = lock.newCondition();
    private final ReentrantLock probing = new ReentrantLock();
    private final Probe probe;
    private final CommandBatcher batcher = new CommandBatcher(TRIPS, Servers.PATIENCE);
    private final EventThrottle<String> failures = new EventThrottle<>(Duration.ofSeconds(1), 16, System::nanoTime);
    private volatile Optional<ConnectionProvider> pool = Optional.empty();
    private volatile Optional<Fault> fault = Optional.empty();
    private boolean suspected = true;
    private boolean closed;

    /**
     * A link whose watch has not begun.
     *
     * @param prefix begins every key
     * @param recovered is run whenever Redis has come back
     */
    Link(RedisAddress address, String prefix, Runnable recovered) {
        this.servers = new Servers(address);
        this.prefix = prefix;
        this.recovered = recovered;
        this.probe = new Probe(prefix);
    }

    /** Begins to watch, which also makes the first connection. */
    void start() {
        look();
        Thread.ofVirtual().name("redis-watch").start(this::watch);
    }

    String prefix() {
        return prefix;
    }

    int database() {
        return servers.database();
    }

    /** What the script answers: a {@code byte[]}, a {@code Long}, a {@code List} of these, or null. */
    Optional<Object> run(Script script, Consumer<CommandArguments> arguments) {
        return call(connections -> {
            Object answer = batcher.bring(connections, with(script.byDigest(), arguments))
                    .getFirst();
            if (answer instanceof JedisNoScriptException) {
                answer = batcher.bring(connections, with(script.inFull(), arguments))
                        .getFirst();
            }
            return Optional.ofNullable(unlessRefused(answer));
        });
    }

    private CommandArguments with(CommandArguments command, Consumer<CommandArguments> arguments) {
        CommandArguments all = command.add(prefix).add(Keys.LIFE.toMillis());
        arguments.accept(all);
        return all;
    }

    private static @Nullable Object unlessRefused(@Nullable Object answer) {
        if (answer instanceof JedisException refused) {
            throw refused;
        }
        return answer;
    }

    /** What the commands answer, sent in one go. */
    List<Object> ask(CommandArguments... commands) {
        return call(connections -> {
            List<Object> answers = batcher.bring(connections, commands);
            answers.forEach(Link::unlessRefused);
            return answers;
        });
    }

    private <T> T call(Function<Supplier<Connection>, T> work) {
        fault.filter(Fault::cut).ifPresent(known -> {
            throw new StoreUnavailable("Redis is out of reach: " + known.reason());
        });
        ConnectionProvider connections = pool.orElseThrow(() -> new StoreUnavailable("Redis is out of reach"));
        try {
            return work.apply(connections::getConnection);
        } catch (JedisException e) {
            Fault found = Fault.of(e);
            if (found.denied()) {
                probe.doubt();
            }
            suspect();
            failures.admit(found.reason())
                    .ifPresent(before -> Event.of("store_failed", "a call to Redis has failed")
                            .with("reason", found.reason())
                            .with("suppressed", before)
                            .to(LOG, found.defect() ? Level.ERROR : Level.WARNING));
            // Without the cause: what Redis says may quote what it was asked.
            throw new StoreUnavailable("Redis fails: " + found.reason());
        }
    }

    /** Bytes that are no record. They are not handed on, and not touched: somebody has to look. */
    StoreUnavailable corrupt(String key, CorruptRecord e) {
        Event.of(
                        "store_corrupt",
                        "a record in Redis is damaged; it is left as it is, and calls that need it are refused")
                .with("key", key)
                .error(String.valueOf(e.getMessage()))
                .to(LOG, Level.ERROR);
        return new StoreUnavailable("a damaged record", e);
    }

    /** A connection for somebody who listens or talks for long; it is the caller's to close. */
    Connection connect() {
        return servers.connect(pool.orElseThrow(() -> new StoreUnavailable("Redis is out of reach")));
    }

    /** Has the watch look, now. */
    void suspect() {
        lock.lock();
        try {
            suspected = true;
            called.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void watch() {
        while (awaitReason()) {
            look();
        }
    }

    /** Sleeps until somebody suspects something, or until it is time for the next probe; false at the end. */
    private boolean awaitReason() {
        lock.lock();
        try {
            boolean down = fault.isPresent();
            long left = (down ? BETWEEN_PROBES : ROUND).toNanos();
            while (!closed && (down || !suspected) && left > 0) {
                left = called.awaitNanos(left);
            }
            suspected = false;
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void look() {
        probing.lock();
        try {
            Optional<Fault> found = probed();
            Optional<Fault> before = fault;
            fault = found;
            found.ifPresent(_ -> dropIdle());
            if (found.isPresent() && !found.map(Fault::reason).equals(before.map(Fault::reason))) {
                Event.of("store_unavailable", "Redis cannot be used; calls that need it are refused until it can")
                        .with("store", servers.toString())
                        .with("reason", found.get().reason())
                        .with("advice", found.get().advice())
                        .to(LOG, Level.ERROR);
            }
            if (found.isEmpty() && before.isPresent()) {
                Event.of("store_recovered", "Redis can be used again")
                        .with("store", servers.toString())
                        .to(LOG, Level.WARNING);
                recovered.run();
            }
        } finally {
            probing.unlock();
        }
    }

    private Optional<Fault> probed() {
        try {
            if (pool.isEmpty()) {
                pool = Optional.of(servers.pool());
            }
            return probe.failure(this::connect);
        } catch (JedisException e) {
            return Optional.of(Fault.of(e));
        }
    }

    /** They lead to a server that is not there any more, or that is not the master any more. */
    private void dropIdle() {
        pool.ifPresent(connections -> connections.getConnectionMap().values().stream()
                .filter(GenericObjectPool.class::isInstance)
                .forEach(some -> ((GenericObjectPool<?>) some).clear()));
    }

    /** Whether Redis can be read and written now. */
    boolean reachable() {
        try {
            if (fault.isPresent()
                    || !probing.tryLock(PATIENCE.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            boolean well = probed().isEmpty();
            if (!well) {
                suspect();
            }
            return well;
        } finally {
            probing.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            called.signalAll();
        } finally {
            lock.unlock();
        }
        probing.lock();
        try {
            probe.close();
            batcher.close();
            pool.ifPresent(Link::closeQuietly);
        } finally {
            probing.unlock();
        }
    }

    private static void closeQuietly(ConnectionProvider connections) {
        try {
            connections.close();
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "connections to Redis could not be closed", e);
        }
    }
}
