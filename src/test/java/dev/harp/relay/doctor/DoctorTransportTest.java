package dev.harp.relay.doctor;

import static dev.harp.relay.doctor.StandIn.json;
import static dev.harp.relay.doctor.StandIn.page;
import static dev.harp.relay.doctor.StandIn.problem;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.testing.FakeServer.End;
import dev.harp.testing.FakeServer.Reply;
import dev.harp.testing.FakeServer.Request;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The doctor's findings about the way to a server, and about what it answers first. */
@Timeout(300)
class DoctorTransportTest extends DoctorRig {
    @Test
    void healthyRelay() {
        Examined examined = examine();
        assertThat(
                examined.lines(),
                is(List.of(
                        relay.target() + ", with a long poll of 65 s at the end, in at most 185 s",
                        "skip  tls         plain HTTP, within this machine",
                        "ok    health      200 after 0 ms",
                        "ok    api         version " + examined.line("api").replaceFirst(".* ", ""),
                        "ok    address     no PUBLIC_URL: phones get the address that the platform calls",
                        "skip  app         the relay serves no app (APP, or built without it)",
                        "skip  push        no Web Push: a browser gets requests only while the app is open; the relay's"
                                + " log says why (push_off), unless PUSH is set",
                        "ok    clock       that of this machine",
                        "ok    keep-alive  two calls on one connection",
                        "ok    client      127.0.0.1, and no proxy between",
                        "ok    forgery     a client's own X-Forwarded-For does not count",
                        "ok    headers     one of 7168 bytes arrives, and the relay's come back",
                        "ok    methods     PUT, PATCH and DELETE arrive",
                        "ok    cors        OPTIONS arrives; CORS_ORIGINS does not name this address, and the app needs"
                                + " that only elsewhere",
                        "ok    pairing     a platform and a device are admitted",
                        "ok    body        131072 bytes arrive",
                        "ok    events      they begin at once, and each event passes",
                        "ok    approval    a question of 4 characters and an answer of 4 arrive",
                        "ok    poll        answered after 65.0 s",
                        "ok    removal     4 pairings and devices, which were opened for this, are removed",
                        "all is well, after 65.0 s")));
        assertThat(examined.exit(), is(Doctor.ALL_OK));
        // Each pairing is revoked, with its own token.
        assertThat(relay.calls().stream().filter(OPEN::equals).toList(), hasSize(3));
        assertThat(relay.calls().stream().filter(REVOKE::equals).toList(), hasSize(3));
        assertThat(
                relay.received().stream()
                        .filter(got -> got.call().equals(REVOKE) || got.call().equals(WAIT))
                        .map(Request::lines)
                        .toList(),
                everyItem(hasItem("Authorization: Bearer " + StandIn.TOKEN)));
        assertThat(
                relay.received().stream().map(got -> got.lines().getFirst()).toList(),
                hasItem("GET /v1/pairs/" + StandIn.ID + "?wait=65 HTTP/1.1"));
        assertThat(String.join("\n", examined.lines()), not(containsString(StandIn.TOKEN)));
    }

