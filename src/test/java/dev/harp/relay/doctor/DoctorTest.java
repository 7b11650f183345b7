package dev.harp.relay.doctor;

import static dev.harp.relay.doctor.StandIn.about;
import static dev.harp.relay.doctor.StandIn.json;
import static dev.harp.relay.doctor.StandIn.page;
import static dev.harp.relay.doctor.StandIn.problem;
import static dev.harp.relay.doctor.StandIn.reply;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.testing.FakeServer.End;
import dev.harp.testing.FakeServer.Reply;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The doctor's findings about servers that do not behave as a relay does. {@code nginx.DoctorIT} has real ones. */
@Timeout(300)
class DoctorTest extends DoctorRig {
    @Test
    void api() {
        relay.on("GET /openapi.yaml", reply(200, "application/yaml", "info:\n  version: 99.0.0\n"));
        finds("api", allOf(startsWith("warn"), containsString("version 99.0.0, and this doctor is of ")));
        relay.on("GET /openapi.yaml", page(200));
        finds("api", containsString("proxy_pass has to lead there for all paths"));
        relay.on("GET /v1/doctor/looks-for-what-is-not-there", page(404));
        finds("api", containsString("the proxy puts pages of its own"));
    }

    @Test
    void clock() {
        for (long off : new long[] {0, 1, 3, -1, -4}) {
            relay.on(ABOUT, about(NOW + off, "127.0.0.1", "none"));
            finds("clock", startsWith("ok"));
        }
        relay.on(ABOUT, about(NOW + 60, "127.0.0.1", "none"));
        finds("clock", allOf(startsWith("warn"), containsString("60 s ahead of"), containsString("timedatectl")));
        relay.on(ABOUT, about(NOW - 200, "127.0.0.1", "none"));
        finds("clock", allOf(startsWith("FAIL"), containsString("199 s behind"), containsString("REPLAY_WINDOW")));
        relay.on(ABOUT, json(200, "{\"time\":1e999999999}"));
        finds("clock", containsString("does not tell its time"));
    }

    @Test
    void address() throws Exception {
        relay.on(ABOUT, told(relay.target().toString()));
        finds("address", allOf(startsWith("ok"), containsString("led here")));
        relay.on(ABOUT, told(relay.target() + "/harp"));
        finds("address", allOf(startsWith("skip"), containsString("/harp by PUBLIC_URL; call the doctor with that")));
        relay.on(ABOUT, told("https://relay.example.org"));
        finds("address", allOf(startsWith("skip"), containsString("https://relay.example.org by PUBLIC_URL")));
        relay.on(ABOUT, told("javascript:alert(1)"));
        finds("address", containsString("no PUBLIC_URL"));
    }

    @Test
    void app() {
        String page = "GET /app/";
        String own = "Content-Security-Policy: default-src 'none'; script-src 'self'";
        relay.on(ABOUT, json(200, "{\"time\":" + NOW + ",\"app\":true}"));
        relay.on(page, with(own, reply(200, "text/html; charset=utf-8", "<!doctype html>")));
        String script = "\"a.js\":\"" + "0".repeat(64) + "\",\"README\":\"" + "0".repeat(64) + "\"";
        relay.on("GET /app/hashes.json", json(200, "{\"a.js\":\"no digest\"}"));
        assertThat(examine().line("app"), containsString("/app/hashes.json is not the relay's"));
        relay.on("GET /app/hashes.json", json(200, "{" + script + "}"));
        relay.on("GET /app/a.js", reply(200, "text/javascript", "1"));
        assertThat(examine().line("app"), containsString("as the relay sends them: a.js (changed). The proxy"));
        relay.on("GET /app/a.js", reply(200, "text/plain", "1"));
        assertThat(examine().line("app"), containsString(" a.js (text/plain). "));
        relay.on("GET /app/a.js", page(404));
        assertThat(examine().line("app"), containsString(" a.js (404). "));
        relay.on(page, reply(200, "text/html", "<!doctype html>"));
        assertThat(examine().line("app"), allOf(startsWith("FAIL"), containsString("without its")));
        String added = "Content-Security-Policy: default-src 'none'";
        relay.on(page, with(added, reply(200, "text/html", "<!doctype html>")));
        assertThat(examine().line("app"), allOf(startsWith("FAIL"), containsString("without its")));
        relay.on(page, with(added, with(own, reply(200, "text/html", "<!doctype html>"))));
        assertThat(
                examine().line("app"), allOf(startsWith("FAIL"), containsString("a second Content-Security-Policy")));
        relay.on(page, page(404));
        assertThat(examine().line("app"), allOf(startsWith("FAIL"), containsString("is not the relay's page")));
        relay.on(page, reply(200, "text/plain", "hello"));
        assertThat(examine().line("app"), allOf(startsWith("FAIL"), containsString("is not the relay's page")));
        relay.on(ABOUT, json(200, "{\"time\":" + NOW + ",\"app\":\"true\"}"));
        assertThat(examine().line("app"), startsWith("skip"));
    }

