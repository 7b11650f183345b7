package dev.harp.relay.http.edge;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.http.edge.ReadDeadlines.Stage;
import dev.harp.testing.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Heads without an end, in pieces, and of very many fields. The clock stands still. */
@Timeout(300)
class UnfinishedHeadsTest {
    private static final String GET = "GET /ok HTTP/1.1\r\nHost: a\r\n";
    private static final int CONNECTIONS = 1000;

    /** A sixteenth of the connections. */
    private static final int SHARE = 62;

    /** A peer that leaves one head after the other unfinished keeps its share of them, and the others their places. */
    @Test
    void aPeerHoldsNoMoreUnfinishedHeadsThanItsShare() throws Exception {
        List<RawClient> held = new ArrayList<>();
        try (EdgeServer server = new EdgeServer(CONNECTIONS)) {
            for (int i = 0; i < SHARE; i++) {
                held.add(server.client().send(GET));
            }
            until(() -> server.guard.unfinishedHeads() == SHARE);
            try (RawClient one = server.client().send(GET)) {
                assertThat(one.isClosedByServer(), is(true));
            }
            assertThat(server.guard.closedForRoom(), is(1L));
            try (RawClient usual = server.client().send(GET + "\r\n")) {
                assertThat("a head in one read", usual.answer().status(), is(200));
            }
            assertThat(held.getFirst().send("\r\n").answer().status(), is(200));
            until(() -> server.guard.unfinishedHeads() == SHARE - 1);
            held.get(1).reset();
            until(() -> server.guard.unfinishedHeads() == SHARE - 2);
            held.set(1, server.client().send(GET));
            until(() -> server.guard.unfinishedHeads() == SHARE - 1);
        } finally {
            for (RawClient client : held) {
                client.close();
            }
        }
    }

    /** A trusted proxy has no share, since it stands for many clients; and all peers together have a bound. */
    @Test
    void allPeersTogetherAreBounded() throws Exception {
        InetAddress proxy = InetAddress.getByName("192.0.2.1");
        UnfinishedHeads heads = new UnfinishedHeads(CONNECTIONS, proxy::equals);
        for (int i = 0; i < CONNECTIONS / 4 - 1; i++) {
            assertThat(heads.enter(proxy), is(true));
        }
        InetAddress other = InetAddress.getByName("192.0.2.2");
        assertThat(heads.enter(other), is(true));
        assertThat(heads.enter(other), is(false));
        assertThat(heads.enter(proxy), is(false));
        heads.leave(proxy);
        assertThat(heads.enter(other), is(true));
        assertThat(heads.held(), is(CONNECTIONS / 4L));
    }

    /** Each read leaves an object and an array behind: 15 KB byte by byte would take 540 KB. */
    @Test
    void aHeadThatComesInPiecesIsRefused() throws Exception {
        try (EdgeServer server = new EdgeServer(CONNECTIONS)) {
            Head head = new Head(server.guard, InetAddress.getLoopbackAddress());
            for (int i = 0; i < Head.MAX_READS; i++) {
                head.add(new byte[] {'a'});
                assertThat(head.isTooLarge(), is(false));
            }
            head.add(new byte[] {'a'});
            assertThat(head.isTooLarge(), is(true));
        }
    }

    /** A field takes some 200 bytes however short it is. */
    @Test
    void aHeadOfVeryManyFieldsIsRefused() throws Exception {
        try (EdgeServer server = new EdgeServer(CONNECTIONS);
                RawClient client = server.client()) {
            String most = GET + fields(Head.MAX_FIELDS - 1) + "\r\n";
            assertThat(client.send(most).answer().status(), is(200));
            assertThat("in one read", client.send(most + most).answer().status(), is(200));
            assertThat("of a pipelined request", client.answer().status(), is(200));
            client.send(GET + fields(Head.MAX_FIELDS) + "\r\n");
            assertThat(client.answer().lines().getFirst(), startsWith("HTTP/1.1 431"));
            assertThat(client.isClosedByServer(), is(true));
        }
    }

    /** Before the head is complete, so that a client cannot hold them either. */
    @Test
    void veryManyFieldsWithoutAnEndAreRefused() throws Exception {
        try (EdgeServer server = new EdgeServer(CONNECTIONS);
                RawClient client = server.client()) {
            client.send(GET + fields(2 * Head.MAX_FIELDS));
            server.untilWaiting(Stage.HEAD, 1);
            assertThat(client.send("X-More: 1\r\n").answer().status(), is(431));
        }
    }

    /** A body is no head: its lines do not count, and neither do its pieces. */
    @Test
    void theLinesOfABodyDoNotCount() throws Exception {
        try (EdgeServer server = new EdgeServer(CONNECTIONS);
                RawClient client = server.client()) {
            String post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n" + "\n".repeat(400);
            for (int i = 0; i < 3; i++) {
                assertThat(client.send(post + post).answer().status(), is(200));
                assertThat(client.answer().status(), is(200));
            }
        }
    }

    private static String fields(int count) throws IOException {
        StringBuilder fields = new StringBuilder();
        for (int i = 0; i < count; i++) {
            fields.append("x").append(i).append(":1\r\n");
        }
        return fields.toString();
    }
}
