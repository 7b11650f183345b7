package dev.harp.relay.http.edge;

import static dev.harp.testing.Await.until;

import dev.harp.relay.http.api.BoundedBody;
import dev.harp.relay.http.api.ProtocolErrors;
import dev.harp.relay.http.edge.ReadDeadlines.Stage;
import dev.harp.relay.limit.Allowance;
import dev.harp.testing.RawClient;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A guarded listener on a free port of the loopback address, with a clock that stands still until it is told to go on.
 */
public final class EdgeServer implements AutoCloseable {
    /** The relay's defaults. */
    static final Timeouts TIMEOUTS =
            new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(75));

    static final int MAX_BODY = 1000;

    final AtomicLong nanos = new AtomicLong(-5);
    final ConnectionGuard guard;
    final CountDownLatch wake = new CountDownLatch(1);
    final AtomicInteger parked = new AtomicInteger();
    private final WebServer server;

    public EdgeServer(int maxConnections) {
        guard = new ConnectionGuard(TIMEOUTS, maxConnections, MAX_BODY, _ -> false, nanos::get);
        ProtocolErrors errors = new ProtocolErrors(() -> "i1", _ -> {});
        HttpRouting.Builder routing = HttpRouting.builder()
                .addFilter(ProtocolErrors::filter)
                .get("/ok", (req, res) -> res.send("ok"))
                .head("/ok", (req, res) -> res.send())
                .get(
                        "/path/{id}",
                        (req, res) -> res.send(req.path().pathParameters().get("id")))
                .get("/big", (req, res) -> res.send(new byte[32 * 1024 * 1024]))
                .get("/boom", EdgeServer::boom)
                .get("/park", this::park)
                .post("/echo", (req, res) -> res.send(BoundedBody.read(req, MAX_BODY, Allowance.UNBOUNDED)))
                .post(
                        "/refuse",
                        (req, res) -> res.status(Status.UNAUTHORIZED_401).send("no"));
        errors.addTo(routing);
        GuardedListener.Settings settings =
                new GuardedListener.Settings("127.0.0.1", 0, TIMEOUTS, maxConnections, MAX_BODY, _ -> false);
        server = GuardedListener.configure(settings, routing, errors.directHandlers(), guard)
                .build()
                .start();
    }

    public RawClient client() throws IOException {
        return new RawClient(server.port());
    }

    /** Lets time go by and the reaper look. */
    public void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
        guard.reap();
    }

    /**
     * Lets time go by and the reaper look until it has closed so many late connections in all. It may have to look more
     * than once, as the real one does: a connection whose bytes are being read at that moment is not waiting, and so
     * not late.
     */
    public void passUntilLate(Duration time, long connections) {
        pass(time);
        until(() -> {
            guard.reap();
            return guard.closedLate() == connections;
        });
    }

    /** Until so many connections wait for their client in this stage. */
    void untilWaiting(Stage stage, int connections) {
        until(() -> guard.waitingIn(stage) == connections);
    }

    public void stop() {
        server.stop();
    }

    @Override
    public void close() {
        wake.countDown();
        server.stop();
        guard.close();
    }

    private static void boom(ServerRequest request, ServerResponse response) {
        throw new IllegalStateException("secret-canary");
    }

    private void park(ServerRequest request, ServerResponse response) throws InterruptedException {
        parked.incrementAndGet();
        wake.await();
        response.status(Status.SERVICE_UNAVAILABLE_503)
                .header(HeaderNames.RETRY_AFTER, "1")
                .send("woken");
    }
}