    @Test
    void push() throws Exception {
        String about = "{\"time\":" + NOW + ",\"client_address\":\"127.0.0.1\",\"forwarded\":\"none\"";
        relay.on(ABOUT, json(200, about + ",\"vapid_public_key\":\"" + "B".repeat(87) + "\"}"));
        finds("push", is("ok    push        browsers are notified by Web Push"));
        relay.on(ABOUT, json(200, about + ",\"vapid_public_key\":\"none\"}"));
        finds("push", startsWith("skip"));
    }

    private static Reply told(String publicUrl) {
        return json(
                200,
                "{\"time\":" + NOW + ",\"client_address\":\"127.0.0.1\",\"forwarded\":\"none\",\"public_url\":\""
                        + publicUrl + "\"}");
    }

    /** A relay without {@code /v1/about}: its clock is read from the answer's {@code Date}. */
    @Test
    void olderRelay() {
        String body = "{\"code\":\"not_found\"}";
        relay.on(
                ABOUT,
                new Reply(
                        "HTTP/1.1 404 Not Found\r\nDate: Thu, 01 Jan 2026 00:01:40 GMT\r\nContent-Type:"
                                + " application/problem+json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body,
                        End.KEEP));
        finds("clock", containsString("100 s ahead"));
        finds("client", containsString("the relay is older than this doctor"));
        relay.on(ABOUT, page(404));
        finds("clock", containsString("does not tell its time"));
    }

    @Test
    void clientAddress() {
        relay.on(ABOUT, with("Server: nginx", about(NOW, "127.0.0.1", "none")));
        finds("client", allOf(startsWith("FAIL"), containsString("proxy_set_header X-Forwarded-For $remote_addr;")));
        relay.on(ABOUT, about(NOW, "192.0.2.80", "ignored"));
        finds(
                "client",
                allOf(
                        startsWith("FAIL"),
                        containsString("192.0.2.80"),
                        containsString("one NETWORK_SHARE: add it to the relay's TRUSTED_PROXIES")));
        relay.on(ABOUT, about(NOW, "198.51.100.23", "used"));
        finds("client", allOf(startsWith("skip"), containsString("198.51.100.23"), containsString("from another one")));
        for (String nonsense : List.of("localhost", "relay.example.org", "1.2.3.4.5", "", "::g")) {
            relay.on(ABOUT, about(NOW, nonsense, "used"));
            finds("client", containsString("does not tell which address"));
            finds("forgery", containsString("does not tell which address"));
        }
    }

    /** The address that a proxy passes on, and whether it can be this machine's. */
    @Test
    void forwardedAddress() {
        assertThat(told("192.168.1.9", "192.168.1.9", "192.0.2.80"), startsWith("OK 192.168.1.9, as"));
        assertThat(told("198.51.100.23", "192.168.1.9", "192.0.2.80"), startsWith("OK 198.51.100.23 (is it"));
        assertThat(
                told("192.0.2.80", "192.168.1.9", "192.0.2.80"),
                containsString("FAIL the relay takes you for 192.0.2.80,"));
        for (String inner : List.of(
                "10.0.0.3", "172.18.0.1", "192.168.7.7", "127.0.0.1", "169.254.1.1", "fd00::1", "fe80::1", "::1")) {
            assertThat(told(inner, "192.168.1.9", "192.0.2.80"), containsString("set_real_ip_from its network"));
        }
        assertThat(told("10.0.0.3", "10.0.0.9", "10.0.0.5"), startsWith("OK 10.0.0.3 (is it"));
        assertThat(told("172.18.0.1", "192.0.2.80", "192.0.2.80"), startsWith("SKIP"));
    }

