package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static dev.harp.relay.TestRelay.UNKNOWN_DEVICE;
import static dev.harp.relay.TestRelay.UNKNOWN_PLATFORM;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RequestIds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Hostile bodies, values, ids and credentials: each case is an attack that must come to nothing. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class HardeningTest extends WithRelay {
    private static final String OPENING = "{\"secret_hash\":\"" + SECRET + "\"}";

    // --- bodies ---

    private static String opening(String more) {
        return "{\"secret_hash\":\"" + SECRET + "\"," + more + "}";
    }

    private static byte[] opening(byte[] body, String... headers) {
        StringBuilder head = new StringBuilder("POST /v1/pairs HTTP/1.1\r\nHost: relay\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        head.append("Content-Length: ").append(body.length).append("\r\n\r\n");
        byte[] start = head.toString().getBytes(StandardCharsets.ISO_8859_1);
        byte[] all = new byte[start.length + body.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(body, 0, all, start.length, body.length);
        return all;
    }

    private static void refusesJson(TestRelay relay, String body) {
        relay.post("/v1/pairs", NO_TOKEN, body).is(400, "invalid_json");
    }

    /** A body cut off anywhere must not be taken for a shorter one. */
    @Test
    void truncatedJson() {
        TestRelay relay = start();
        String body = opening("\"ttl\":300");
        for (int length = 1; length < body.length(); length++) {
            refusesJson(relay, body.substring(0, length));
        }
    }

    /** Two parsers that take different ones of two equal names are a way around a check. */
    @Test
    void duplicateNames() {
        TestRelay relay = start();
        refusesJson(relay, opening("\"secret_hash\":\"" + SECRET + "\""));
        refusesJson(relay, opening("\"ttl\":300,\"ttl\":30"));
        refusesJson(relay, opening("\"x\":{\"y\":{\"z\":1,\"z\":2}}"));
        refusesJson(relay, opening("\"x\":[[{\"z\":1,\"z\":1}]]"));
        refusesJson(relay, opening("\"ttl\":300,\"\\u0074tl\":30"));
    }

    /** Bytes that are not UTF-8: overlong forms, lone continuations, UTF-8 surrogates, Latin-1. */
    @Test
    void notUtf8() {
        TestRelay relay = start();
        for (String bytes : List.of(
                "\u00c0\u00af",
                "\u0080",
                "\u00ed\u00a0\u0080",
                "\u00fe",
                "\u00e9",
                "\u00f5\u0080\u0080\u0080",
                "\u00c3")) {
            byte[] body = opening("\"x\":\"" + bytes + "\"").getBytes(StandardCharsets.ISO_8859_1);
            relay.send("POST", "/v1/pairs", opening(body, "Content-Type: application/json"))
                    .is(400, "invalid_json");
        }
    }

    /** UTF-16 and UTF-32 text, which a parser that guesses the encoding would read. */
    @Test
    void otherUnicodeEncodings() {
        TestRelay relay = start();
        for (String charset : List.of("UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32")) {
            byte[] body = OPENING.getBytes(java.nio.charset.Charset.forName(charset));
            relay.send("POST", "/v1/pairs", opening(body, "Content-Type: application/json"))
                    .is(400, "invalid_json");
        }
    }

    /** A byte order mark. */
    @Test
    void byteOrderMark() {
        refusesJson(start(), "\ufeff" + OPENING);
    }

    /** What JavaScript or a lenient parser would take, and JSON is not. */
    @Test
    void lenientJson() {
        TestRelay relay = start();
        for (String more : List.of(
                "\"ttl\":NaN",
                "\"ttl\":Infinity",
                "\"ttl\":-Infinity",
                "\"ttl\":0x3c",
                "\"ttl\":+60",
                "\"ttl\":060",
                "\"ttl\":60.",
                "\"ttl\":.6",
                "\"ttl\":60,",
                "ttl:60",
                "'ttl':60",
                "\"ttl\":60/**/",
                "\"ttl\":60//\n",
                "\"x\":\"\t\"",
                "\"x\":\"\n\"",
                "\"x\":\"\\x41\"",
                "\"x\":\"\\u12\"",
                "\"x\":TRUE",
                "\"x\":undefined",
                "\"ttl\":6e",
                "\"ttl\":--60")) {
            refusesJson(relay, opening(more));
        }
        refusesJson(relay, OPENING.replace("{", "").replace("}", ""));
        refusesJson(relay, "\0" + OPENING);
        refusesJson(relay, "callback(" + OPENING + ")");
    }

    /** A second text behind the first. */
    @Test
    void trailingText() {
        TestRelay relay = start();
        for (String tail : List.of(OPENING, "x", "}", ",", "\0", "null", "[]", "\ufeff", "\0\0", "\0" + OPENING)) {
            for (String space : List.of("", " ", "\n")) {
                refusesJson(relay, OPENING + space + tail);
            }
        }
        relay.post("/v1/pairs", NO_TOKEN, " \r\n\t" + OPENING + " \r\n\t").is(201);
    }

    /** Nesting that overflows the stack of a recursive parser. */
    @Test
    void deepNesting() {
        TestRelay relay = start();
        for (int depth : new int[] {65, 100, 1_000, 10_000, 60_000}) {
            refusesJson(relay, opening("\"x\":" + "[".repeat(depth) + "]".repeat(depth)));
            refusesJson(relay, opening("\"x\":" + "[".repeat(depth)));
        }
        refusesJson(relay, "[".repeat(100_000));
        for (int depth : new int[] {65, 100, 1_000, 10_000}) {
            refusesJson(relay, opening("\"x\":" + "{\"x\":".repeat(depth) + "1" + "}".repeat(depth)));
        }
        relay.post("/v1/pairs", NO_TOKEN, opening("\"x\":" + "[".repeat(60) + "]".repeat(60)))
                .is(201);
    }

    /** A number whose value would take an afternoon, or all memory, to write out. */
    @Test
    void monstrousNumbers() {
        TestRelay relay = start();
        String digits = "9".repeat(100_000);
        for (String number : List.of(
                "1e999999999",
                "1e-999999999",
                "1E+2147483647",
                "1e2147483648",
                "1e-2147483649",
                "1e99999999999999999999",
                "-1e999999999",
                digits,
                "-" + digits,
                "0." + digits,
                "1e" + digits,
                "1e-" + digits,
                digits + "e-" + 99_998,
                "3" + "0".repeat(99_999) + "e-99998")) {
            assertThat(
                    number.length() > 50 ? number.substring(0, 50) : number,
                    relay.post("/v1/pairs", NO_TOKEN, opening("\"ttl\":" + number))
                            .status(),
                    is(400));
        }
    }

    /** The same in a member that nobody asked for. */
    @Test
    void monstrousNumbersWhereNobodyLooks() {
        TestRelay relay = start();
        for (String number :
                List.of("1e999999999", "1e99999999999999999999", "9".repeat(100_000), "0." + "1".repeat(2_000))) {
            int status = relay.post("/v1/pairs", NO_TOKEN, opening("\"x\":" + number))
                    .status();
            assertThat(status == 201 || status == 400, is(true));
        }
    }

    /** Half a surrogate pair cannot be written as UTF-8: it must not come so far. */
    @Test
    void loneSurrogates() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String text : List.of("\\ud800", "\\udc00", "\\udc00\\ud800", "\\u0000", "\\u2028")) {
            relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"" + text + "\"}")
                    .is(400, "invalid_request");
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, relay.newId(), "").replace("bm9uY2U", text))
                    .is(400, "invalid_request");
            int status = relay.post("/v1/devices", NO_TOKEN, "{\"" + text + "\":\"" + text + "\"}")
                    .status();
            assertThat(status == 201 || status == 400, is(true));
        }
    }

    /** Valid JSON, but not an object. */
    @Test
    void topLevelIsNoObject() {
        TestRelay relay = start();
        for (String body : List.of("[]", "[" + OPENING + "]", "null", "true", "1", "\"" + SECRET + "\"", " ", "\n")) {
            refusesJson(relay, body);
        }
    }

    /** Nothing at all, in each way of saying it. */
    @Test
    void emptyBody() {
        TestRelay relay = start();
        relay.call("POST", "/v1/pairs", NO_TOKEN, NO_BODY, "Content-Type: application/json", "Content-Length: 0")
                .is(400, "invalid_json");
        relay.call("POST", "/v1/pairs", NO_TOKEN, NO_BODY, "Content-Type: application/json")
                .is(400, "invalid_json");
        relay.send(
                        "POST",
                        "/v1/pairs",
                        "POST /v1/pairs HTTP/1.1\r\n"
                                + "Host: r\r\n"
                                + "Content-Type: application/json\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n"
                                + "0\r\n\r\n")
                .is(400, "invalid_json");
        relay.call("POST", "/v1/devices", NO_TOKEN, NO_BODY).is(415, "unsupported_media_type");
    }

    /** A form, which any web page may send to any address without asking. */
    @Test
    void otherMediaTypes() {
        TestRelay relay = start();
        for (String type : List.of(
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/problem+json",
                "application/json-patch+json",
                "application/jsonx",
                "text/json",
                "*/*",
                "application/*",
                "",
                "application",
                "json",
                "application/json, text/plain",
                "text/plain;application/json",
                "application/json application/json",
                "text/plain; x=\"application/json\"")) {
            relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING, "Content-Type: " + type)
                    .is(415, "unsupported_media_type");
        }
        relay.send("POST", "/v1/pairs", opening(OPENING.getBytes(StandardCharsets.UTF_8)))
                .is(415, "unsupported_media_type");
        for (String type : List.of(
                "application/json; charset=utf-8", "APPLICATION/JSON;charset=\"UTF-8\"", "application/json; x=y")) {
            relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING, "Content-Type: " + type)
                    .is(201);
        }
    }

    /** A charset in which the same bytes say something else. */
    @Test
    void otherCharsets() {
        TestRelay relay = start();
        for (String charset : List.of(
                "utf-16", "utf-7", "iso-8859-1", "us-ascii", "\"utf-16\"", "utf-8; charset=utf-16", "", "UTF-8x")) {
            relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING, "Content-Type: application/json; charset=" + charset)
                    .is(415, "unsupported_media_type");
        }
    }

    /** Two media types: who is right? */
    @Test
    void duplicateContentType() {
        TestRelay relay = start();
        relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING, "Content-Type: application/json", "Content-Type: text/plain")
                .is(415, "unsupported_media_type");
        relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING, "Content-Type: text/plain", "Content-Type: application/json")
                .is(415, "unsupported_media_type");
    }

    /** A compressed body: the bomb must not be unpacked. */
    @Test
    void compressedBody() throws Exception {
        TestRelay relay = start();
        var bytes = new java.io.ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(bytes)) {
            gzip.write(opening("\"x\":\"" + "x".repeat(50_000_000) + "\"").getBytes(StandardCharsets.UTF_8));
        }
        for (String encoding : List.of("gzip", "deflate", "br")) {
            HttpAnswer answer = relay.send(
                    "POST",
                    "/v1/pairs",
                    opening(bytes.toByteArray(), "Content-Type: application/json", "Content-Encoding: " + encoding));
            assertThat(answer.is(415, "unsupported_media_type").text("detail"), containsString("Content-Encoding"));
        }
    }

    /** Members of every wrong type, one at a time, on every call that has a body. */
    @Test
    void wrongTypes() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        for (String value : List.of(
                "1", "1.5", "true", "[]", "{}", "[\"x\"]", "\"\"", "\" \"", "\"é\"", "\"\\u0000\"", "\"a b\"", "-1")) {
            relay.post("/v1/pairs", NO_TOKEN, "{\"secret_hash\":" + value + "}").is(400, "invalid_request");
            relay.put("/v1/pairs/" + pair.id() + "/device", pair.phone().token(), "{\"secret_hash\":" + value + "}")
                    .is(400, "invalid_request");
            relay.put("/v1/pairs/" + pair.id() + "/device", pair.phone().token(), opening("\"payload\":" + value))
                    .is(value.equals("\"1\"") ? 409 : 400);
            for (String member : List.of("request_id", "pair_id", "nonce", "ciphertext")) {
                String body = TestRelay.envelope(pair, relay.newId(), "")
                        .replaceFirst(
                                "(\"" + member + "\":)\"[^\"]*\"",
                                "$1" + java.util.regex.Matcher.quoteReplacement(value));
                relay.post("/v1/requests", pair.platform(), body).is(400, "invalid_request");
            }
            for (String member : List.of("nonce", "ciphertext", "signature")) {
                String body = "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\",\"signature\":\"AAAA\"}"
                        .replaceFirst(
                                "(\"" + member + "\":)\"[^\"]*\"",
                                "$1" + java.util.regex.Matcher.quoteReplacement(value));
                relay.put("/v1/requests/" + id + "/response", pair.phone().token(), body)
                        .is(400, "invalid_request");
            }
        }
        for (String value :
                List.of("1", "true", "[]", "{}", "\"\"", "\"é\"", "\"\\u0000\"", "\"\\u007f\"", "\"\\n\"")) {
            relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":" + value + "}")
                    .is(400, "invalid_request");
            relay.patch("/v1/devices/" + pair.phone().id(), pair.phone().token(), "{\"push_token\":" + value + "}")
                    .is(400, "invalid_request");
        }
        assertThat(relay.state(pair, id), is("pending"));
    }

    /** Base64 that two decoders would read differently, or not at all. */
    @Test
    void crookedBase64() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String text : List.of(
                "A",
                "AAAAA",
                "AA=",
                "AAA==",
                "AAAA=",
                "AAAA==",
                "=",
                "==",
                "A===",
                "=AAA",
                "A=AA",
                "+_AA",
                "-/AA",
                "AA AA",
                "AA\\nAA",
                "AAAA\\r\\n",
                "AAA\u0410",
                "AA.A",
                "AA%3D",
                "AA==AA==")) {
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", text))
                    .is(400, "invalid_request");
        }
        for (String text : List.of("AA", "AA==", "AAA", "AAA=", "AAAA", "+/AA", "-_AA", "_-8")) {
            String id = relay.newId();
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, id, "").replace("Y2lwaGVydGV4dA", text))
                    .is(201);
            assertThat(relay.get("/v1/requests/" + id, pair.phone().token()).text("ciphertext"), is(text));
        }
    }

    /** Each text at its bound, and one over it. */
    @Test
    void textBounds() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        String longest = "A".repeat(65_536);
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", longest))
                .is(201);
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), "").replace("Y2lwaGVydGV4dA", longest + "A"))
                .is(413, "payload_too_large");
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), "").replace("bm9uY2U", "A".repeat(256)))
                .is(201);
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), "").replace("bm9uY2U", "A".repeat(258)))
                .is(400, "invalid_request");
        String answer = "{\"nonce\":\"AAAA\",\"ciphertext\":\"%s\",\"signature\":\"%s\"}";
        relay.put("/v1/requests/" + id + "/response", pair.phone().token(), answer.formatted(longest + "A", "AAAA"))
                .is(413, "payload_too_large");
        relay.put("/v1/requests/" + id + "/response", pair.phone().token(), answer.formatted("AAAA", "A".repeat(1026)))
                .is(400, "invalid_request");
        relay.put("/v1/requests/" + id + "/response", pair.phone().token(), answer.formatted(longest, "A".repeat(1024)))
                .is(200);
        relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"" + "x".repeat(4096) + "\"}")
                .is(201);
        relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"" + "x".repeat(4097) + "\"}")
                .is(400, "invalid_request");
        Phone phone = relay.phone();
        relay.put(
                        "/v1/pairs/" + relay.session().id() + "/device",
                        phone.token(),
                        opening("\"payload\":\"" + "A".repeat(8194) + "\""))
                .is(413, "payload_too_large");
        relay.put(
                        "/v1/pairs/" + relay.session().id() + "/device",
                        phone.token(),
                        opening("\"payload\":\"" + "A".repeat(8192) + "\""))
                .is(200);
    }

    /** Every edge of {@code ttl}, and every notation. */
    @Test
    void edgesOfTtl() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String ttl : List.of(
                "0",
                "-1",
                "-0",
                "29",
                "601",
                "29.999999999999999999",
                "600.0000000000000001",
                "1.5",
                "1e-1",
                "\"300\"",
                "true",
                "[]",
                "{}",
                "\"\"",
                "2147483648",
                "4294967596",
                "9223372036854775807",
                "9223372036854775808",
                "18446744073709551916",
                "1e3",
                "1e19",
                "1e20",
                "1e400",
                "0.3e4",
                "6001e-1")) {
            relay.post("/v1/pairs", NO_TOKEN, opening("\"ttl\":" + ttl)).is(400, "invalid_request");
        }
        for (String ttl : List.of("30", "600", "300.0", "3e2", "3E+2", "3000e-1", "null", "30.000")) {
            relay.post("/v1/pairs", NO_TOKEN, opening("\"ttl\":" + ttl)).is(201);
        }
        for (String ttl : List.of(
                "0", "-1", "-0.0", "0.5", "86401", "86400.5", "4294967297", "-4294967295", "1e5", "\"1\"", "false")) {
            relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), ",\"ttl\":" + ttl))
                    .is(400, "invalid_request");
        }
        for (String ttl : List.of("1", "86400", "864e2", "1.0", "null")) {
            relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), ",\"ttl\":" + ttl))
                    .is(201);
        }
    }

    // --- queries and paths ---

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

    // --- who may ---

    private record Route(String method, String target, String body) {}

    private static List<Route> routesOfPlatform(TestRelay relay, Pair pair, String request) {
        return List.of(
                new Route("GET", "/v1/pairs/" + pair.id(), NO_BODY),
                new Route("DELETE", "/v1/pairs/" + pair.id(), NO_BODY),
                new Route("POST", "/v1/requests", TestRelay.envelope(pair, relay.newId(), "")),
                new Route("POST", "/v1/requests", TestRelay.envelope(pair, request, "")),
                new Route("GET", "/v1/requests/" + request, NO_BODY),
                new Route("DELETE", "/v1/requests/" + request, NO_BODY));
    }

    private static List<Route> routesOfDevice(Pair pair, String request) {
        return List.of(
                new Route("DELETE", "/v1/pairs/" + pair.id(), NO_BODY),
                new Route("PATCH", "/v1/devices/" + pair.phone().id(), "{\"push_token\":null}"),
                new Route("DELETE", "/v1/devices/" + pair.phone().id(), NO_BODY),
                new Route("GET", "/v1/devices/" + pair.phone().id() + "/requests", NO_BODY),
                new Route("GET", "/v1/requests/" + request, NO_BODY),
                new Route(
                        "PUT",
                        "/v1/requests/" + request + "/response",
                        "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}"));
    }

    /** A valid token of another pairing, or of another phone, on everything that is not its own. */
    @Test
    void tokensOfOthers() {
        TestRelay relay = start();
        Pair victim = relay.pair();
        Pair other = relay.pair();
        String id = relay.submitted(victim);
        String none = relay.get("/v1/requests/" + id, NO_TOKEN)
                .is(401, "unauthorized")
                .comparable();
        List<Route> routes = new ArrayList<>(routesOfPlatform(relay, victim, id));
        routes.addAll(routesOfDevice(victim, id));
        for (Route route : routes) {
            for (String token :
                    List.of(other.platform(), other.phone().token(), NO_TOKEN, UNKNOWN_PLATFORM, UNKNOWN_DEVICE)) {
                HttpAnswer answer = relay.call(route.method(), route.target(), token, route.body());
                assertThat(route + "", answer.comparable(), equalTo(none));
            }
        }
        relay.call("PUT", "/v1/pairs/" + victim.id() + "/device", other.platform(), OPENING)
                .is(401, "unauthorized");
        assertThat(relay.state(victim, id), is("pending"));
        relay.get("/v1/pairs/" + victim.id(), victim.platform()).is(200);
    }

    /** A device's token where only the platform may. */
    @Test
    void deviceTokenOnPlatformRoutes() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        for (Route route : routesOfPlatform(relay, pair, id)) {
            String what = route.method() + " " + route.target();
            boolean both = what.equals("DELETE /v1/pairs/" + pair.id()) || what.equals("GET /v1/requests/" + id);
            if (!both) {
                relay.call(route.method(), route.target(), pair.phone().token(), route.body())
                        .is(401, "unauthorized");
            }
        }
        relay.post("/v1/requests", pair.phone().token(), TestRelay.envelope(pair, relay.newId(), ""))
                .is(401, "unauthorized");
        assertThat(relay.state(pair, id), is("pending"));
    }

    /** The platform's token where only the device may: a platform must not approve its own question. */
    @Test
    void platformTokenOnDeviceRoutes() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        for (Route route : routesOfDevice(pair, id)) {
            if (!route.target().equals("/v1/pairs/" + pair.id())
                    && !route.target().equals("/v1/requests/" + id)) {
                relay.call(route.method(), route.target(), pair.platform(), route.body())
                        .is(401, "unauthorized");
            }
        }
        relay.put("/v1/pairs/" + pair.id() + "/device", pair.platform(), OPENING)
                .is(401, "unauthorized");
        assertThat(relay.state(pair, id), is("pending"));
    }

    /** Asking for ids to learn which exist: every answer is the same, byte for byte. */
    @Test
    void probingForIds() {
        TestRelay relay = start();
        Pair victim = relay.pair();
        Pair prober = relay.pair();
        String theirs = relay.submitted(victim);
        String unknown = relay.newId();
        String cancelled = relay.submitted(victim);
        relay.delete("/v1/requests/" + cancelled, victim.platform()).is(204);
        String answer =
                relay.get("/v1/requests/" + unknown, prober.platform()).is(401).comparable();
        for (String token :
                List.of(prober.platform(), prober.phone().token(), UNKNOWN_PLATFORM, UNKNOWN_DEVICE, "x", NO_TOKEN)) {
            for (String id : List.of(theirs, cancelled, unknown, "x", "%00", victim.id())) {
                assertThat(relay.get("/v1/requests/" + id, token).comparable(), equalTo(answer));
                assertThat(relay.delete("/v1/requests/" + id, token).comparable(), equalTo(answer));
                assertThat(relay.get("/v1/requests/" + id + "?wait=5", token).comparable(), equalTo(answer));
                assertThat(
                        relay.put(
                                        "/v1/requests/" + id + "/response",
                                        token,
                                        "{\"nonce\":\"AAAA\",\"ciphertext\":\"AAAA\"}")
                                .comparable(),
                        equalTo(answer));
            }
            for (String id : List.of(victim.id(), "pair_000000000000", "pair_x", "x", "%00")) {
                assertThat(relay.get("/v1/pairs/" + id, token).comparable(), equalTo(answer));
                assertThat(relay.get("/v1/pairs/" + id + "?wait=5", token).comparable(), equalTo(answer));
                assertThat(relay.delete("/v1/pairs/" + id, token).comparable(), equalTo(answer));
            }
            for (String id : List.of(victim.phone().id(), "dev_000000000000", "x", "%00")) {
                assertThat(relay.delete("/v1/devices/" + id, token).comparable(), equalTo(answer));
                assertThat(
                        relay.get("/v1/devices/" + id + "/requests?wait=5", token)
                                .comparable(),
                        equalTo(answer));
                assertThat(
                        relay.patch("/v1/devices/" + id, token, "{\"push_token\":null}")
                                .comparable(),
                        equalTo(answer));
            }
        }
        // Submitting to a pairing: the token's own one does not matter.
        for (String id : List.of(victim.id(), "pair_000000000000")) {
            assertThat(
                    relay.post(
                                    "/v1/requests",
                                    prober.platform(),
                                    TestRelay.envelope(victim, relay.newId(), "")
                                            .replace(victim.id(), id))
                            .comparable(),
                    equalTo(answer));
            assertThat(
                    relay.post(
                                    "/v1/requests",
                                    prober.platform(),
                                    TestRelay.envelope(victim, theirs, "").replace(victim.id(), id))
                            .comparable(),
                    equalTo(answer));
        }
    }

    /** Asking for pairings to learn which exist, and how they stand: without the secret all are the same. */
    @Test
    void probingForPairings() {
        TestRelay relay = start();
        Phone prober = relay.phone();
        Pair pending = relay.session();
        Pair active = relay.pair();
        Pair revoked = relay.pair();
        relay.delete("/v1/pairs/" + revoked.id(), revoked.platform()).is(204);
        String wrong = "{\"secret_hash\":\"" + "0".repeat(64) + "\"}";
        String answer = relay.put("/v1/pairs/pair_000000000000/device", prober.token(), wrong)
                .is(403, "wrong_secret")
                .comparable();
        for (String id : List.of(pending.id(), active.id(), revoked.id(), "x", "%00", "pair_")) {
            assertThat(
                    relay.put("/v1/pairs/" + id + "/device", prober.token(), wrong)
                            .comparable(),
                    equalTo(answer));
        }
        for (int i = 0; i < 6; i++) {
            assertThat(
                    relay.put("/v1/pairs/" + pending.id() + "/device", prober.token(), wrong)
                            .comparable(),
                    equalTo(answer));
        }
        relay.put("/v1/pairs/" + pending.id() + "/device", prober.token(), OPENING)
                .is(410, "pairing_expired");
    }

    /** Guessing a token piece by piece: a token that is nearly right is as wrong as any. */
    @Test
    void nearlyRightTokens() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String token = pair.platform();
        String answer =
                relay.get("/v1/pairs/" + pair.id(), UNKNOWN_PLATFORM).is(401).comparable();
        List<String> near = new ArrayList<>(List.of(
                token.substring(0, token.length() - 1),
                token + "A",
                token + "=",
                token.toUpperCase(Locale.ROOT),
                "hdt_" + token.substring(4),
                token.substring(4),
                "hpt_",
                token.replace("hpt_", "HPT_"),
                token + token));
        for (int i = 4; i < token.length(); i++) {
            near.add(token.substring(0, i) + (token.charAt(i) == 'A' ? 'B' : 'A') + token.substring(i + 1));
        }
        for (String one : near) {
            assertThat(relay.get("/v1/pairs/" + pair.id(), one).comparable(), equalTo(answer));
        }
    }

    /** Credentials in forms that another program in front might read otherwise. */
    @Test
    void crookedAuthorization() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String target = "/v1/pairs/" + pair.id();
        String token = pair.platform();
        for (String header : List.of(
                "Authorization:",
                "Authorization: Bearer",
                "Authorization: Bearer ",
                "Authorization: " + token,
                "Authorization: Basic " + token,
                "Authorization: Bearer" + token,
                "Authorization: Bearer \"" + token + "\"",
                "Authorization: Bearer " + token + ", Bearer " + token,
                "Authorization: Bearer " + token + " x",
                "Authorization: Bearer x " + token,
                "Authorization: Bearer " + token + "," + token,
                "Authorization: Token " + token,
                "Authorization: Bearer " + "x".repeat(8000),
                "Proxy-Authorization: Bearer " + token,
                "X-Authorization: Bearer " + token,
                "Cookie: Authorization=Bearer " + token)) {
            relay.call("GET", target, NO_TOKEN, NO_BODY, header).is(401, "unauthorized");
        }
        relay.get(target + "?access_token=" + token, NO_TOKEN).is(401, "unauthorized");
        relay.call("GET", target, token, NO_BODY, "Authorization: Bearer " + token)
                .is(401, "unauthorized");
        relay.call("GET", target, token, NO_BODY, "Authorization: Bearer " + UNKNOWN_PLATFORM)
                .is(401, "unauthorized");
        relay.call("GET", target, UNKNOWN_PLATFORM, NO_BODY, "Authorization: Bearer " + token)
                .is(401, "unauthorized");
        relay.call("GET", target, NO_TOKEN, NO_BODY, "authorization: bEARER   " + token + " ")
                .is(200);
    }

    /** The credential is looked at before a byte of the body is. */
    @Test
    void bodyBeforeCredential() {
        TestRelay relay = start();
        relay.call("POST", "/v1/requests", UNKNOWN_PLATFORM, "{broken").is(401, "unauthorized");
        relay.call("POST", "/v1/requests", UNKNOWN_PLATFORM, "x", "Content-Type: text/plain")
                .is(401, "unauthorized");
        relay.call("PUT", "/v1/pairs/x/device", NO_TOKEN, "x".repeat(200_000)).is(401, "unauthorized");
        // Not even waited for:
        relay.send("POST", "/v1/requests", "POST /v1/requests HTTP/1.1\r\nHost: r\r\nContent-Length: 100\r\n\r\n")
                .is(401, "unauthorized");
    }

    /** A registration key that is nearly right, or a platform's token in its place. */
    @Test
    void registrationKeyIsNotGuessed() {
        String key = "operator-key-0123456789";
        TestRelay relay = start("REGISTRATION_KEY=" + key);
        String platform = relay.call("POST", "/v1/pairs", key, OPENING).is(201).text("platform_token");
        String answer = relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING)
                .is(401, "unauthorized")
                .comparable();
        for (String wrong : List.of(
                key + "x", key.substring(1), key.toUpperCase(Locale.ROOT), "x", platform, UNKNOWN_DEVICE, key + "=")) {
            assertThat(relay.call("POST", "/v1/pairs", wrong, OPENING).comparable(), equalTo(answer));
        }
        relay.call("POST", "/v1/pairs", NO_TOKEN, "{broken").is(401, "unauthorized");
        relay.call("POST", "/v1/pairs", key, OPENING, "Authorization: Bearer " + key)
                .is(401, "unauthorized");
        relay.get("/v1/pairs/pair_000000000000", key).is(401, "unauthorized");
    }

    /** A token goes on being tried after its pairing, or its phone, has gone. */
    @Test
    void tokensOfTheDeparted() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.submitted(pair);
        relay.delete("/v1/devices/" + pair.phone().id(), pair.phone().token()).is(204);
        for (Route route : routesOfDevice(pair, id)) {
            relay.call(route.method(), route.target(), pair.phone().token(), route.body())
                    .is(401, "unauthorized");
        }
        relay.put("/v1/pairs/" + pair.id() + "/device", pair.phone().token(), OPENING)
                .is(401, "unauthorized");
        relay.advance(Duration.ofSeconds(301));
        for (Route route : routesOfPlatform(relay, pair, id)) {
            relay.call(route.method(), route.target(), pair.platform(), route.body())
                    .is(401, "unauthorized");
        }
    }

    /** Five guesses at a pairing secret, then the right one. */
    @Test
    void pairingSecretIsNotGuessed() {
        TestRelay relay = start();
        Pair session = relay.session();
        for (int i = 0; i < 5; i++) {
            relay.put(
                            "/v1/pairs/" + session.id() + "/device",
                            relay.phone().token(),
                            "{\"secret_hash\":\"" + SECRET.replace('8', (char) ('a' + i)) + "\"}")
                    .is(403, "wrong_secret");
        }
        relay.bind(session, relay.phone()).is(410, "pairing_expired");
        assertThat(
                relay.get("/v1/pairs/" + session.id(), session.platform())
                        .is(410, "pairing_expired")
                        .text("detail"),
                containsString("wrong secret"));
    }

    // --- replay ---

    /**
     * Sending an accepted envelope again, at any later time: it takes effect once, whatever the clocks and the end
     * were.
     */
    @Test
    void replayNeverTakesEffectTwice() {
        for (int ahead : new int[] {-300, -1, 0, 150, 299, 300}) {
            for (String end : List.of("expired", "cancelled", "responded")) {
                TestRelay relay = TestRelay.start();
                try (relay) {
                    Pair pair = relay.pair();
                    String id = RequestIds.at(relay.now().plusSeconds(ahead));
                    relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, id, ",\"ttl\":1"))
                            .is(201);
                    if (end.equals("cancelled")) {
                        relay.delete("/v1/requests/" + id, pair.platform()).is(204);
                    } else if (end.equals("responded")) {
                        relay.respond(pair, id).is(200);
                    }
                    boolean forgotten = false;
                    for (int second = 0; second < 700; second += 20) {
                        relay.advance(Duration.ofSeconds(20));
                        HttpAnswer again = relay.submit(pair, id);
                        forgotten |= again.code().equals("stale_request_id");
                        assertThat(
                                ahead + " " + end + " " + second + " " + again,
                                again.status(),
                                is(forgotten ? 400 : 200));
                    }
                    assertThat(forgotten, is(true));
                    assertThat(
                            relay.list(pair.phone())
                                    .json()
                                    .getJsonArray("requests")
                                    .isEmpty(),
                            is(true));
                    relay.assertWell();
                }
            }
        }
    }

    /** An id from a clock that is wrong: to the millisecond. */
    @Test
    void wrongClocks() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        Instant now = relay.now();
        for (Duration off : List.of(Duration.ofSeconds(300), Duration.ofSeconds(-300), Duration.ZERO)) {
            relay.submit(pair, RequestIds.at(now.plus(off))).is(201);
        }
        for (Duration off : List.of(
                Duration.ofSeconds(300).plusMillis(1),
                Duration.ofSeconds(-300).minusMillis(1),
                Duration.ofDays(365),
                Duration.ofDays(-365))) {
            assertThat(
                    relay.submit(pair, RequestIds.at(now.plus(off)))
                            .is(400, "stale_request_id")
                            .text("detail"),
                    containsString("" + off.abs().toSeconds()));
        }
        relay.submit(pair, "ffffffff-ffff-7fff-bfff-ffffffffffff").is(400, "stale_request_id");
        relay.submit(pair, "00000000-0000-7000-8000-000000000000").is(400, "stale_request_id");
    }

    /** Another envelope under an id that is taken, in every state. */
    @Test
    void sameIdOtherEnvelope() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String end : List.of("pending", "delivered", "responded", "cancelled", "expired")) {
            String id = relay.submitted(pair, 5);
            switch (end) {
                case "delivered" ->
                    relay.get("/v1/requests/" + id, pair.phone().token()).is(200);
                case "responded" -> relay.respond(pair, id).is(200);
                case "cancelled" ->
                    relay.delete("/v1/requests/" + id, pair.platform()).is(204);
                case "expired" -> relay.advance(Duration.ofSeconds(5));
                default -> {}
            }
            String other = TestRelay.envelope(pair, id, "").replace("Y2lwaGVydGV4dA", "b3RoZXI");
            relay.post("/v1/requests", pair.platform(), other).is(409, "duplicate_request");
            relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(pair, id, "").replace("bm9uY2U", "bm9uY2Uy"))
                    .is(409, "duplicate_request");
            assertThat(relay.submit(pair, id.toUpperCase(Locale.ROOT)).is(200).text("state"), is(end));
        }
    }

    /** One platform uses another's ids: they are not its business, and not in its way. */
    @Test
    void idOfAnotherPairing() {
        TestRelay relay = start();
        Pair first = relay.pair();
        Pair second = relay.pair(first.phone());
        Pair third = relay.pair();
        String id = relay.submitted(first);
        relay.submit(second, id).is(201);
        relay.submit(third, id).is(201);
        relay.respond(first, id).is(200);
        assertThat(relay.state(first, id), is("responded"));
        assertThat(relay.state(second, id), is("pending"));
        assertThat(relay.state(third, id), is("pending"));
        relay.delete("/v1/requests/" + id, second.platform()).is(204);
        assertThat(relay.state(first, id), is("responded"));
    }

    /** Looking for one's own input in an error, or for a place where it becomes a header. */
    @Test
    void errorsEchoNothing() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String canary = "cAnArY0123";
        List<HttpAnswer> answers = new ArrayList<>();
        answers.add(relay.get("/v1/requests/" + canary + "?wait=" + canary + "&" + canary, pair.platform()));
        answers.add(relay.get("/v1/pairs/" + pair.id() + "?wait=" + canary, pair.platform()));
        answers.add(relay.get(
                "/v1/devices/" + pair.phone().id() + "/requests?after=" + canary,
                pair.phone().token()));
        answers.add(relay.get("/" + canary, canary));
        answers.add(relay.call(canary.toUpperCase(Locale.ROOT), "/v1/pairs", canary, NO_BODY));
        answers.add(relay.call("POST", "/v1/pairs", NO_TOKEN, canary, "Content-Type: text/" + canary));
        answers.add(relay.post("/v1/pairs", NO_TOKEN, "{\"" + canary + "\":" + canary + "}"));
        answers.add(
                relay.post("/v1/pairs", NO_TOKEN, "{\"secret_hash\":\"" + canary + "\",\"ttl\":\"" + canary + "\"}"));
        answers.add(relay.post("/v1/pairs", NO_TOKEN, opening("\"ttl\":\"" + canary + "\"")));
        answers.add(relay.call("GET", "/health", NO_TOKEN, NO_BODY, "Expect: " + canary));
        for (String member : List.of("request_id", "pair_id", "nonce", "ciphertext")) {
            answers.add(relay.post(
                    "/v1/requests",
                    pair.platform(),
                    TestRelay.envelope(pair, relay.newId(), "")
                            .replaceFirst("(\"" + member + "\":\")[^\"]*", "$1" + canary + "!")));
        }
        for (String member : List.of("callback_url", "callback_secret", "ttl")) {
            answers.add(relay.post(
                    "/v1/requests",
                    pair.platform(),
                    TestRelay.envelope(pair, relay.newId(), ",\"" + member + "\":\"" + canary + "\"")));
        }
        answers.add(relay.post("/v1/devices", NO_TOKEN, "{\"push_token\":\"" + canary + "\\u0000\"}"));
        for (HttpAnswer answer : answers) {
            assertThat(answer.status(), greaterThan(399));
            assertThat(answer.status(), lessThan(500));
            assertThat(answer.lines() + answer.body(), not(containsString(canary)));
            assertThat(answer.lines() + answer.body(), not(containsString(canary.toUpperCase(Locale.ROOT))));
        }
    }

    /** CR and LF, encoded every way, in everything that might be written into an answer's head. */
    @Test
    void responseSplitting() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        String id = relay.newId();
        for (String crlf : List.of("%0d%0a", "%0a", "%0D", "%E5%98%8A%E5%98%8D", "\\r\\n", "%250d%250a")) {
            String injected = crlf + "X-Injected:%201";
            for (HttpAnswer answer : List.of(
                    relay.get("/v1/pairs/" + pair.id() + injected, pair.platform()),
                    relay.get("/health?x=" + injected, NO_TOKEN),
                    relay.get("/v1/requests/" + id + injected, pair.platform()),
                    relay.call("GET", "/health", NO_TOKEN, NO_BODY, "X-Forwarded-For: 1.2.3.4" + injected),
                    relay.post(
                            "/v1/requests",
                            pair.platform(),
                            TestRelay.envelope(
                                    pair, id + (crlf.startsWith("\\") ? crlf : "") + "X-Injected: 1", "")))) {
                assertThat(answer.headers("X-Injected"), is(List.of()));
                assertThat(answer.body(), not(containsString("X-Injected")));
            }
        }
    }

    /** A webhook that is silently dropped would be a broken promise, and one that is called a way into the network. */
    @Test
    void webhooksAreRefused() {
        TestRelay relay = start();
        Pair pair = relay.pair();
        for (String more : List.of(
                "\"callback_url\":\"http://169.254.169.254/\"",
                "\"callback_url\":\"https://example.org/\",\"callback_secret\":\"x\"",
                "\"callback_secret\":\"x\"",
                "\"callback_url\":1",
                "\"callback_url\":false")) {
            relay.post("/v1/requests", pair.platform(), TestRelay.envelope(pair, relay.newId(), "," + more))
                    .is(400, "invalid_request");
        }
        relay.post(
                        "/v1/requests",
                        pair.platform(),
                        TestRelay.envelope(pair, relay.newId(), ",\"callback_url\":null,\"callback_secret\":null"))
                .is(201);
    }
}
