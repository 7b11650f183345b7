package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import dev.harp.testing.RequestIds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One caller, the secrets that it has planted or been given, and the errors that it has been answered. */
final class Planter {
    static final String REGISTRATION_KEY = "canary-registration-key-0815";
    private static final String SECRET_HASH = "cafe0815".repeat(8);
    private static final String WRONG_HASH = "beef0815".repeat(8);
    private static final String BASE64 = "CanaryText";

    private record Left(String pair, String platform, String device, String phone, List<String> ids) {}

    private int port;
    private Left left = new Left("", "", "", "", List.of());

    /** What nobody may find anywhere, at rest neither: who has it is the party. */
    final Set<String> tokens = new HashSet<>(Set.of(REGISTRATION_KEY));

    final Set<String> secrets = new HashSet<>(Set.of(REGISTRATION_KEY, SECRET_HASH, WRONG_HASH, BASE64));
    final List<String> errors = new ArrayList<>();

    Planter(int port) {
        this.port = port;
    }

    /** The same caller, who goes on at another relay. */
    Planter at(int other) {
        port = other;
        return this;
    }

    HttpAnswer call(String method, String target, String token, String body, String... headers) throws IOException {
        return send(TestRelay.request(method, target, token, body, headers)).getFirst();
    }

    List<HttpAnswer> send(byte[] request) throws IOException {
        List<HttpAnswer> answers = new ArrayList<>();
        try (RawClient wire = new RawClient(port)) {
            wire.sendUntilClosed(request);
            try {
                wire.endOfRequest();
            } catch (IOException closed) {
                // by the relay
            }
            for (Optional<HttpAnswer> next = wire.next(); next.isPresent(); next = wire.next()) {
                answers.add(next.get());
                if (next.get().status() >= 400) {
                    errors.add(next.get().lines() + next.get().body());
                }
            }
        }
        return answers;
    }

