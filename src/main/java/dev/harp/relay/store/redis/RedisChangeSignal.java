package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.command;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Signals changes between relays: wakes the waiters of this relay directly and those of other relays by
 * publish/subscribe.
 *
 * <p>A message is {@code SENDER TOPIC}. The topic is the key of its record, or a name of the same form for a pairing's
 * history. As every signal, a message is a hint. One that cannot be sent is dropped, and one that cannot be parsed is
 * ignored, so whoever can write to the channel can only make waiters read again. A waiter that gets no signal reads
 * again by itself after {@link #REREAD}.
 */
public final class RedisChangeSignal implements ChangeSignal, AutoCloseable {
    /** After how long a waiter reads again without a signal. */
    public static final Duration REREAD = Duration.ofSeconds(10);

    private static final int MAX_QUEUED = 10_000;
    private static final int MAX_BATCH = 256;
    private static final Duration RETRY_DELAY = Duration.ofMillis(250);

    private final RedisConnections connections;
    private final WaitingRoom room;
    private final String channel;
    private final String self;
    private final BlockingQueue<Topic> outgoing = new ArrayBlockingQueue<>(MAX_QUEUED);
    private final List<Thread> threads = new ArrayList<>();
    private volatile Optional<Connection> subscription = Optional.empty();
    private volatile boolean closed;

    private final class Subscriber extends JedisPubSub {
        @Override
        public void onSubscribe(String to, int channels) {
            // Signals may have been missed before the subscription.
            room.raiseAll();
        }

        @Override
        public void onMessage(String from, String message) {
            receive(message);
        }
    }

    RedisChangeSignal(RedisConnections connections, WaitingRoom room) {
        this.connections = connections;
        this.room = room;
        // The databases of one server share its channels.
        this.channel = connections.prefix() + "bell:" + connections.database();
        this.self = UUID.randomUUID().toString();
    }

    /** Starts the threads that publish and subscribe. */
    void start() {
        threads.add(Thread.ofVirtual().name("redis-bell-out").start(this::publish));
        threads.add(Thread.ofVirtual().name("redis-bell-in").start(this::subscribe));
    }

    @Override
    public void raise(Topic topic) {
        raise(topic, Seen.NOTHING);
    }

    @Override
    public void raise(Topic topic, Seen seen) {
        room.raise(topic, seen);
        var _ = outgoing.offer(topic);
    }

    private void publish() {
        List<Topic> topics = new ArrayList<>();
        Optional<Connection> connection = Optional.empty();
        while (!closed) {
            try {
                topics.clear();
                topics.add(outgoing.take());
                outgoing.drainTo(topics, MAX_BATCH - 1);
            } catch (InterruptedException _) {
                break;
            }
            // The kept connection may have broken in an earlier outage; then a new one is tried.
            connection = connection
                    .filter(kept -> published(kept, topics))
                    .or(() -> connected().filter(fresh -> published(fresh, topics)));
            if (connection.isEmpty()) {
                outgoing.clear();
                pause();
            }
        }
        connection.ifPresent(RedisConnections::closeQuietly);
    }

    private Optional<Connection> connected() {
        try {
            return Optional.of(connections.connect());
        } catch (JedisException | StoreUnavailable _) {
            return Optional.empty();
        }
    }

    /** Whether Redis has taken all topics; if not, the connection is closed. */
    private boolean published(Connection connection, List<Topic> topics) {
        try {
            for (Topic topic : topics) {
                connection.sendCommand(command(Protocol.Command.PUBLISH, channel, self + " " + text(topic)));
            }
            connection.getMany(topics.size());
            return true;
        } catch (JedisException _) {
            RedisConnections.closeQuietly(connection);
            return false;
        }
    }

    private void subscribe() {
        while (!closed) {
            try (Connection connection = connections.connect()) {
                subscription = Optional.of(connection);
                connection.setTimeoutInfinite();
                new Subscriber().proceed(connection, channel);
            } catch (JedisException | StoreUnavailable _) {
                if (!closed) {
                    connections.suspect();
                    pause();
                }
            }
        }
    }

    private static void pause() {
        LockSupport.parkNanos(RETRY_DELAY.toNanos());
    }

    /** Wakes the waiters for a topic that another relay has published. */
    void receive(String message) {
        if (!message.startsWith(self + " ")) {
            topic(message.substring(message.indexOf(' ') + 1)).ifPresent(room::raise);
        }
    }

    static String text(Topic topic) {
        return switch (topic) {
            case Topic.OfPairing(PairId id) -> Keys.of(id);
            case Topic.OfDevice(DeviceId id) -> Keys.of(id);
            case Topic.OfRequest(var key) -> Keys.of(key);
            case Topic.OfHistory(PairId id) -> "h:" + id.value();
        };
    }

    static Optional<Topic> topic(String text) {
        if (text.length() > 100) {
            return Optional.empty();
        }
        return text.startsWith("h:")
                ? PairId.parse(text.substring(2)).map(Topic.OfHistory::new)
                : Keys.due(text).map(record -> switch (record) {
                    case DueRecord.OfPairing(PairId id) -> new Topic.OfPairing(id);
                    case DueRecord.OfDevice(DeviceId id) -> new Topic.OfDevice(id);
                    case DueRecord.OfRequest(var key) -> new Topic.OfRequest(key);
                });
    }

    /** Ends both threads. Topics that are still queued are dropped. */
    @Override
    public void close() {
        closed = true;
        subscription.ifPresent(RedisConnections::closeQuietly);
        threads.forEach(Thread::interrupt);
    }
}
