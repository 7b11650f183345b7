package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.client.HarpDevice;
import dev.harp.relay.client.HarpPlatform;
import dev.harp.relay.client.Outcome;
import dev.harp.relay.client.RelayHttp;
import dev.harp.relay.client.RequestIds;
import dev.harp.relay.client.RetryPolicy;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Secrets are planted wherever a client can put or get one. Nothing that the relay writes, and no error that it answers, has one in it;
 * and what platform and device say to each other is nowhere in its memory.
 */
@Timeout(120)
class CanaryTest {
    private static final String REGISTRATION_KEY = "canary-registration-key-0815";
    private static final String SECRET_HASH = "cafe0815".repeat(8);
    private static final String WRONG_HASH = "beef0815".repeat(8);
    private static final String BASE64 = "CanaryText";

    /** One caller, the secrets that it has planted or been given, and the errors that it has been answered. */
    private static final class Planter {
        private final int port;
        final Set<String> secrets = new HashSet<>(Set.of(REGISTRATION_KEY, SECRET_HASH, WRONG_HASH, BASE64));
        final List<String> errors = new ArrayList<>();

        Planter(int port) {
            this.port = port;
        }

        Answer call(String method, String target, String token, String body, String... headers) throws IOException {
            return send(TestRelay.request(method, target, token, body, headers)).getFirst();
        }

