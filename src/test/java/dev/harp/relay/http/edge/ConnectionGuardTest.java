package dev.harp.relay.http.edge;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.http.edge.ReadDeadlines.Stage;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Slow clients, crowds, and the end of connections. The clock stands still unless a test moves it. */
@Timeout(300)
class ConnectionGuardTest {
    private static final String GET = "GET /ok HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final Duration HEADER = EdgeServer.TIMEOUTS.header();
    private static final Duration BODY = EdgeServer.TIMEOUTS.body();
    private static final Duration IDLE = EdgeServer.TIMEOUTS.idle();
    private static final Duration MOMENT = Duration.ofMillis(1);

    /** A connection that never sends a byte. */
    @Test
    void silentConnectionIsClosed() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            server.untilWaiting(Stage.FRESH, 1);
            server.pass(HEADER.minus(MOMENT));
            assertThat(server.guard.closedLate(), is(0L));
            server.pass(MOMENT);
            assertThat(client.isClosedByServer(), is(true));
            assertThat(server.guard.closedLate(), is(1L));
            until(() -> server.guard.connections() == 0);
        }
    }

    /** Slowloris: a header line now and then does not buy time. */
    @Test
    void drippedHeadersAreCutOffAtTheirTotal() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            server.untilWaiting(Stage.FRESH, 1);
            server.pass(HEADER.dividedBy(2));
            client.send("GET /ok HTTP/1.1\r\nHost: a\r\n");
            server.untilWaiting(Stage.HEAD, 1);
            server.pass(HEADER.dividedBy(2).minus(MOMENT));
            client.send("X-More: 1\r\n");
            assertThat(server.guard.closedLate(), is(0L));
            server.passUntilLate(MOMENT, 1);
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /** The time of a later request runs from its first byte, and the pause before it is another, longer one. */
    @Test
    void keptAliveConnectionHasItsOwnTimes() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            assertThat(client.send(GET).answer().status(), is(200));
            server.untilWaiting(Stage.IDLE, 1);
            server.pass(IDLE.minus(MOMENT));
            assertThat(client.send(GET).answer().status(), is(200));
            server.untilWaiting(Stage.IDLE, 1);
            client.send("G");
            server.untilWaiting(Stage.HEAD, 1);
            server.pass(HEADER);
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    @Test
    void idleConnectionIsClosed() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            assertThat(client.send(GET).answer().status(), is(200));
            server.untilWaiting(Stage.IDLE, 1);
            server.pass(IDLE);
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /** The first bytes of a pipelined request came together with the request before. */
    @Test
    void halfOfAPipelinedRequestIsNotIdle() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            assertThat(client.send(GET + "GET /ok HT").answer().status(), is(200));
            server.untilWaiting(Stage.HEAD, 1);
            server.pass(HEADER);
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /** R-U-Dead-Yet: a body byte now and then does not buy time. */
    @Test
    void drippedBodyIsCutOffAtItsTotal() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n1");
            server.untilWaiting(Stage.BODY, 1);
            server.pass(BODY.minus(MOMENT));
            client.send("2");
            assertThat(server.guard.closedLate(), is(0L));
            server.passUntilLate(MOMENT, 1);
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /** A long poll is nobody's fault. */
    @Test
    void parkedHandlerHasNoDeadline() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("GET /park HTTP/1.1\r\nHost: a\r\n\r\n");
            until(() -> server.parked.get() == 1);
            server.pass(Duration.ofHours(1));
            server.wake.countDown();
            assertThat(client.answer().body(), is("woken"));
        }
    }

    /** A client that asks for much and reads nothing. */
    @Test
    void answerThatIsNotTakenIsCutOff() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
            server.untilWaiting(Stage.ANSWER, 1);
            server.pass(BODY);
            assertThat(server.guard.closedLate(), is(0L));
            server.pass(Duration.ofSeconds(32 * 1024 * 1024 / ReadDeadlines.SLOWEST_READER + 1));
            assertThat(server.guard.closedLate(), is(1L));
            until(() -> server.guard.connections() == 0);
        }
    }

    /** However a connection ends, nothing of it stays. */
    @Test
    void noEntryOutlivesItsConnection() throws Exception {
        try (EdgeServer server = new EdgeServer(100)) {
            RawClient resets = server.client().send("GET /ok HT");
            RawClient leaves = server.client().send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1");
            RawClient malformed = server.client().send("nonsense\r\n\r\n").endOfRequest();
            RawClient tooLong = server.client()
                    .send("GET /" + "x".repeat(5000) + " HTTP/1.1\r\n\r\n")
                    .endOfRequest();
            server.untilWaiting(Stage.HEAD, 1);
            server.untilWaiting(Stage.BODY, 1);
            assertThat(malformed.answer().status(), is(400));
            assertThat(tooLong.answer().status(), is(414));
            resets.reset();
            leaves.close();
            until(() -> server.guard.connections() == 0);
            malformed.close();
            tooLong.close();
        }
    }

    @Test
    void serverStopLeavesNothing() throws Exception {
        EdgeServer server = new EdgeServer(100);
        try (server;
                RawClient client = server.client()) {
            assertThat(client.send(GET).answer().status(), is(200));
            server.untilWaiting(Stage.IDLE, 1);
            server.stop();
            assertThat(client.isClosedByServer(), is(true));
            until(() -> server.guard.connections() == 0);
        }
    }

    /** Filling the relay up with kept-alive connections must not silence it. */
    @Test
    void crowdOfIdleConnectionsMakesRoomOldestFirst() throws Exception {
        try (EdgeServer server = new EdgeServer(10)) {
            List<RawClient> crowd = new ArrayList<>();
            for (int i = 0; i < 9; i++) {
                RawClient client = server.client();
                assertThat(client.send(GET).answer().status(), is(200));
                server.untilWaiting(Stage.IDLE, i + 1);
                server.pass(MOMENT);
                crowd.add(client);
            }
            assertThat(server.guard.closedForRoom(), is(0L));
            RawClient tenth = server.client();
            server.untilWaiting(Stage.FRESH, 1);
            server.guard.reap();
            assertThat(crowd.getFirst().isClosedByServer(), is(true));
            assertThat(server.guard.closedForRoom(), is(1L));
            assertThat(tenth.send(GET).answer().status(), is(200));
            assertThat(crowd.get(1).send(GET).answer().status(), is(200));
            tenth.close();
            for (RawClient client : crowd) {
                client.close();
            }
        }
    }

    /** So must filling it up with connections that never ask anything. */
    @Test
    void crowdOfSilentConnectionsMakesRoomAfterASecond() throws Exception {
        try (EdgeServer server = new EdgeServer(10)) {
            List<RawClient> crowd = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                crowd.add(server.client());
            }
            server.untilWaiting(Stage.FRESH, 10);
            server.pass(Duration.ofMillis(999));
            assertThat(server.guard.closedForRoom(), is(0L));
            server.pass(MOMENT);
            assertThat(server.guard.closedForRoom(), is(1L));
            until(() -> server.guard.connections() == 9);
            try (RawClient health = server.client()) {
                HttpAnswer answer = health.send(GET).answer();
                assertThat(answer.status(), is(200));
                assertThat(answer.header("Connection"), is(Optional.of("close")));
            }
            for (RawClient client : crowd) {
                client.close();
            }
        }
    }

    @Test
    void newConnectionsAreRefusedWhileDescriptorsAreScarce() throws Exception {
        try (EdgeServer server = new EdgeServer(10)) {
            server.guard.scarce(true);
            try (RawClient client = server.client()) {
                assertThat(client.isClosedByServer(), is(true));
            }
            server.guard.scarce(false);
            try (RawClient client = server.client()) {
                assertThat(client.send(GET).answer().status(), is(200));
            }
        }
    }

    /** helidon#12324. */
    @Test
    void connectionCloseCloses() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            HttpAnswer answer = client.send("GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    .answer();
            assertThat(answer.body(), is("ok"));
            assertThat(answer.header("Connection"), is(Optional.of("close")));
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /** The same after a body, whole and in chunks, that was read: at once, without the wait for stragglers. */
    @Test
    @SuppressWarnings("StringConcatToTextBlock")
    void connectionCloseClosesAfterABody() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient length = server.client();
                RawClient chunks = server.client()) {
            length.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
            chunks.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "2\r\nhi\r\n0\r\n\r\n");
            assertThat(length.answer().body(), is("hi"));
            assertThat(length.isClosedByServer(), is(true));
            assertThat(chunks.answer().body(), is("hi"));
            assertThat(chunks.isClosedByServer(), is(true));
        }
    }

    /** Every parked poll gets its answer before its socket is closed, and the guard knows when that is done. */
    @Test
    void drainAnswersEveryParkedPoll() throws Exception {
        int polls = 200;
        try (EdgeServer server = new EdgeServer(1000)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < polls; i++) {
                clients.add(server.client().send("GET /park HTTP/1.1\r\nHost: a\r\n\r\n"));
            }
            RawClient idle = server.client();
            assertThat(idle.send(GET).answer().status(), is(200));
            until(() -> server.parked.get() == polls);
            server.untilWaiting(Stage.IDLE, 1);
            server.guard.drain();
            assertThat(idle.isClosedByServer(), is(true));
            idle.close();
            server.wake.countDown();
            assertThat(server.guard.awaitDrained(Duration.ofSeconds(30)), is(true));
            server.stop();
            for (RawClient client : clients) {
                HttpAnswer answer = client.answer();
                assertThat(answer.status(), is(503));
                assertThat(answer.body(), is("woken"));
                assertThat(answer.header("Connection"), equalTo(Optional.of("close")));
                assertThat(client.isClosedByServer(), is(true));
                client.close();
            }
        }
    }

    /** A client that opens a connection and says nothing must not hold up the end for long. */
    @Test
    void drainWaitsASecondForANewConnection() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient silent = server.client();
                RawClient asks = server.client()) {
            server.untilWaiting(Stage.FRESH, 2);
            server.guard.drain();
            HttpAnswer answer = asks.send(GET).answer();
            assertThat(answer.header("Connection"), is(Optional.of("close")));
            server.pass(Duration.ofSeconds(1));
            assertThat(silent.isClosedByServer(), is(true));
            assertThat(server.guard.awaitDrained(Duration.ofSeconds(30)), is(true));
        }
    }

    /** A body that nobody reads is drained, and the connection stays. */
    @Test
    void unreadBodyIsDrained() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.answer().status(), is(401));
            assertThat(client.send("12345" + GET).answer().body(), is("ok"));
        }
    }

    /** The drain ends when the time for the body does. */
    @Test
    void unreadBodyThatNeverComesIsCutOff() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
            assertThat(client.answer().status(), is(401));
            server.untilWaiting(Stage.BODY, 1);
            server.pass(BODY);
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /**
     * A client that was not told to continue may have sent its body all the same: it must not become the next request.
     */
    @Test
    void refusedExpectationEndsTheConnection() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 30\r\n\r\n");
            HttpAnswer answer = client.answer();
            assertThat(answer.status(), is(401));
            assertThat(answer.header("Connection"), is(Optional.of("close")));
            client.send(GET).endOfRequest();
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    @Test
    void expectationIsMetWhenTheBodyIsRead() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            assertThat(client.answer().status(), is(100));
            assertThat(client.send("hi").answer().body(), is("hi"));
            assertThat(client.send(GET).answer().status(), is(200));
        }
    }

    /** A 413 to a client that is still sending: closing over unread bytes would reset the answer away. */
    @Test
    void answerToAClientThatStillSendsArrivesWhole() throws Exception {
        try (EdgeServer server = new EdgeServer(100);
                RawClient client = server.client()) {
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(50_000));
            HttpAnswer answer = client.answer();
            assertThat(answer.status(), is(413));
            assertThat(answer.body(), containsString("payload_too_large"));
            server.untilWaiting(Stage.LINGER, 1);
            server.passUntilLate(ReadDeadlines.LINGER, 1);
            assertThat(client.isClosedByServer(), is(true));
        } catch (IOException e) {
            throw new AssertionError("the answer was destroyed", e);
        }
    }
}