    private static String told(String client, String here, String there) {
        Finding finding = ClientChecks.used(new ClientChecks.Seen(
                InetAddress.ofLiteral(client),
                "used",
                true,
                InetAddress.ofLiteral(here),
                InetAddress.ofLiteral(there)));
        return finding.verdict() + " " + finding.text();
    }

    /** A forged header that is trusted is a fault through a proxy, but correct from the relay's own machine. */
    @Test
    void forgery() {
        Reply plain = about(NOW, "127.0.0.1", "none");
        Reply direct = about(NOW, "203.0.113.7", "used");
        Reply proxied = with("Via: 1.1 x", direct);
        relay.on(ABOUT, got -> got.has("X-Forwarded-For: 203.0.113.7") ? direct : plain);
        finds("forgery", allOf(startsWith("skip"), containsString("TRUSTED_PROXIES")));
        relay.on(ABOUT, got -> got.has("X-Forwarded-For: 203.0.113.7") ? proxied : plain);
        finds("forgery", allOf(startsWith("FAIL"), containsString("it overwrites")));
    }

    @Test
    void body() {
        Reply opened = json(201, "{\"pair_id\":\"" + StandIn.ID + "\",\"platform_token\":\"" + StandIn.TOKEN + "\"}");
        relay.on(OPEN, got -> got.body().length() > 65_536 ? page(413) : opened);
        finds("body", allOf(startsWith("FAIL"), containsString("70000"), containsString("client_max_body_size 128k")));
        relay.on(OPEN, got -> got.body().length() > 100_000 ? page(413) : opened);
        finds("body", allOf(startsWith("warn"), containsString("131072"), containsString("client_max_body_size 128k")));
        // A server may refuse a body and close the connection before all of it has arrived.
        relay.on(OPEN, got -> got.body().length() > 65_536 ? new Reply(page(413).bytes(), End.RESET) : opened);
        assertThat(examine().line("body"), startsWith("FAIL"));
        relay.on(OPEN, problem(503, "relay_full"));
        finds("pairing", containsString("answered 503 relay_full: the relay is full"));
    }

    @Test
    void poll() {
        polled(Duration.ofMillis(30_040), page(504));
        finds("poll", allOf(containsString("504 after 30.0 s of 65 s"), containsString("proxy_read_timeout 600s")));
        polled(Duration.ofSeconds(12), page(502));
        finds("poll", containsString("has lost the relay (502) after 12.0 s"));
        polled(Duration.ofSeconds(60), new Reply("", End.CLOSE));
        finds("poll", allOf(containsString("cut off after 60.0 s of 65 s"), containsString("idle timeout")));
        polled(Duration.ofSeconds(60), new Reply("", End.RESET));
        finds("poll", containsString("cut off after 60.0 s of 65 s"));
        polled(Duration.ofSeconds(60), new Reply("HTTP/1.1 200 OK\r\n", End.CLOSE));
        finds("poll", containsString("cut off after 60.0 s of 65 s"));
        polled(Duration.ofSeconds(20), PENDING);
        finds("poll", allOf(startsWith("warn"), containsString("too early, after 20.0 s"), containsString("MAX_WAIT")));
        polled(POLL, json(200, "{\"status\":\"active\"}"));
        finds("poll", containsString("something else than the relay"));
        polled(POLL, page(200));
        finds("poll", containsString("something else than the relay"));
        polled(Duration.ZERO, problem(401, "unauthorized"));
        finds("poll", containsString("the proxy drops Authorization"));
        polled(Duration.ofSeconds(3), problem(503, "shutting_down"));
        finds("poll", containsString("stopped meanwhile"));
        polled(Duration.ZERO, problem(503, "relay_full"));
        finds("poll", containsString("MAX_WAITERS"));
        polled(Duration.ZERO, page(500));
        finds("poll", containsString("answered 500: a defect of the relay"));
        relay.on(OPEN, page(200));
        finds("pairing", containsString("answered 200: this is not what a relay answers"));
        relay.on(OPEN, json(201, "{\"pair_id\":\"../../x\",\"platform_token\":\"a\\r\\nb\"}"));
        finds("pairing", containsString("no relay's answer to the opening of a pairing"));
    }