        List<Answer> send(byte[] request) throws IOException {
            List<Answer> answers = new ArrayList<>();
            try (Wire wire = new Wire(port)) {
                wire.sendUntilClosed(request);
                try {
                    wire.end();
                } catch (IOException closed) {
                    // by the relay
                }
                for (Optional<Answer> next = wire.next(); next.isPresent(); next = wire.next()) {
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

        /** Every call, right and wrong in many ways. */
        void plant() throws IOException {
            String opening = "{\"secret_hash\":\"" + SECRET_HASH + "\"}";
            call("POST", "/v1/pairs", secret("canary-wrong-key-0123456"), opening)
                    .is(401);
            Answer opened = call("POST", "/v1/pairs", REGISTRATION_KEY, opening).is(201);
            String pair = opened.text("pair_id");
            String platform = secret(opened.text("platform_token"));
            String pushToken = secret("CanaryPushToken:1");
            Answer registered = call("POST", "/v1/devices", NO_TOKEN, "{\"push_token\":\"" + pushToken + "\"}")
                    .is(201);
            String device = registered.text("device_id");
            String phone = secret(registered.text("device_token"));
            call("PATCH", "/v1/devices/" + device, phone, "{\"push_token\":\"" + secret("CanaryPushToken:2") + "\"}")
                    .is(200);
            call(
                            "PATCH",
                            "/v1/devices/" + device,
                            phone,
                            "{\"push_token\":\"" + secret("CanaryPushToken:3") + "\\u0000\"}")
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
            call(
                            "POST",
                            "/v1/requests",
                            platform,
                            envelope.replace("}", ",\"CanaryTextUnknown\":\"CanaryTextUnknown\""))
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
            call("GET", "/v1/requests/" + id, secret("hpt_" + "Canary0".repeat(6) + "X"), NO_BODY)
                    .is(401);
            call("GET", "/v1/requests/" + id, NO_TOKEN, NO_BODY, "Authorization: Basic " + secret("Q2FuYXJ5OkNhbmFyeQ"))
                    .is(401);
            String answer = "{\"nonce\":\"" + BASE64 + "Nonce2\",\"ciphertext\":\"" + BASE64
                    + "Answer12\",\"signature\":\"" + BASE64 + "Signature1\"}";
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
            for (String more :
                    List.of("\"ttl\":1e99999999999", "\"x\":" + "9".repeat(5000), "\"x\":" + "[".repeat(5000))) {
                call("POST", "/v1/requests", platform, envelope.replace("}", "," + more + "}"))
                        .is(400);
            }
            call("DELETE", "/v1/pairs/" + pair, platform, NO_BODY).is(204);
            call("POST", "/v1/requests", platform, envelope).is(410);
            call("DELETE", "/v1/devices/" + device, phone, NO_BODY).is(204);
            call("GET", "/v1/devices/" + device + "/requests", phone, NO_BODY).is(401);
        }

        /** One that may not be called, and one that may and is not there: both say why, and not where. */
        void webhooks(String pair, String platform, String phone) throws IOException {
            secrets.addAll(Set.of("canary-host-0815", "canary-callback-secret", "canary-callback-path"));
            for (String url : List.of(
                    "https://user:canary-callback-secret@canary-host-0815.example/",
                    "https://canary-host-0815.example/canary-callback-path",
                    "http://127.0.0.1:1/canary-callback-path?canary-callback-secret")) {
                String id = RequestIds.now();
                Answer answer = call(
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

    /** Talkative, as a process: standard output and standard error. */
    @ParameterizedTest
    @CsvSource({"debug, json, full", "debug, text, full", "info, json, truncated"})
    void nothingSecretIsWritten(String level, String format, String client) throws Exception {
        Map<String, String> options =
                new HashMap<>(Map.of("HOST", "127.0.0.1", "PORT", "0", "ADMIN_PORT", "0", "LOG_LEVEL", level));
        options.putAll(Map.of("LOG_FORMAT", format, "LOG_CLIENT", client));
        options.putAll(Map.of(
                "WEBHOOK_ALLOW",
                "127.0.0.1",
                "REGISTRATION_KEY",
                REGISTRATION_KEY,
                "RATE_LIMIT_CLIENT",
                "0",
                "RATE_LIMIT_PAIR",
                "0"));
        try (RelayProcess relay = RelayProcess.ofClasses(options)) {
            Planter planter = new Planter(relay.port());
            planter.plant();
            relay.terminate();
            assertThat(relay.exit(), is(0));
            assertThat("it says something", relay.output().size(), greaterThan(30));
            planter.assertNoneIn("the output", String.join("\n", relay.output()));
            planter.assertNoneIn("an error", String.join("\n", planter.errors));
            assertThat(planter.errors.size(), greaterThan(30));
            // What kept a webhook from its receiver is told by its class, and nothing else of it.
            assertThat(
                    String.join("\n", relay.output()).replace("was not received: ConnectException", ""),
                    not(containsString("Exception")));
        }
    }

    /** The same within: every record of the relay's own loggers at any level, its parameters and exceptions included. */
    @Test
    void nothingSecretIsLogged() throws Exception {
        List<String> records = Collections.synchronizedList(new ArrayList<>());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                StringBuilder text = new StringBuilder(entry.getLoggerName() + " " + entry.getMessage());
                Object[] parameters = entry.getParameters();
                for (Object parameter : parameters == null ? new Object[0] : parameters) {
                    text.append(' ').append(parameter);
                }
                for (Throwable thrown = entry.getThrown(); thrown != null; thrown = thrown.getCause()) {
                    text.append(' ').append(thrown);
                }
                records.add(text.toString());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        Logger own = Logger.getLogger("dev.harp");
        root.addHandler(handler);
        own.setLevel(Level.ALL);
        try (TestRelay relay = TestRelay.start("REGISTRATION_KEY=" + REGISTRATION_KEY, "WEBHOOK_ALLOW=127.0.0.1")) {
            relay.advance(Duration.between(relay.now(), Instant.now()));
            Planter planter = new Planter(relay.port());
            planter.plant();
            planter.assertNoneIn("the log", String.join("\n", records));
            assertThat(records.size(), greaterThan(30));
        } finally {
            own.setLevel(null);
            root.removeHandler(handler);
        }
    }

    /** Whole approvals with the real cryptography; then the relay's whole memory, garbage included, is searched. */
    @Test
    void noPlaintextInMemory(@TempDir Path folder) throws Exception {
        Map<String, String> options = Map.of(
                "HOST", "127.0.0.1", "PORT", "0", "ADMIN_PORT", "0", "RATE_LIMIT_CLIENT", "0", "RATE_LIMIT_PAIR", "0");
        try (RelayProcess relay = RelayProcess.ofClasses(options, "-Xmx128m");
                RelayHttp http =
                        new RelayHttp(URI.create("http://127.0.0.1:" + relay.port()), RetryPolicy.never(), exchange -> {
                            String target = exchange.path();
                            OpenApiCheck.API.check(exchange.method(), target, answer(exchange.answer()));
                        })) {
            List<String> plaintexts = new ArrayList<>();
            List<String> ciphertexts = new ArrayList<>();
            HarpDevice device = HarpDevice.register(http, Optional.empty());
            HarpPlatform platform = HarpPlatform.open(http, Optional.empty(), Duration.ofMinutes(5));
            device.scan(platform.qrText());
            assertThat(platform.awaitPairing(Duration.ofSeconds(30)), is(true));
            for (int i = 0; i < 20; i++) {
                String question = "May I deploy the unmistakable canary release number " + i + "?";
                String reason = "because the unmistakable reviewer number " + i + " said so";
                HarpPlatform.Envelope envelope = platform.seal(RequestIds.now(), question);
                platform.submit(envelope, Duration.ofMinutes(5)).expect(201);
                HarpDevice.Question shown =
                        device.list(Duration.ofSeconds(30)).questions().getFirst();
                assertThat(shown.text(), is(question));
                HarpDevice.Response response = device.respond(shown, i % 2 == 0, reason);
                device.send(response).expect(200);
                assertThat(
                        platform.awaitOutcome(envelope.requestId(), Duration.ofSeconds(30)),
                        instanceOf(Outcome.Decided.class));
                plaintexts.add(question);
                plaintexts.add(reason);
                ciphertexts.add(envelope.ciphertext());
                ciphertexts.add(response.ciphertext());
            }
            http.close();

            String everything = heapOf(relay, folder.resolve("all.hprof"), "-all");
            for (String ciphertext : ciphertexts) {
                assertThat("the search finds what is there", contains(everything, ciphertext), is(true));
            }
            for (String plaintext : plaintexts) {
                assertThat(plaintext, contains(everything, plaintext), is(false));
            }
            assertThat(contains(everything, "unmistakable"), is(false));

            // Tokens pass through buffers, which nobody clears: what is found of them is told, and not asserted.
            String live = heapOf(relay, folder.resolve("live.hprof"));
            for (String token : List.of(platform.token(), device.token())) {
                System.out.println(token.substring(0, 4) + "...: in the whole heap " + contains(everything, token)
                        + ", reachable " + contains(live, token));
            }
        }
    }

    private static Answer answer(RelayHttp.Answer answer) {
        List<String> lines = new ArrayList<>(List.of("HTTP/1.1 " + answer.status()));
        answer.headers().map().forEach((name, values) -> values.forEach(value -> lines.add(name + ": " + value)));
        return new Answer(answer.status(), lines, answer.raw());
    }

    /** A text as Java keeps it: a byte for each character, or two. */
    private static boolean contains(String heap, String text) {
        String wide = new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.ISO_8859_1);
        return heap.contains(text) || heap.contains(wide);
    }

    private static String heapOf(RelayProcess relay, Path file, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(relay.pid()),
                "GC.heap_dump"));
        command.addAll(List.of(options));
        command.add(file.toString());
        Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said, jcmd.waitFor(), is(0));
        String heap = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        Files.delete(file);
        assertThat(said, heap.length(), greaterThan(1 << 20));
        return heap;
    }
}
