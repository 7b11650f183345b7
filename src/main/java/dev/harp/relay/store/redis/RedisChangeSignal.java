package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.wait.ChangeSignal;
import dev.harp.relay.wait.Topic;
import dev.harp.relay.wait.WaitingRoom;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisException;

/**
 * The bell between relays: calls who waits here at once, and tells the other relays by publish/subscribe.
 *
 * <p>A message is {@code SENDER TOPIC}, where the topic is written as its record's key is, or, for a pairing's history, in the same way. It is a hint, as every ring is. One that cannot be sent is dropped, and one
 * that cannot be understood is nothing: whoever can write to the channel can make waiters read again, and no more. A waiter who hears nothing reads again
 * by itself after {@link #REREAD}.
 */
public final class RedisChangeSignal implements ChangeSignal, AutoCloseable {
    /** How soon a waiter reads again although nobody has called it. */
    public static final Duration REREAD = Duration.ofSeconds(10);

    private static final int MOST_WAITING = 10_000;
    private static final int MOST_AT_ONCE = 256;
    private static final Duration BEFORE_NEXT = Duration.ofMillis(250);
    private static final Pattern DEVICE = Pattern.compile("d:(dev_[0-9a-f]{12})");

    private final Link link;
    private final WaitingRoom room;
    private final String channel;
    private final String self;
    private final BlockingQueue<Topic> outgoing = new ArrayBlockingQueue<>(MOST_WAITING);
    private final List<Thread> threads = new ArrayList<>();
    private volatile Optional<Connection> listening = Optional.empty();
    private volatile boolean closed;

    private final class Listener extends JedisPubSub {
        @Override
        public void onSubscribe(String to, int channels) {
            // Whatever was rung while nobody listened.
            room.raiseAll();
        }

        @Override
        public void onMessage(String from, String message) {
            heard(message);
        }
    }

    RedisChangeSignal(Link link, WaitingRoom room) {
        this.link = link;
        this.room = room;
        // Channels are those of the whole server, whatever the database.
        this.channel = link.prefix() + "bell:" + link.database();
        byte[] name = new byte[8];
        new SecureRandom().nextBytes(name);
        this.self = HexFormat.of().formatHex(name);
    }

    /** Begins to listen, and to tell. */
    void start() {
        threads.add(Thread.ofVirtual().name("redis-bell-out").start(this::tell));
        threads.add(Thread.ofVirtual().name("redis-bell-in").start(this::listen));
    }

    @Override
    public void raise(Topic topic) {
        room.raise(topic);
        var _ = outgoing.offer(topic);
    }

    private void tell() {
        List<Topic> topics = new ArrayList<>();
        Optional<Connection> connection = Optional.empty();
        while (!closed) {
            try {
                topics.clear();
                topics.add(outgoing.take());
                outgoing.drainTo(topics, MOST_AT_ONCE - 1);
            } catch (InterruptedException _) {
                break;
            }
            // A kept one may have broken long ago, in an outage that is over.
            connection = connection
                    .filter(kept -> tell(kept, topics))
                    .or(() -> connected().filter(fresh -> tell(fresh, topics)));
            if (connection.isEmpty()) {
                outgoing.clear();
                pause();
            }
        }
        connection.ifPresent(RedisChangeSignal::drop);
    }

    private Optional<Connection> connected() {
        try {
            return Optional.of(link.connect());
        } catch (JedisException | StoreUnavailable _) {
            return Optional.empty();
        }
    }

    /** Whether Redis has taken all of them; if not, the connection is of no use any more. */
    private boolean tell(Connection connection, List<Topic> topics) {
        try {
            for (Topic topic : topics) {
                connection.sendCommand(new CommandArguments(Protocol.Command.PUBLISH)
                        .add(channel)
                        .add(self + " " + text(topic)));
            }
            connection.getMany(topics.size());
            return true;
        } catch (JedisException _) {
            drop(connection);
            return false;
        }
    }

    private void listen() {
        while (!closed) {
            try (Connection connection = link.connect()) {
                listening = Optional.of(connection);
                connection.setTimeoutInfinite();
                new Listener().proceed(connection, channel);
            } catch (JedisException | StoreUnavailable _) {
                if (!closed) {
                    link.suspect();
                    pause();
                }
            }
        }
    }

    private static void pause() {
        LockSupport.parkNanos(BEFORE_NEXT.toNanos());
    }

    private static void drop(Connection connection) {
        try {
            connection.disconnect();
        } catch (JedisException _) {
            // It was gone.
        }
    }

    /** Calls those who wait for what another relay has said. */
    void heard(String message) {
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
        String[] parts = text.split(":", -1);
        return switch (parts[0]) {
            case "p" -> PairId.parse(text.substring(Math.min(2, text.length()))).map(Topic.OfPairing::new);
            case "h" -> PairId.parse(text.substring(Math.min(2, text.length()))).map(Topic.OfHistory::new);
            case "d" ->
                DEVICE.matcher(text).matches()
                        ? Optional.of(new Topic.OfDevice(new DeviceId(parts[1])))
                        : Optional.empty();
            case "r" ->
                parts.length == 3 ? Keys.request(parts[1], parts[2]).map(Topic.OfRequest::new) : Optional.empty();
            default -> Optional.empty();
        };
    }

    /** Stops listening and telling; what is still to be told is not. */
    @Override
    public void close() {
        closed = true;
        listening.ifPresent(RedisChangeSignal::drop);
        threads.forEach(Thread::interrupt);
    }
}
