package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer.One;
import dev.harp.message.Judgement.Accepted;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Java and TypeScript, which share no code, open each other's fresh messages. It needs Node 20.19 or later and the
 * app's packages:
 *
 * <pre>{@code
 * (cd app && npm ci)
 * }</pre>
 *
 * Where they are missing it is skipped; with {@code CI=true} in the environment it fails.
 */
class InteropTest {
    private static final int ROUNDS = 8;
    private static final List<Intent> INTENTS = List.of(Intent.AUTHORIZE, Intent.COLLECT, Intent.INFORM);
    private static final long NOW = Pair.NOW;

    private final SecureRandom random = new SecureRandom();

    @BeforeAll
    static void needsNode() throws IOException {
        Optional<String> missing = NodePeer.missing();
        if (missing.isPresent()) {
            if ("true".equals(System.getenv("CI"))) {
                fail(missing.get());
            }
            abort(missing.get());
        }
        NodePeer.compile();
    }

    @Test
    void typeScriptChecksEveryVector() throws IOException {
        String output = NodePeer.run("node", "--test", "build/test/vectors.test.js");
        assertTrue(output.lines().anyMatch("# fail 0"::equals), output);
    }

    @Test
    void aJavaPlatformAndATypeScriptDevice() throws IOException {
        try (NodePeer peer = NodePeer.start()) {
            PlatformPairing platform = pairWithDevice(peer);
            for (int round = 0; round < ROUNDS; round++) {
                askDevice(peer, platform, round);
            }
        }
    }

    @Test
    void aTypeScriptPlatformAndAJavaDevice() throws IOException {
        try (NodePeer peer = NodePeer.start()) {
            DevicePairing device = pairWithPlatform(peer);
            for (int round = 0; round < ROUNDS; round++) {
                answerPlatform(peer, device, round);
            }
        }
    }

    private PlatformPairing pairWithDevice(NodePeer peer) {
        PlatformOffer offer =
                PlatformOffer.create("deploy \ud83d\ude80", "build-7", random).orElseThrow();
        PairingLink link = offer.link("pair_a1b2c3d4e5f6", Pair.RELAY, Pair.RELAY + "/app/")
                .orElseThrow();
        Members joined = peer.call("join", c -> c.add("link", link.format()).add("name", "Ann's phone"));
        assertEquals(Optional.of(offer.secretHash()), joined.text("secret_hash"));
        PlatformHandshake handshake =
                offer.open(link, joined.text("payload").orElseThrow()).orElseThrow();
        Envelope hello = handshake.sealHello(random);
        String code = peer.call(
                "hello", "code", c -> c.add("request_id", Pair.HELLO_ID).add("envelope", hello.toJson()));
        assertTrue(handshake.isCheckCode(code));
        Members confirmed = peer.call("confirm", c -> c.add("now", NOW));
        PlatformPairing pairing =
                handshake.complete(Pair.HELLO_ID, NodePeer.envelope(confirmed)).orElseThrow();
        assertEquals(Optional.of(pairing.transcript().base64()), confirmed.text("pair"));
        return pairing;
    }

    private void askDevice(NodePeer peer, PlatformPairing platform, int round) {
        Question question = question(round);
        AskedQuestion asked = platform.seal(question, random).orElseThrow();
        Members opened = peer.call(
                "open",
                c -> c.add("request_id", question.requestId())
                        .add("envelope", asked.envelope().toJson()));
        assertEquals(Optional.of(Crypto.sha256(asked.plaintext()).base64()), opened.text("digest"));
        Answer answer = answer(question);
        Members answered = peer.call(
                "answer",
                c -> c.add("passkey", question.assurance() != Assurance.TAP).add("answer", json(answer)));
        Accepted accepted =
                assertInstanceOf(Accepted.class, platform.judge(asked, NodePeer.envelope(answered), NOW + 5));
        assertEquals(answer, accepted.answer());
        assertEquals(question.assurance(), accepted.given());
        Members verified = peer.call(
                "verify",
                c -> c.add("pair", platform.transcript().base64())
                        .add("file", new String(accepted.receipt().write(), UTF_8)));
        assertEquals(Optional.of(answer.decision().code()), verified.text("decision"));
        assertEquals(Optional.of(question.assurance().code()), verified.text("assurance"));
    }

