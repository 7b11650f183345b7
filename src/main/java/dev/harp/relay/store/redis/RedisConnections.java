package dev.harp.relay.store.redis;

import dev.harp.relay.log.Event;
import dev.harp.relay.log.EventThrottle;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.codec.CorruptRecord;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.commons.pool2.impl.GenericObjectPool;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.providers.ConnectionProvider;

/**
 * A pool of connections to Redis, and a watch that decides whether Redis is down.
 *
 * <p>Every call ends within a few seconds. The watch probes Redis every few seconds and after a failed call, with a
 * {@link Probe} on a connection of its own. If the probe fails, Redis is <i>down</i> until a later probe succeeds;
 * probes then run twice a second. While Redis is down because it does not answer, calls fail at once, so that nobody
 * queues for a server that hangs. While it only refuses (no memory, a replica that cannot be written), calls go
 * through, because it still accepts some of them.
 *
 * <p>Each outage and each recovery is logged once. A recovery is also reported to {@code onRecovery}.
 */
final class RedisConnections implements AutoCloseable {
    private static final Logger LOG = System.getLogger(RedisConnections.class.getName());
    private static final int BATCHER_THREADS = 2;
    private static final Duration PROBE_INTERVAL = Duration.ofSeconds(5);
    private static final Duration PROBE_INTERVAL_DOWN = Duration.ofMillis(500);
    private static final Duration REACHABLE_TIMEOUT = Duration.ofMillis(1500);

    private final ConnectionFactory factory;
    private final String prefix;
    private final Runnable onRecovery;
    private final CommandBatcher batcher = new CommandBatcher(BATCHER_THREADS, ConnectionFactory.CALL_TIMEOUT);
    private final EventThrottle<String> failures = new EventThrottle<>(Duration.ofSeconds(1), 16, System::nanoTime);

    /** Held while the probe is in use. */
    private final ReentrantLock probing = new ReentrantLock();

    private final Lineage lineage;
    private final Probe probe;
    private final Semaphore suspicions = new Semaphore(0);
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Optional<ConnectionProvider> pool = Optional.empty();
    private volatile Optional<Fault> fault = Optional.empty();

    /**
     * Connections that are not opened yet.
     *
     * @param prefix begins every key
     * @param clock the wall clock
     * @param onRecovery is run whenever Redis has come back
     */
    RedisConnections(RedisAddress address, String prefix, InstantSource clock, Runnable onRecovery) {
        this.factory = new ConnectionFactory(address);
        this.prefix = prefix;
        this.onRecovery = onRecovery;
        this.lineage = new Lineage(prefix, clock);
        this.probe = new Probe(prefix, lineage);
    }

    /** Makes the first connection and starts the watch. */
    void start() {
        check();
        Thread.ofVirtual().name("redis-watch").start(this::watch);
    }

    String prefix() {
        return prefix;
    }

    int database() {
        return factory.address().database();
    }

    static CommandArguments command(Protocol.Command name, Object... arguments) {
        return new CommandArguments(name).addObjects(arguments);
    }

    /** The text of a reply that is a bulk string. */
    static String text(Object reply) {
        return new String((byte[]) reply, StandardCharsets.UTF_8);
    }

    /** The texts of a reply that is a list of bulk strings. */
    static List<String> texts(Object reply) {
        return ((List<?>) reply).stream().map(RedisConnections::text).toList();
    }

    /**
     * Runs a script.
     *
     * @return its reply: a {@code byte[]}, a {@code Long}, or a {@code List} of these; empty if it is nil
     */
    Optional<Object> eval(Script script, Object... arguments) {
        return eval(new ScriptCall(script, List.of(arguments)));
    }

    /** The same of a call. */
    Optional<Object> eval(ScriptCall script) {
        return Optional.ofNullable(evalAll(script).getFirst());
    }

    /** A script and its arguments, without those that all scripts have. */
    record ScriptCall(Script script, List<Object> arguments) {}

    /** Runs scripts, which are sent together; the reply to each, null if it is nil. */
    List<@Nullable Object> evalAll(ScriptCall... calls) {
        return call(source -> {
            List<@Nullable Object> replies = new ArrayList<>(batcher.execute(
                    source,
                    Stream.of(calls)
                            .map(each -> with(each.script().byDigest(), each))
                            .toArray(CommandArguments[]::new)));
            for (int i = 0; i < calls.length; i++) {
                if (replies.get(i) instanceof JedisNoScriptException) {
                    replies.set(
                            i,
                            batcher.execute(source, with(calls[i].script().inFull(), calls[i]))
                                    .getFirst());
                }
            }
            replies.forEach(RedisConnections::orThrow);
            return replies;
        });
    }

    private CommandArguments with(CommandArguments command, ScriptCall call) {
        return command.add(prefix)
                .add(Keys.LIFE.toMillis())
                .addObjects(call.arguments().toArray());
    }

