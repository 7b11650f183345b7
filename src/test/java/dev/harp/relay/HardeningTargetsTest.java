package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Hostile queries, paths and ids. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class HardeningTargetsTest extends Hardening {
    /** Every edge of {@code wait}: nothing parks a thread for longer than the relay wants, nothing overflows. */
    @Test
    void edgesOfWait() {
        TestRelay relay = start();
        Pair session = relay.session();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.respond(pair, id).is(200);
        for (String target : List.of("/v1/pairs/" + session.id(), "/v1/requests/" + id)) {
            String token = target.contains("pairs") ? session.platform() : pair.platform();
            for (String wait : List.of(
                    "wait=",
                    "wait",
                    "wait=-1",
                    "wait=+1",
                    "wait=%2B1",
                    "wait=1.0",
                    "wait=1e1",
                    "wait=0x1",
                    "wait=%20",
                    "wait=1%20",
                    "wait=1&wait=1",
                    "wait=0&wait=",
                    "wait=%D9%A1",
                    "wait=\u00b2",
                    "wait=%00",
                    "wait=0%00",
                    "wait=1,1",
                    "wait=%zz",
                    "wait=%",
                    "wait=1;wait=2",
                    "w%61it=x",
                    "wait=" + "-".repeat(1000))) {
                int status = relay.get(target + "?" + wait, token).status();
                assertThat(wait, status, is(400));
            }
        }
        for (String wait : List.of(
                "0",
                "00",
                "000000000000000000000000000",
                "1",
                "540",
                "541",
                "2147483648",
                "9223372036854775807",
                "9223372036854775808",
                "9".repeat(1000))) {
            relay.get("/v1/requests/" + id + "?wait=" + wait, pair.platform()).is(200);
        }
        relay.get("/v1/requests/" + id + "?w=-1&WAIT=-1&wait=0&%zz", pair.platform());
    }

    /** A wait of a thousand years is the longest that the relay allows. */
    @Test
    void endlessWaitIsLowered() throws Exception {
        TestRelay relay = start("MAX_WAIT=1");
        Pair session = relay.session();
        relay.get("/v1/pairs/" + session.id() + "?wait=" + "9".repeat(40), session.platform())
                .is(200);
    }

    /** Cursors that no relay has issued. */
    @Test
    void forgedCursors() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        for (String after : List.of(
                "",
                "x",
                "-1",
                "1-",
                "-",
                "1-0",
                "5-3",
                "1.5",
                "%00",
                "1%0a",
                "1&after=1",
                "%D9%A1",
                "9".repeat(19),
                "9".repeat(3000),
                "1-2-3",
                "%2B1",
                "0x1",
                "' OR 1=1")) {
            String target = "/v1/devices/" + pair.phone().id() + "/requests?after="
                    + after.replace(" ", "%20").replace("'", "%27");
            relay.get(target, pair.phone().token()).is(400, "invalid_parameter");
        }
        for (String after : List.of("9".repeat(18), "0-" + "9".repeat(18), "1000000")) {
            HttpAnswer answer = relay.list(pair.phone(), after).is(200);
            assertThat(answer.json().getBoolean("reset"), is(true));
            assertThat(answer.json().getJsonArray("requests").getJsonObject(0).getString("request_id"), is(id));
        }
    }

    /** Ids of odd bytes: encoded, overlong, Unicode digits, controls, traversal, ten thousand characters. */
    @Test
    void oddIds() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        List<String> odd = new ArrayList<>(List.of(
                "%00",
                id + "%00",
                "%00" + id,
                id + "%0d%0aX-Injected:%201",
                id + "%2F",
                "..%2F" + id,
                "%2e%2e",
                id + "%20",
                "%20" + id,
                id + "%0a",
                id + "\t",
                id.replace("0", "%D9%A0"),
                id.replace("-", "%E2%80%90"),
                id.replace("-", ""),
                "%C0%AF",
                "%ff",
                "%",
                "%z",
                "%u0041",
                "x".repeat(3000),
                "%41".repeat(1000),
                "-".repeat(36),
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-7fff-bfff-ffffffffffff",
                "{" + id + "}",
                "urn:uuid:" + id,
                "1%27%20OR%20%271%27=%271",
                "%24%7Bjndi:ldap://x%7D",
                pair.id(),
                pair.phone().id(),
                "null",
                "undefined",
                "*",
                "~",
                "\u00e9"));
        for (String one : odd) {
            for (String method : List.of("GET", "DELETE")) {
                HttpAnswer answer = relay.call(method, "/v1/requests/" + one, pair.platform(), NO_BODY);
                assertThat(one + " " + answer, List.of(400, 401, 404).contains(answer.status()), is(true));
                assertThat(answer.headers("X-Injected"), is(List.of()));
            }
            HttpAnswer answer = relay.put(
                    "/v1/requests/" + one + "/response",
                    pair.phone().token(),
                    "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}");
            assertThat(one + " " + answer, List.of(400, 401, 404).contains(answer.status()), is(true));
            HttpAnswer list =
                    relay.get("/v1/devices/" + one + "/requests", pair.phone().token());
            assertThat(
                    one + " " + list,
                    List.of(400, 401, 404).contains(list.status())
                            || one.equals(pair.phone().id()),
                    is(true));
            HttpAnswer bound =
                    relay.put("/v1/pairs/" + one + "/device", pair.phone().token(), OPENING);
            assertThat(
                    one + " " + bound,
                    List.of(400, 403, 404).contains(bound.status()) || one.equals(pair.id()),
                    is(true));
        }
        relay.get("/v1/requests/" + "x".repeat(10_000), pair.platform()).is(414, "uri_too_long");
        assertThat(relay.state(pair, id), is(not("cancelled")));
        relay.get("/v1/requests/" + id.toUpperCase(Locale.ROOT), pair.platform())
                .is(200);
    }

    /** Request ids in a body that only look like UUIDv7. */
    @Test
    void oddIdsInBodies() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.newId();
        for (String odd : List.of(
                "",
                "x",
                id + " ",
                " " + id,
                id + "\\u0000",
                id + "\\n",
                id.replace("-", ""),
                id.substring(1),
                id + "0",
                "{" + id + "}",
                "urn:uuid:" + id,
                id.replaceFirst("-7", "-4"),
                id.replaceFirst("-7", "-1"),
                id.substring(0, 19) + "0" + id.substring(20),
                id.substring(0, 19) + "c" + id.substring(20),
                "x".repeat(100_000),
                id.replaceFirst("0", "\u0660"),
                "00000000-0000-0000-0000-000000000000")) {
            relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, odd, ""))
                    .is(400, "invalid_request");
        }
        for (String odd : List.of(
                "pair_",
                "pair_A1B2C3D4E5F6",
                pair.id() + "0",
                " " + pair.id(),
                pair.id() + "\\u0000",
                "x",
                "",
                "pair_\u0660b2c3d4e5f6a")) {
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, relay.newId(), "").replace(pair.id(), odd))
                    .is(400, "invalid_request");
        }
        assertThat(relay.list(pair.phone()).json().getJsonArray("requests").isEmpty(), is(true));
    }

    /**
     * A proxy that guards a path by its name would not know it with another segment; and one rule is for all of them.
     */
    @Test
    void emptySegments() {
        TestRelay relay = start();
        for (String path : List.of(
                "//health",
                "/health/",
                "/health//",
                "/;a=b/health",
                "/x/..//health",
                "//openapi.yaml",
                "/openapi.yaml/",
                "//v1/about",
                "/v1//about",
                "/v1/about/",
                "/v1/;a=b/about",
                "//",
                "//app/",
                "/app//")) {
            for (String target : List.of(path, "http://r" + path)) {
                relay.answers("GET " + target + " HTTP/1.1\r\nHost: r\r\n\r\n")
                        .getFirst()
                        .is(404, "not_found");
            }
        }
        for (String target : List.of(
                "/health",
                "/health;a=b",
                "/./health",
                "/x/../health",
                "/%68ealth",
                "/v1/about?a=//",
                "http://r/health")) {
            List<HttpAnswer> answers = relay.answers("GET " + target + " HTTP/1.1\r\nHost: r\r\n\r\n");
            assertThat(target, answers.getFirst().status(), is(200));
        }
    }

    /** Paths that a lenient router takes for others. */
    @Test
    void crookedPaths() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String path : List.of(
                "/v1/pairs/",
                "/v1/pairs/" + pair.id() + "/",
                "/v1//pairs",
                "//v1/pairs",
                "/v1/./pairs",
                "/v1/../v1/pairs",
                "/v1/pairs/../pairs",
                "/V1/pairs",
                "/v1/pairs;x=y",
                "/v1/pairs%2f",
                "/v1%2fpairs",
                "/v1/%70airs/x/y",
                "/v1",
                "/v1/",
                "/",
                "/v2/pairs",
                "/v1/pairs/x/y/z",
                "/v1/requests/x/responses",
                "/favicon.ico",
                "/.env",
                "/v1/pairs/x/device/x",
                "/health/",
                "/health/x",
                "/openapi.yaml/",
                "/openapi",
                "/observe/health",
                "/metrics")) {
            HttpAnswer answer = relay.call("TRACE", path, pair.platform(), NO_BODY);
            assertThat(path + " " + answer, List.of(400, 404, 405, 501).contains(answer.status()), is(true));
            assertThat(path + " " + answer, answer.body(), not(containsString(pair.platform())));
        }
    }
}
