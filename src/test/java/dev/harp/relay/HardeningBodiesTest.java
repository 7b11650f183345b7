package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.relay.TestRelay.SECRET;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hostile bodies: what is no JSON, or is no JSON to everybody. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class HardeningBodiesTest extends Hardening {
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
        // A registration has no member that it needs.
        relay.call("POST", "/v1/devices", NO_TOKEN, NO_BODY).is(201);
        relay.call("POST", "/v1/devices", NO_TOKEN, NO_BODY, "Content-Type: application/json", "Content-Length: 0")
                .is(201);
        relay.call("PATCH", "/v1/devices/" + relay.phone().id(), NO_TOKEN, NO_BODY)
                .is(401, "unauthorized");
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
                "application/json; charset=utf-8",
                "APPLICATION/JSON;charset=\"UTF-8\"",
                "application/json; charset=utf8",
                "application/json; charset=\"UTF8\"",
                "application/json; x=y")) {
            relay.call("POST", "/v1/pairs", NO_TOKEN, OPENING, "Content-Type: " + type)
                    .is(201);
        }
    }

    /** A charset in which the same bytes say something else. */
    @Test
    void otherCharsets() {
        TestRelay relay = start();
        for (String charset : List.of(
                "utf-16",
                "utf-7",
                "utf16",
                "utf8x",
                "utf-8-bom",
                "iso-8859-1",
                "us-ascii",
                "\"utf-16\"",
                "utf-8; charset=utf-16",
                "",
                "UTF-8x")) {
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
}
