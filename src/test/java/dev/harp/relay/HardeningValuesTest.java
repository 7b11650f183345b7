package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.relay.TestRelay.Phone;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Hostile values in bodies: wrong types, crooked base64, texts and times at their bounds. */
@SuppressWarnings({"CanonicalDuration", "StringConcatToTextBlock"}) // seconds, as the protocol counts
class HardeningValuesTest extends Hardening {
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
        String longestAnswer = "A".repeat(16_384);
        String answer = "{\"nonce\":\"AAAA\",\"ciphertext\":\"%s\",\"signature\":\"%s\"}";
        relay.put(
                        "/v1/requests/" + id + "/response",
                        pair.phone().token(),
                        answer.formatted(longestAnswer + "A", "AAAA"))
                .is(413, "payload_too_large");
        relay.put("/v1/requests/" + id + "/response", pair.phone().token(), answer.formatted("AAAA", "A".repeat(1026)))
                .is(400, "invalid_request");
        relay.put(
                        "/v1/requests/" + id + "/response",
                        pair.phone().token(),
                        answer.formatted(longestAnswer, "A".repeat(1024)))
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
}
