package dev.harp.relay;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.client.Ask;
import dev.harp.client.Device;
import dev.harp.client.DeviceStore;
import dev.harp.client.Environment;
import dev.harp.client.Inbox;
import dev.harp.client.Joining;
import dev.harp.client.Outcome;
import dev.harp.client.PairingSession;
import dev.harp.client.Platform;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RequestJournal;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.message.DecisionLog;
import dev.harp.message.PairingLink;
import dev.harp.message.ReceivedQuestion;
import dev.harp.testing.LogCapture;
import dev.harp.testing.ObservingProxy;
import dev.harp.testing.RelayProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Secrets are planted wherever a client can put or get one. Nothing that the relay writes, and no error that it
 * answers, has one in it; and what platform and device say to each other is nowhere in its memory.
 */
@Timeout(300)
class CanaryTest {
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
                Planter.REGISTRATION_KEY,
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

    /**
     * The same within: every record of the relay's own loggers at any level, its parameters and exceptions included.
     */
    @Test
    void nothingSecretIsLogged() throws Exception {
        try (LogCapture log = LogCapture.ofEverything();
                TestRelay relay =
                        TestRelay.start("REGISTRATION_KEY=" + Planter.REGISTRATION_KEY, "WEBHOOK_ALLOW=127.0.0.1")) {
            relay.advance(Duration.between(relay.now(), Instant.now()));
            Planter planter = new Planter(relay.port());
            planter.plant();
            planter.assertNoneIn("the log", log.text());
            assertThat(log.size(), greaterThan(30));
        }
    }

    /** Whole approvals with the real cryptography; then the relay's whole memory, garbage included, is searched. */
    @Test
    void noPlaintextInMemory(@TempDir Path folder) throws Exception {
        Map<String, String> options = Map.of(
                "HOST", "127.0.0.1", "PORT", "0", "ADMIN_PORT", "0", "RATE_LIMIT_CLIENT", "0", "RATE_LIMIT_PAIR", "0");
        Environment environment = Environment.system();
        DeviceStore phone = DeviceStore.inMemory();
        List<AssertionError> undocumented = Collections.synchronizedList(new ArrayList<>());
        try (RelayProcess relay = RelayProcess.ofClasses(options, "-Xmx128m");
                ObservingProxy proxy = new ObservingProxy(relay.port(), (request, answer) -> {
                    try {
                        OpenApiCheck.API.check(request.method(), request.target(), answer);
                    } catch (AssertionError e) {
                        undocumented.add(e);
                    }
                })) {
            List<String> plaintexts = new ArrayList<>();
            List<String> ciphertexts = new ArrayList<>();
            String url = "http://127.0.0.1:" + proxy.port();
            PlatformCredentials credentials = paired(url, phone, environment);
            try (Device device = new Device(url, phone, environment);
                    Platform platform = new Platform(credentials, RequestJournal.inMemory(), environment)) {
                for (int i = 0; i < 20; i++) {
                    String question = "May I deploy the unmistakable canary release number " + i + "?";
                    String reason = "because the unmistakable reviewer number " + i + " said so";
                    Platform.Submission submission = platform.submit(Ask.authorize(question, Duration.ofMinutes(5)));
                    Platform.Sent sent = ((Platform.Accepted) submission).sent();
                    Inbox.Card card = device.list().cards().getFirst();
                    assertThat(
                            ((ReceivedQuestion.Understood) card.question())
                                    .question()
                                    .action(),
                            is(question));
                    Answer answer = Answer.of(
                                    i % 2 == 0 ? Decision.APPROVED : Decision.DENIED,
                                    environment.clock().instant().getEpochSecond())
                            .withReason(reason);
                    assertThat(device.decide(card, answer), instanceOf(Device.Sent.class));
                    assertThat(platform.await(sent), instanceOf(Outcome.Decided.class));
                    plaintexts.add(question);
                    plaintexts.add(reason);
                    ciphertexts.add(response(phone, sent.requestId()));
                }
            }
            assertThat(undocumented, is(List.of()));

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
            for (String token :
                    List.of(credentials.token(), phone.read().orElseThrow().token())) {
                System.out.println(token.substring(0, 4) + "...: in the whole heap " + contains(everything, token)
                        + ", reachable " + contains(live, token));
            }
        }
    }

    private static PlatformCredentials paired(String url, DeviceStore phone, Environment environment) throws Exception {
        try (PairingSession session =
                        PairingSession.open(PairingSession.Settings.of(url, "canary", "host"), environment);
                Device device = new Device(url, phone, environment)) {
            Device.JoinResult result = device.join(
                    session.link().format(), PairingLink.Http.LOOPBACK_ONLY, "phone", Optional.empty(), List.of());
            Joining joining = ((Device.Begun) result).joining();
            assertThat(session.awaitDevice(), instanceOf(PairingSession.Joined.class));
            var greeted = (Joining.Greeted) joining.awaitHello();
            assertThat(session.check(greeted.handshake().checkCode()), is(PairingSession.Check.RIGHT));
            assertThat(joining.confirm(), is(Joining.Confirmation.PAIRED));
            return ((PairingSession.Paired) session.complete()).credentials();
        }
    }

    /** What the phone has sent. */
    private static String response(DeviceStore phone, String requestId) {
        DecisionLog.Entry entry = Optional.ofNullable(phone.read()
                        .orElseThrow()
                        .pairings()
                        .getFirst()
                        .log()
                        .entries()
                        .get(requestId))
                .orElseThrow();
        return entry.response().ciphertext();
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