    private DevicePairing pairWithPlatform(NodePeer peer) {
        String secretHash =
                peer.call("offer", "secret_hash", c -> c.add("name", "agent").add("host", "h"));
        String text = peer.call(
                "link",
                "link",
                c -> c.add("pair_id", "pair_0123456789ab")
                        .add("relay", "https://[2001:db8::7]:8443/harp")
                        .add("page", "https://approve.example.net/"));
        PairingLink link =
                PairingLink.parse(text, PairingLink.Http.LOOPBACK_ONLY).orElseThrow();
        DeviceJoin join = DeviceJoin.begin(
                        link, "\u6771\u4eac", Optional.of(TestPasskeys.ORIGIN), TestPasskeys.ALL, random)
                .orElseThrow();
        assertEquals(secretHash, join.secretHash());
        Members opened = peer.call("payload", c -> c.add("payload", join.payload()));
        DeviceHandshake handshake =
                join.open(Pair.HELLO_ID, NodePeer.envelope(opened)).orElseThrow();
        assertEquals(Optional.of(handshake.checkCode()), opened.text("code"));
        DeviceHandshake.Confirmed confirmed = handshake.confirm(NOW, random);
        String pair = peer.call(
                "paired",
                "pair",
                c -> c.add("request_id", Pair.HELLO_ID)
                        .add("envelope", confirmed.response().toJson()));
        assertEquals(confirmed.pairing().transcript().base64(), pair);
        return confirmed.pairing();
    }

    private void answerPlatform(NodePeer peer, DevicePairing device, int round) {
        Question question = question(round);
        Members asked = peer.call("ask", c -> c.add("question", QuestionWriter.write(question)));
        ReceivedQuestion received =
                device.open(question.requestId(), NodePeer.envelope(asked)).orElseThrow();
        assertEquals(
                question,
                assertInstanceOf(ReceivedQuestion.Understood.class, received).question());
        PreparedAnswer prepared = device.sign(received, answer(question)).orElseThrow();
        Passkey passkey = TestPasskeys.ALL.get(round % TestPasskeys.ALL.size());
        boolean uses = question.assurance() != Assurance.TAP;
        Optional<Assertion> assertion =
                uses ? Optional.of(TestPasskeys.sign(uses(question, passkey), prepared.challenge())) : Optional.empty();
        Envelope response = prepared.seal(assertion, random).orElseThrow().response();
        Members judged =
                peer.call("judge", c -> c.add("envelope", response.toJson()).add("arrived_at", NOW + 5));
        assertEquals(Optional.of(answer(question).decision().code()), judged.text("decision"));
        byte[] receipt = judged.text("receipt").orElseThrow().getBytes(UTF_8);
        assertEquals(
                question,
                Receipt.verify(receipt, device.transcript()).orElseThrow().question());
    }

    private static Passkey uses(Question question, Passkey passkey) {
        return question.assurance() == Assurance.ELEVATED ? TestPasskeys.BOUND : passkey;
    }

    /** All intents and both assurances, with text of any kind in it. */
    private Question question(int round) {
        Intent intent = INTENTS.get(round % INTENTS.size());
        Assurance assurance = round % 2 == 0 || intent == Intent.INFORM ? Assurance.TAP : Assurance.ELEVATED;
        String id = String.format("01900000-0000-7000-8000-%012x", random.nextInt(Integer.MAX_VALUE));
        var builder = Question.builder(intent, id, NOW, NOW + 300, "do " + anyText(20), assurance)
                .description(anyText(10 << round))
                .parameters(List.of(new Question.Parameter("p", anyText(50))));
        return switch (intent) {
            case AUTHORIZE ->
                builder.choices(List.of(new Question.Choice("always", "r"))).build();
            case COLLECT ->
                builder.fields(List.of(new Question.Field("f", Question.FieldType.TEXT, "F", true, List.of())))
                        .build();
            case INFORM -> builder.build();
        };
    }

    private Answer answer(Question question) {
        return switch (question.intent()) {
            case AUTHORIZE ->
                Answer.of(Decision.APPROVED, NOW).withChoice("always").withReason("\"\u0001\u00e4\"");
            case COLLECT -> Answer.of(Decision.ANSWERED, NOW).withValues(List.of(new One("f", "\n\ud83d\ude00")));
            case INFORM -> Answer.of(Decision.SEEN, NOW);
        };
    }

    private static Members json(Answer answer) {
        var json = JsonTree.object()
                .add("decision", answer.decision().code())
                .add("decided_at", answer.decidedAt())
                .add("reason", answer.reason())
                .add("choice", answer.choice());
        if (!answer.values().isEmpty()) {
            json.add(
                    "values",
                    answer.values().stream()
                            .map(value -> JsonTree.object()
                                    .add("name", value.name())
                                    .add("value", ((One) value).value())
                                    .build())
                            .toList());
        }
        return json.build();
    }

    /** Characters of all planes, controls included, no surrogates by themselves. */
    private String anyText(int length) {
        StringBuilder text = new StringBuilder();
        random.ints(0, 0x110000)
                .map(c -> c % 3 == 0 ? c % 128 : c)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                .limit(length)
                .forEach(text::appendCodePoint);
        return text.toString();
    }
}