    /** The replies to the commands, which are sent together. */
    List<Object> execute(CommandArguments... commands) {
        return call(source -> {
            List<Object> replies = batcher.execute(source, commands);
            replies.forEach(RedisConnections::orThrow);
            return replies;
        });
    }

    private static @Nullable Object orThrow(@Nullable Object reply) {
        if (reply instanceof JedisException refusal) {
            throw refusal;
        }
        return reply;
    }

    private <T> T call(Function<Supplier<Connection>, T> work) {
        fault.filter(Fault::cut).ifPresent(known -> {
            throw new StoreUnavailable("Redis is out of reach: " + known.reason());
        });
        ConnectionProvider connections = opened();
        try {
            return work.apply(() -> lineage.begin(connections.getConnection()));
        } catch (JedisException e) {
            Fault found = Fault.of(e);
            if (found.denied()) {
                probe.recheckRights();
            }
            suspect();
            failures.admit(found.reason())
                    .ifPresent(suppressed -> Event.of("store_failed", "a call to Redis failed")
                            .with("reason", found.reason())
                            .with("suppressed", suppressed)
                            .to(LOG, found.defect() ? Level.ERROR : Level.WARNING));
            // Without the cause: an error of Redis may quote the command.
            throw new StoreUnavailable("Redis fails: " + found.reason());
        }
    }

    /**
     * Decodes a record.
     *
     * @throws StoreUnavailable if the bytes are damaged. They are logged and left as they are, for the operator to look
     *     at
     */
    <T> T decode(String key, byte[] data, Function<byte[], T> decoder) {
        try {
            return decoder.apply(data);
        } catch (CorruptRecord e) {
            Event.of(
                            "store_corrupt",
                            "a record in Redis is damaged; it is left as it is, and calls that need it are refused")
                    .with("key", key)
                    .error(String.valueOf(e.getMessage()))
                    .to(LOG, Level.ERROR);
            throw new StoreUnavailable("a damaged record", e);
        }
    }

    /** A connection outside of the pool, for long use. The caller closes it. */
    Connection connect() {
        return factory.connect(opened());
    }

    private ConnectionProvider opened() {
        return pool.orElseThrow(() -> new StoreUnavailable("Redis is out of reach"));
    }

    /** Makes the watch probe Redis now, unless Redis is down already. */
    void suspect() {
        suspicions.release();
    }

    private void watch() {
        try {
            while (!closedAfterWait()) {
                check();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean closedAfterWait() throws InterruptedException {
        boolean down = fault.isPresent();
        boolean ended = down && closed.await(PROBE_INTERVAL_DOWN.toMillis(), TimeUnit.MILLISECONDS);
        if (!down) {
            var _ = suspicions.tryAcquire(PROBE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        }
        suspicions.drainPermits();
        return ended || closed.getCount() == 0;
    }

    private void check() {
        probing.lock();
        try {
            Optional<Fault> before = fault;
            Optional<Fault> found = probe();
            fault = found;
            found.ifPresent(_ -> dropIdle());
            if (found.isPresent() && !found.map(Fault::reason).equals(before.map(Fault::reason))) {
                Event.of("store_unavailable", "Redis cannot be used; calls that need it are refused until it can")
                        .with("store", factory.address().toString())
                        .with("reason", found.get().reason())
                        .with("advice", found.get().advice())
                        .to(LOG, Level.ERROR);
            }
            if (found.isEmpty() && before.isPresent()) {
                Event.of("store_recovered", "Redis can be used again")
                        .with("store", factory.address().toString())
                        .to(LOG, Level.WARNING);
                onRecovery.run();
            }
        } finally {
            probing.unlock();
        }
    }

    private Optional<Fault> probe() {
        try {
            if (pool.isEmpty()) {
                pool = Optional.of(factory.pool());
            }
            return probe.run(this::connect);
        } catch (JedisException e) {
            return Optional.of(Fault.of(e));
        }
    }

    /** Idle connections may lead to a server that is gone, or that is the master no more. */
    private void dropIdle() {
        pool.ifPresent(connections -> connections.getConnectionMap().values().stream()
                .filter(GenericObjectPool.class::isInstance)
                .forEach(server -> ((GenericObjectPool<?>) server).clear()));
    }

    /** Whether Redis can be read and written now. */
    boolean reachable() {
        try {
            if (fault.isPresent() || !probing.tryLock(REACHABLE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        try {
            boolean reachable = probe().isEmpty();
            if (!reachable) {
                suspect();
            }
            return reachable;
        } finally {
            probing.unlock();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        suspicions.release();
        probing.lock();
        try {
            probe.close();
            batcher.close();
            pool.ifPresent(RedisConnections::closeQuietly);
        } finally {
            probing.unlock();
        }
    }

    /** Closes a connection or a pool. A broken connection may fail to close. */
    static void closeQuietly(AutoCloseable connections) {
        try {
            connections.close();
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "a connection to Redis could not be closed", e);
        }
    }
}