    void raw(String message) throws IOException {
        var unused = send(message.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(unused.size() < 5, is(true));
    }

    String secret(String value) {
        secrets.add(value);
        return value;
    }

    private String token(String value) {
        tokens.add(value);
        return secret(value);
    }

    /** Every call, right and wrong in many ways. */
    void plant() throws IOException {
        String opening = "{\"secret_hash\":\"" + SECRET_HASH + "\"}";
        call("POST", "/v1/pairs", token("canary-wrong-key-0123456"), opening).is(401);
        HttpAnswer opened = call("POST", "/v1/pairs", REGISTRATION_KEY, opening).is(201);
        String pair = opened.text("pair_id");
        String platform = token(opened.text("platform_token"));
        String pushToken = secret("CanaryPushToken:1");
        HttpAnswer registered = call("POST", "/v1/devices", NO_TOKEN, "{\"push_token\":\"" + pushToken + "\"}")
                .is(201);
        String device = registered.text("device_id");
        String phone = token(registered.text("device_token"));
        String changed = "{\"push_token\":\"" + secret("CanaryPushToken:2") + "\"}";
        call("PATCH", "/v1/devices/" + device, phone, changed).is(409);
        call("PATCH", "/v1/devices/" + device, phone, "{\"push_token\":\"" + secret("CanaryPushToken:3") + "\\u0000\"}")
                .is(400);
        call("PUT", "/v1/pairs/" + pair + "/device", phone, opening.replace(SECRET_HASH, WRONG_HASH))
                .is(403);
        call("PUT", "/v1/pairs/" + pair + "/device", phone, "{\"secret_hash\":\"" + WRONG_HASH + "x\"}")
                .is(400);
        call(
                        "PUT",
                        "/v1/pairs/" + pair + "/device",
                        phone,
                        "{\"secret_hash\":\"" + SECRET_HASH + "\",\"payload\":\"" + BASE64 + "Payload1\"}")
                .is(200);
        call("PUT", "/v1/pairs/" + pair + "/device", phone, opening).is(409);
        call("PATCH", "/v1/devices/" + device, phone, changed).is(200);
        String id = RequestIds.now();
        String envelope = "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair + "\",\"nonce\":\"" + BASE64
                + "Nonce1\",\"ciphertext\":\"" + BASE64 + "Question1\"}";
        call("POST", "/v1/requests", platform, envelope).is(201);
        call("POST", "/v1/requests", platform, envelope.replace("Question1", "Questi!"))
                .is(400);
        call("POST", "/v1/requests", platform, envelope.replace("Question1", "Question2"))
                .is(409);
        call("POST", "/v1/requests", platform, envelope.replace("Question1", "Question".repeat(9000)))
                .is(413);
        call("POST", "/v1/requests", platform, envelope.replace("Nonce1", "Nonce".repeat(100)))
                .is(400);
        call("POST", "/v1/requests", platform, envelope.replace(id, "CanaryTextId"))
                .is(400);
        call("POST", "/v1/requests", platform, envelope.replace(pair, "CanaryTextPair"))
                .is(400);
        webhooks(pair, platform, phone);
        call("POST", "/v1/requests", platform, envelope.replace("}", ",\"CanaryTextUnknown\":\"CanaryTextUnknown\""))
                .is(400);
        call("POST", "/v1/requests", platform, envelope.replace("\"}", "")).is(400);
        call("POST", "/v1/requests", platform, envelope.replace("}", ",\"ttl\":\"CanaryTextTtl\"}"))
                .is(400);
        call("POST", "/v1/requests", platform, envelope, "Content-Type: text/CanaryText")
                .is(415);
        call(
                        "POST",
                        "/v1/requests",
                        platform,
                        envelope,
                        "X-Canary: CanaryTextHeader",
                        "Cookie: CanaryTextCookie",
                        "User-Agent: CanaryTextAgent",
                        "X-Forwarded-For: CanaryTextClient")
                .is(200);
        call("GET", "/v1/requests/" + id + "?wait=CanaryText&x=CanaryText", platform, NO_BODY)
                .is(400);
        call("GET", "/v1/devices/" + device + "/requests?after=CanaryText", phone, NO_BODY)
                .is(400);
        call("GET", "/v1/devices/" + device + "/requests?x=CanaryText", phone, NO_BODY)
                .is(200);
        call("GET", "/v1/requests/CanaryTextId", platform, NO_BODY).is(401);
        call("GET", "/v1/CanaryTextPath/CanaryText", platform, NO_BODY).is(404);
        call("CANARYTEXT", "/v1/pairs", platform, NO_BODY).is(405);
        call("GET", "/v1/requests/" + id, token("hpt_" + "Canary0".repeat(6) + "X"), NO_BODY)
                .is(401);
        call("GET", "/v1/requests/" + id, NO_TOKEN, NO_BODY, "Authorization: Basic " + secret("Q2FuYXJ5OkNhbmFyeQ"))
                .is(401);
        String answer = "{\"nonce\":\"" + BASE64 + "Nonce2\",\"ciphertext\":\"" + BASE64 + "Answer12\",\"signature\":\""
                + BASE64 + "Signature1\"}";
        call("PUT", "/v1/requests/" + id + "/response", phone, answer.replace("Answer12", "Answ!"))
                .is(400);
        call("PUT", "/v1/requests/" + id + "/response", phone, answer).is(200);
        call("PUT", "/v1/requests/" + id + "/response", phone, answer.replace("Answer12", "Answer34"))
                .is(409);
        call("DELETE", "/v1/requests/" + id, platform, NO_BODY).is(409);
        String head = " HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer " + platform + "\r\nX-A: CanaryText\r\n";
        raw("GET /CanaryText" + head + "Broken CanaryText\r\n\r\n");
        raw("GET /CanaryText\u0000 HTTP/1.1\r\nHost: r\r\nAuthorization: Bearer " + platform + "\r\n\r\n");
        raw("CanaryText " + platform + "\r\n\r\n");
        raw("Canary\u0001Text /" + platform + head + "\r\n");
        raw("GET http://CanaryText:" + platform + "@x/" + head + "\r\n");
        raw("GET CanaryText:443" + head + "\r\n");
        raw("POST /v1/requests" + head + "Content-Length: CanaryText\r\n\r\nCanaryText");
        raw("POST /v1/requests" + head + "Transfer-Encoding: chunked\r\n\r\nCanaryText\r\nCanaryText\r\n0\r\n\r\n");
        raw("POST /v1/requests" + head
                + "Content-Type: application/json\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + "CanaryText\r\n"
                + "CanaryText\r\n"
                + "0\r\n\r\n");
        raw("POST /v1/requests" + head + "Expect: CanaryText\r\nContent-Length: 10\r\n\r\nCanaryText");
        raw("GET /v1/requests/%CanaryText%00%zz" + head + "\r\n");
        raw("GET /" + "CanaryText".repeat(1000) + head + "\r\n");
        raw("GET /" + head + "X-B: " + "CanaryText".repeat(3000) + "\r\n\r\n");
        raw("GET /CanaryText HTTP/1.0\r\nAuthorization: Bearer " + platform + "\r\n\r\n");
        raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nCanaryText");
        for (String more : List.of("\"ttl\":1e99999999999", "\"x\":" + "9".repeat(5000), "\"x\":" + "[".repeat(5000))) {
            call("POST", "/v1/requests", platform, envelope.replace("}", "," + more + "}"))
                    .is(400);
        }
        call("DELETE", "/v1/pairs/" + pair, platform, NO_BODY).is(204);
        call("POST", "/v1/requests", platform, envelope).is(410);
        call("DELETE", "/v1/devices/" + device, phone, NO_BODY).is(204);
        call("GET", "/v1/devices/" + device + "/requests", phone, NO_BODY).is(401);
    }

    /** A pairing with an answered and an open request, which stay; the ciphertexts of both. */
    List<String> leave() throws IOException {
        String opening = "{\"secret_hash\":\"" + SECRET_HASH + "\"}";
        HttpAnswer opened = call("POST", "/v1/pairs", REGISTRATION_KEY, opening).is(201);
        String pair = opened.text("pair_id");
        String platform = token(opened.text("platform_token"));
        HttpAnswer registered = call("POST", "/v1/devices", NO_TOKEN, "{}").is(201);
        String phone = token(registered.text("device_token"));
        call("PUT", "/v1/pairs/" + pair + "/device", phone, opening).is(200);
        call(
                        "PATCH",
                        "/v1/devices/" + registered.text("device_id"),
                        phone,
                        "{\"push_token\":\"" + secret("CanaryPushToken:4") + "\"}")
                .is(200);
        List<String> ids = List.of(RequestIds.now(), RequestIds.now());
        for (String id : ids) {
            String envelope = "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair + "\",\"nonce\":\"" + BASE64
                    + "Nonce3\",\"ciphertext\":\"" + BASE64 + "Left" + "\"}";
            call("POST", "/v1/requests", platform, envelope).is(201);
        }
        String answer = "{\"nonce\":\"" + BASE64 + "Nonce4\",\"ciphertext\":\"" + BASE64 + "LeftAnswer\"}";
        call("PUT", "/v1/requests/" + ids.getFirst() + "/response", phone, answer)
                .is(200);
        call("GET", "/v1/requests/" + ids.getLast(), phone, NO_BODY).is(200);
        call("GET", "/v1/devices/" + registered.text("device_id") + "/requests", phone, NO_BODY)
                .is(200);
        left = new Left(pair, platform, registered.text("device_id"), phone, ids);
        return List.of(BASE64 + "Left", BASE64 + "LeftAnswer");
    }

    /** Calls that need what was left, whatever becomes of them. */
    void again() throws IOException {
        HttpAnswer answer = call("POST", "/v1/pairs", REGISTRATION_KEY, "{\"secret_hash\":\"" + SECRET_HASH + "\"}");
        if (answer.status() == 201) {
            token(answer.text("platform_token"));
        }
        for (String id : List.of(left.ids().getFirst(), left.ids().getLast(), RequestIds.now())) {
            String envelope = "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + left.pair() + "\",\"nonce\":\"" + BASE64
                    + "Nonce3\",\"ciphertext\":\"" + BASE64 + "Left\"}";
            call("POST", "/v1/requests", left.platform(), envelope);
            call("GET", "/v1/requests/" + id, left.platform(), NO_BODY);
            call("GET", "/v1/requests/" + id, left.phone(), NO_BODY);
            String response = "{\"nonce\":\"" + BASE64 + "Nonce4\",\"ciphertext\":\"" + BASE64 + "LeftAnswer\"}";
            call("PUT", "/v1/requests/" + id + "/response", left.phone(), response);
        }
        call("GET", "/v1/devices/" + left.device() + "/requests", left.phone(), NO_BODY);
        call(
                "PATCH",
                "/v1/devices/" + left.device(),
                left.phone(),
                "{\"push_token\":\"" + secret("CanaryPushToken:5") + "\"}");
        call("GET", "/v1/pairs/" + left.pair(), left.platform(), NO_BODY);
        call("GET", "/v1/pairs/" + left.pair() + "/events", left.phone(), NO_BODY);
    }

    /** One that may not be called, and one that may and is not there: both say why, and not where. */
    void webhooks(String pair, String platform, String phone) throws IOException {
        secrets.addAll(Set.of("canary-host-0815", "canary-callback-secret", "canary-callback-path"));
        for (String url : List.of(
                "https://user:canary-callback-secret@canary-host-0815.example/",
                "https://canary-host-0815.example/canary-callback-path",
                "http://127.0.0.1:1/canary-callback-path?canary-callback-secret")) {
            String id = RequestIds.now();
            HttpAnswer answer = call(
                    "POST",
                    "/v1/requests",
                    platform,
                    "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + pair + "\",\"nonce\":\"" + BASE64
                            + "Nonce1\",\"ciphertext\":\"" + BASE64 + "Question1\",\"callback_url\":\"" + url
                            + "\",\"callback_secret\":\"canary-callback-secret\"}");
            assertThat(answer.status(), is(url.startsWith("https") ? 400 : 201));
            if (answer.status() == 201) {
                call("GET", "/v1/requests/" + id, phone, NO_BODY).is(200);
                call("DELETE", "/v1/requests/" + id, platform, NO_BODY).is(204);
            }
        }
    }

    /** No secret is in the text. */
    void assertNoneIn(String what, String text) {
        for (String secret : secrets) {
            assertThat(what, text, not(containsString(secret)));
        }
    }
}
