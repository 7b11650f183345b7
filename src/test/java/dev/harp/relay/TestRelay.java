package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.config.ConfigReader;
import dev.harp.relay.config.InvalidConfig;
import dev.harp.relay.http.api.AppFiles;
import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.limit.InFlight;
import dev.harp.relay.net.FileDescriptors;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.Post;
import dev.harp.testing.RawClient;
import dev.harp.testing.TestApp;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.lang.reflect.Field;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLSocketFactory;

/**
 * A relay on a free port of the loopback address, whose wall clock stands still until a test moves it. Rate limits are
 * off unless asked for. Every answer is checked against {@code openapi.yaml}, and {@link #assertWell} looks for damage.
 */
final class TestRelay extends RelayCalls implements AutoCloseable {
    private static final Logger ROOT = Logger.getLogger("");
    private static final long HEAP = Runtime.getRuntime().maxMemory();

    static {
        ROOT.setLevel(Level.WARNING); // a line a call is too much for the output of tests
    }

    private final Relay relay;
    private final AtomicReference<Instant> now = new AtomicReference<>(START);
    private final AtomicLong nanos = new AtomicLong();
    private final List<LogRecord> severe = java.util.Collections.synchronizedList(new ArrayList<>());
    private final Handler log = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            if (entry.getLevel().intValue() >= Level.SEVERE.intValue()) {
                severe.add(entry);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** A registered phone. */
    record Phone(String id, String token) {}

    /** A pairing with its phone. */
    record Pair(String id, String platform, Phone phone) {}

    /**
     * What the relay finds when it calls somebody.
     *
     * @param names where names lead
     * @param trust whose certificates it believes
     * @param app the approver's app that it was built with
     */
    record Outside(AddressGuard.Names names, SSLSocketFactory trust, AppFiles app) {
        /** Names lead nowhere. */
        static final Outside NONE = new Outside(_ -> List.of(), Post.publicTrust());

        Outside(AddressGuard.Names names, SSLSocketFactory trust) {
            this(names, trust, TestApp.files());
        }
    }

    private TestRelay(boolean frozen, long heap, Outside outside, String... options) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "HOST", "127.0.0.1", "PORT", "0", "ADMIN_PORT", "0", "RATE_LIMIT_PAIR", "0", "RATE_LIMIT_CLIENT", "0"));
        environment.put("NETWORK_SHARE", "100");
        for (String option : options) {
            int equals = option.indexOf('=');
            environment.put(option.substring(0, equals), option.substring(equals + 1));
        }
        LongSupplier nanoTime = frozen ? nanos::get : () -> System.nanoTime() + nanos.get();
        ROOT.addHandler(log);
        try {
            relay = Relay.start(
                    ConfigReader.read(
                            Optional.empty(), new ConfigReader.Environment(environment, heap, FileDescriptors.limit())),
                    new Relay.Sources(
                            now::get, nanoTime, new SecureRandom(), outside.names(), outside::trust, outside::app));
        } catch (InvalidConfig e) {
            throw new IllegalArgumentException(String.join("\n", e.lines()), e);
        }
    }

    /** Starts one, with options written as {@code NAME=value}. */
    static TestRelay start(String... options) {
        return new TestRelay(false, HEAP, Outside.NONE, options);
    }

    /** The same in another world outside. */
    static TestRelay start(Outside outside, String... options) {
        return new TestRelay(false, HEAP, outside, options);
    }

    /** The same with a monotonic clock that stands still too: no wait and no rate limit goes on by itself. */
    static TestRelay frozen(String... options) {
        return new TestRelay(true, HEAP, Outside.NONE, options);
    }

    /** One with the bounds that a heap of so many bytes gives. */
    static TestRelay inHeap(long heap, String... options) {
        return new TestRelay(false, heap, Outside.NONE, options);
    }

    @Override
    Relay relay() {
        return relay;
    }

    int port() {
        return relay.port();
    }

    @Override
    Instant now() {
        return now.get();
    }

    /** Moves the wall clock, and has the relay end and forget what is due by then. */
    void advance(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
        relay.processDue();
    }

    /** Moves the wall clock, and nothing else notices yet. */
    void advanceUnnoticed(Duration time) {
        now.updateAndGet(instant -> instant.plus(time));
    }

    /** Moves the monotonic clock: rate limits, and deadlines of connections. */
    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    void untilWaiting(int polls) {
        until(() -> relay.waiters() == polls);
    }

    @Override
    RawClient connect() throws IOException {
        return new RawClient(port());
    }

    // --- damage ---

    /** After whatever a test has done: the relay is alive, nothing hangs on, nothing has failed inside. */
    void assertWell() {
        get("/health", NO_TOKEN).is(200);
        until(() -> relay.waiters() == 0);
        until(() -> connections() == 0);
        assertThat("statuses " + statuses, statuses.containsKey(500), is(false));
        assertThat(
                severe.stream()
                        .map(entry -> entry.getLoggerName() + ": " + entry.getMessage())
                        .toList(),
                empty());
    }

    /** Connections that the relay has open. The relay itself has no use for the number outside of its listener. */
    int connections() {
        try {
            return field(Relay.class, "server", relay, GuardedListener.class).connections();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the relay is built otherwise", e);
        }
    }

    /** The memory of messages that are under way. */
    InFlight<?> inFlight() {
        return memory("inFlight");
    }

    /** The memory of large header sections. */
    InFlight<?> largeHeads() {
        return memory("largeHeads");
    }

    private InFlight<?> memory(String name) {
        try {
            return field(Relay.class, name, relay, InFlight.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the relay is built otherwise", e);
        }
    }

    /** Connections that wait for their client in that stage. */
    long waitingFor(String stage) {
        try {
            GuardedListener server = field(Relay.class, "server", relay, GuardedListener.class);
            Object guard = field(GuardedListener.class, "guard", server, Object.class);
            Class<?> stages = Class.forName("dev.harp.relay.http.edge.ReadDeadlines$Stage");
            var waitingIn = guard.getClass().getDeclaredMethod("waitingIn", stages);
            waitingIn.setAccessible(true);
            return (long) waitingIn.invoke(
                    guard,
                    java.util.stream.Stream.of(stages.getEnumConstants())
                            .filter(one -> one.toString().equals(stage))
                            .findFirst()
                            .orElseThrow());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the relay is built otherwise", e);
        }
    }

    /** The public listener ends, as if by itself. */
    void stopListening() {
        try {
            GuardedListener server = field(Relay.class, "server", relay, GuardedListener.class);
            field(GuardedListener.class, "server", server, WebServer.class).stop();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the relay is built otherwise", e);
        }
    }

    private static <T> T field(Class<?> owner, String name, Object of, Class<T> type)
            throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return type.cast(field.get(of));
    }

    /** Shuts down on a thread of its own, and returns when that has begun: every poll has been called away. */
    CompletableFuture<?> closing() {
        CompletableFuture<?> closing = CompletableFuture.runAsync(relay::close, THREADS);
        until(() -> relay.waiters() == 0);
        return closing;
    }

    @Override
    public void close() {
        relay.close();
        ROOT.removeHandler(log);
    }
}