    /** The pairing is revoked nevertheless. */
    @Test
    void unansweredPoll() {
        relay.on(WAIT, HANG);
        Examined examined = examine(Duration.ZERO, HASTE, Optional.empty());
        assertThat(examined.line("poll"), allOf(startsWith("FAIL"), containsString("never answered")));
        assertThat(relay.calls().getLast(), is(REVOKE));
    }

    @Test
    void registrationKey() {
        Reply opened = json(201, "{\"pair_id\":\"" + StandIn.ID + "\",\"platform_token\":\"" + StandIn.TOKEN + "\"}");
        relay.on(OPEN, got -> got.has("Authorization: Bearer " + KEY) ? opened : problem(401, "unauthorized"));
        Examined without = examine();
        assertThat(without.line("body"), startsWith("ok"));
        assertThat(
                without.line("pairing"),
                allOf(startsWith("warn"), containsString("environment variable REGISTRATION_KEY")));
        Examined wrong = examine(POLL, PATIENCE, Optional.of(KEY + "x"));
        assertThat(wrong.line("pairing"), allOf(startsWith("warn"), containsString("refuses this REGISTRATION_KEY")));
        Examined with = examine(POLL, PATIENCE, Optional.of(KEY));
        assertThat(with.exit(), is(Doctor.ALL_OK));
        for (Examined each : List.of(without, wrong, with)) {
            assertThat(String.join("\n", each.lines()), not(containsString(KEY)));
        }
    }

    /** Unencrypted, the key does not leave this machine. */
    @Test
    void keyInTheClear() throws Exception {
        Optional<InetAddress> outside = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst();
        assumeTrue(outside.isPresent(), "this machine has no other address");
        try (StandIn far = new StandIn(NOW, version(), outside.get())) {
            target = far.target();
            far.on(OPEN, problem(401, "unauthorized"));
            Examined examined = examine(POLL, PATIENCE, Optional.of(KEY));
            assertThat(examined.line("tls"), startsWith("warn"));
            assertThat(examined.line("pairing"), containsString("does not send in the clear: use https"));
            assertThat(far.calls(), hasItem(OPEN));
            assertThat(far.received().toString(), not(containsString(KEY)));
        }
    }

    @Test
    void connectionAnnouncedAsKeptIsClosed() {
        AtomicLong calls = new AtomicLong();
        Reply well = json(200, "{\"status\":\"ok\"}");
        // The first call is that of "health", the third the second one of "keep-alive".
        relay.on(HEALTH, _ -> calls.incrementAndGet() == 3 ? new Reply("", End.CLOSE) : well);
        finds("keep-alive", allOf(startsWith("FAIL"), containsString("does not take a second call")));
    }

    /** A wrong command is reported at once, and without the key. */
    @Test
    void wrongCommands(@TempDir Path folder) throws Exception {
        Optional<Path> none = Optional.empty();
        assertThat(wrong(Optional.of("relay.example.org"), none, Map.of()), containsString("'relay.example.org'"));
        assertThat(wrong(Optional.of("x\u001b[2J"), none, Map.of()), containsString("'x?[2J'"));
        assertThat(wrong(Optional.empty(), none, Map.of("PORT", "0")), containsString("PORT is no port to call"));
        assertThat(wrong(Optional.empty(), none, Map.of("PORT", "x")), containsString("PORT is no port to call"));
        String key = wrong(Optional.empty(), none, Map.of("REGISTRATION_KEY", KEY + "\r\nX: y"));
        assertThat(key, allOf(containsString("REGISTRATION_KEY"), not(containsString("canary"))));
        Path text = Files.writeString(folder.resolve("text.pem"), "no certificate");
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        for (Path file : List.of(text, empty, folder.resolve("missing.pem"), folder)) {
            assertThat(wrong(Optional.empty(), Optional.of(file), Map.of()), containsString(file.toString()));
        }
    }

    private static String wrong(Optional<String> url, Optional<Path> ca, Map<String, String> environment) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exit = Doctor.run(
                url, ca, POLL, environment, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
        assertThat(exit + out.toString(UTF_8), is(Doctor.WRONG + ""));
        assertThat(err.toString(UTF_8).lines().toList(), hasSize(1));
        return err.toString(UTF_8);
    }
}