    @Test
    void nothingListens() throws Exception {
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            target = Doctor.target("http://127.0.0.1:" + gone.getLocalPort()).orElseThrow();
        }
        Examined examined = examine();
        assertThat(examined.line("tls"), matchesPattern("FAIL +tls +127.0.0.1 port \\d+: nothing listens there .*"));
        assertThat(examined.line("poll"), startsWith("skip"));
        assertThat(examined.lines(), hasSize(21));
        assertThat(examined.exit(), is(Doctor.FAULTS));
    }

    /** Without a health answer nothing else is checked: one fault, one line. */
    @Test
    void health() {
        relay.on(HEALTH, page(502));
        assertThat(
                examine().lines().stream()
                        .filter(line -> line.startsWith("FAIL"))
                        .toList(),
                hasSize(1));
        finds("health", containsString("answered 502: the proxy does not get through to the relay"));
        relay.on(HEALTH, page(404));
        finds("health", containsString("no relay answers at this address"));
        relay.on(HEALTH, json(503, "{\"status\":\"unavailable\"}"));
        finds("health", containsString("the relay is being stopped"));
        relay.on(HEALTH, problem(505, "http_version_not_supported"));
        finds("health", containsString("nginx: proxy_http_version 1.1"));
        relay.on(HEALTH, json(200, "{\"status\":\"UP\"}"));
        finds("health", containsString("something else than a relay"));
        relay.on(HEALTH, page(200));
        finds("health", containsString("something else than a relay"));
        relay.on(HEALTH, page(401));
        finds("health", containsString("auth_basic"));
        relay.on(HEALTH, page(400));
        finds("health", containsString("use https"));
        relay.on(HEALTH, page(418));
        finds("health", containsString("answered 418: this is not what a relay answers"));
        relay.on(HEALTH, with("Location: https://relay.example.org/\u001b[2J", page(301)));
        finds("health", containsString("https://relay.example.org/?[2J"));
    }

    /** Hostile servers, and servers of other protocols: one line each, in time, and no control characters of theirs. */
    @Test
    void notHttp() {
        String ok = "HTTP/1.1 200 OK\r\n";
        relay.on(HEALTH, new Reply("SSH-2.0-OpenSSH_9.2\r\n", End.HANG));
        finds("health", containsString("does not begin as HTTP/1.1 does"));
        relay.on(HEALTH, new Reply("HTTP/2 200\r\n\r\n", End.HANG));
        finds("health", containsString("does not begin as HTTP/1.1 does"));
        relay.on(HEALTH, new Reply("x".repeat(10_000), End.REPEAT));
        finds("health", containsString("head is larger than any"));
        relay.on(HEALTH, new Reply(ok + "X: y\r\n".repeat(10_000), End.HANG));
        finds("health", containsString("head is larger than any"));
        relay.on(HEALTH, new Reply("HTTP/1.1 100 Continue\r\n\r\n", End.REPEAT));
        finds("health", containsString("head is larger than any"));
        relay.on(HEALTH, new Reply(ok + "Content-Length: 99999999\r\n\r\n", End.HANG));
        finds("health", containsString("the answer is larger than any"));
        relay.on(HEALTH, new Reply(ok + "\r\n" + "x".repeat(2_000_000), End.HANG));
        finds("health", containsString("the answer is larger than any"));
        relay.on(
                HEALTH,
                new Reply(
                        ok + "Transfer-Encoding: chunked\r\n\r\n" + "f4240\r\n" + "x".repeat(1_000_000)
                                + "\r\nf4240\r\n",
                        End.HANG));
        finds("health", containsString("the answer is larger than any"));
        for (String unclear : List.of(
                "Content-Length: 1\r\nContent-Length: 2",
                "Content-Length: -1",
                "Content-Length: 1, 1",
                "Transfer-Encoding: chunked\r\nContent-Length: 1",
                "Transfer-Encoding: gzip, chunked")) {
            relay.on(HEALTH, new Reply(ok + unclear + "\r\n\r\n", End.HANG));
            finds("health", containsString("the answer's length is unclear"));
        }
        relay.on(HEALTH, new Reply(ok + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", End.HANG));
        finds("health", containsString("the size of a chunk is malformed"));
        relay.on(HEALTH, new Reply(ok + "Transfer-Encoding: chunked\r\n\r\n1\r\nxyz\r\n", End.HANG));
        finds("health", containsString("a chunk does not end where it should"));
        relay.on(HEALTH, new Reply(ok + " folded: x\r\n\r\n", End.HANG));
        finds("health", containsString("a header field is malformed"));
        relay.on(HEALTH, new Reply("", End.CLOSE));
        finds("health", containsString("closed without an answer"));
        relay.on(HEALTH, new Reply("", End.RESET));
        finds("health", containsString("broke without an answer"));
        relay.on(HEALTH, new Reply(ok, End.CLOSE));
        finds("health", containsString("closed in the middle of the answer"));
        relay.on(HEALTH, new Reply(ok + "Content-Length: 10\r\n\r\nxyz", End.CLOSE));
        finds("health", containsString("closed in the middle of the answer"));
        relay.on(HEALTH, json(200, "[".repeat(500_000)));
        finds("health", containsString("something else than a relay"));
    }

    /** Neither silence nor single bytes extend the deadline. */
    @Test
    void silence() {
        for (Reply silent : List.of(HANG, new Reply("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", End.HANG))) {
            relay.on(HEALTH, silent);
            Examined examined = examine(POLL, HASTE, Optional.empty());
            assertThat(examined.line("health"), containsString("no answer within 4.0 s"));
            assertThat(examined.exit(), is(Doctor.FAULTS));
        }
    }

    /** Chunks, interim answers and a body that ends with the connection are valid HTTP/1.1. */
    @Test
    void otherHttp() {
        String type = "Content-Type: application/json; charset=utf-8\r\n";
        String body = "{\"status\":\"ok\"}";
        relay.on(
                HEALTH,
                new Reply(
                        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200\r\ntransfer-encoding: Chunked\r\n"
                                + type
                                + "\r\n5;x=y\r\n" + body.substring(0, 5) + "\r\nA\r\n" + body.substring(5)
                                + "\r\n0\r\nTrailer: x\r\n\r\n",
                        End.KEEP));
        finds("keep-alive", startsWith("ok"));
        relay.on(HEALTH, new Reply("HTTP/1.1 200 OK\r\n" + type + "\r\n" + body, End.CLOSE));
        finds("keep-alive", containsString("keepalive_timeout 75s"));
        assertThat(examine().line("health"), startsWith("ok"));
    }
}
