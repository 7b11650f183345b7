package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.testing.FixedRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every vector of {@code src/test/resources/messages}, read from the files as another implementation would. */
class VectorsTest {

    @Test
    void theCommittedFilesAreWhatTheGeneratorMakes() throws IOException {
        List<Vectors> all = VectorGenerator.all();
        if (Boolean.getBoolean("vectors.write")) {
            VectorGenerator.write(all);
        }
        for (Vectors vectors : all) {
            String committed = Files.readString(VectorGenerator.DIRECTORY.resolve(vectors.file + ".json"));
            assertEquals(VectorGenerator.print(vectors), committed, vectors.file);
        }
    }

    @TestFactory
    Stream<DynamicNode> vectors() throws IOException {
        try (Stream<Path> files = Files.list(VectorGenerator.DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream()
                    .map(file -> dynamicContainer(
                            file.getFileName().toString(),
                            read(file).stream().map(vector -> dynamicTest(vector.text("name"), () -> check(vector)))));
        }
    }

    private static List<Vector> read(Path file) {
        try {
            Members members = ExactJson.readAny(Files.readAllBytes(file)).orElseThrow();
            return ((Items) members.get("vectors").orElseThrow())
                    .values().stream().map(item -> new Vector((Members) item)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void check(Vector vector) {
        Checked<?> result = switch (vector.text("kind")) {
            case "link" -> link(vector);
            case "keys" -> keys(vector);
            case "payload" -> payload(vector);
            case "hello" -> hello(vector);
            case "paired" -> Fixtures.TAP.platformHandshake().complete(vector.text("request_id"), vector.envelope());
            case "json" -> json(vector);
            case "question" -> question(vector);
            case "answer" -> answer(vector);
            case "ed25519" -> ed25519(vector);
            case "clock", "consent", "arrival" -> clock(vector);
            case "receipt" -> receipt(vector);
            default -> throw new IllegalArgumentException(vector.text("kind"));
        };
        String refused = result instanceof Checked.Refused<?>(Reason reason) ? reason.code() : "";
        assertEquals(vector.has("refused") ? vector.text("refused") : "", refused);
    }

    private static Checked<?> link(Vector vector) {
        PairingLink.Http http = vector.flag("http") ? PairingLink.Http.ALLOWED : PairingLink.Http.LOOPBACK_ONLY;
        Checked<PairingLink> checked = PairingLink.parse(vector.text("link"), http);
        if (checked instanceof Checked.Ok<PairingLink>(PairingLink link)) {
            assertEquals(
                    new PairingLink(
                            vector.text("page"),
                            vector.text("relay"),
                            vector.text("pair_id"),
                            vector.bytes("secret"),
                            vector.bytes("commitment")),
                    link);
            assertEquals(vector.text("link"), link.format());
        }
        return checked;
    }

    private static Checked<?> keys(Vector vector) {
        PairingLink link = PairingLink.parse(vector.text("link"), PairingLink.Http.LOOPBACK_ONLY)
                .orElseThrow();
        Join join = Join.read(vector.plaintext("join"));
        Hello hello = Hello.read(vector.plaintext("hello"));
        PairingSecrets secrets = PairingSecrets.of(link);
        assertEquals(vector.bytes("commitment"), Hello.commitment(hello.plaintext()));
        assertEquals(vector.text("secret_hash"), Secrets.hash(link.secret()));
        assertEquals(vector.bytes("join_key"), secrets.joinKey());
        assertEquals(vector.bytes("hello_key"), secrets.helloKey());
        PairingKeys keys = PairingKeys.derive(link, join, hello, vector.bytes("device_x25519_secret"), hello.x25519());
        assertEquals(
                keys, PairingKeys.derive(link, join, hello, vector.bytes("platform_x25519_secret"), join.x25519()));
        assertEquals(vector.bytes("pair"), keys.transcript());
        assertEquals(vector.bytes("question_key"), keys.questionKey());
        assertEquals(vector.bytes("answer_key"), keys.answerKey());
        assertEquals(vector.text("check_code"), keys.checkCode());
        return new Checked.Ok<>(keys);
    }

    private static Checked<?> payload(Vector vector) {
        Pair pair = Fixtures.TAP;
        var checked = pair.offer().open(pair.link(), vector.text("payload"));
        if (checked instanceof Checked.Ok<PlatformHandshake>(PlatformHandshake handshake)) {
            assertEquals(vector.plaintext("join"), handshake.join().plaintext());
            assertEquals(vector.bytes("pair"), handshake.transcript());
        }
        return checked;
    }

    private static Checked<?> hello(Vector vector) {
        DeviceJoin join = Fixtures.TAP.deviceJoin();
        PairingLink link = vector.has("link")
                ? PairingLink.parse(vector.text("link"), PairingLink.Http.LOOPBACK_ONLY)
                        .orElseThrow()
                : join.link();
        var checked = new DeviceJoin(link, join.x25519Secret(), join.ed25519Seed(), join.join(), join.payload())
                .open(Pair.HELLO_ID, vector.envelope());
        if (checked instanceof Checked.Ok<DeviceHandshake>(DeviceHandshake handshake)) {
            assertEquals(vector.plaintext("hello"), handshake.hello().plaintext());
        }
        return checked;
    }

    private static Checked<?> json(Vector vector) {
        byte[] bytes = vector.has("text")
                ? vector.text("text").getBytes(UTF_8)
                : HexFormat.of().parseHex(vector.text("hex"));
        return Checked.of(() -> ExactJson.read(bytes).orElseThrow(() -> new Refusal(Reason.JSON_FORM)));
    }

    private static Checked<?> question(Vector vector) {
        Bytes plaintext = vector.plaintext("plaintext");
        Pair pair = Fixtures.TAP;
        Envelope envelope = Envelope.seal(pair.platform().questionKey(), plaintext, new FixedRandom("any"));
        var checked = pair.device().open(vector.text("request_id"), envelope);
        if (checked instanceof Checked.Ok<ReceivedQuestion>(ReceivedQuestion question)) {
            assertEquals(vector.bytes("digest"), question.digest());
            Set<String> unknown = switch (question) {
                case ReceivedQuestion.Understood(Question known, Bytes _) -> {
                    assertEquals(plaintext, known.plaintext().orElseThrow());
                    yield Set.of();
                }
                case ReceivedQuestion.NotUnderstood other -> new TreeSet<>(other.unknown());
            };
            assertEquals(new TreeSet<>(vector.texts("unknown")), unknown);
        }
        return checked;
    }

    private static Checked<?> answer(Vector vector) {
        Pair pair = Fixtures.named(vector.text("pairing"));
        Question question = QuestionReader.readOwn(vector.plaintext("question"));
        AskedQuestion asked = new AskedQuestion(question, vector.plaintext("question"), vector.envelope());
        return switch (pair.platform().judge(asked, vector.envelope(), vector.whole("arrived_at"))) {
            case Judgement.Accepted accepted -> {
                assertEquals(
                        vector.text("decision"), accepted.answer().decision().code());
                assertEquals(vector.text("assurance"), accepted.given().code());
                assertEquals(vector.flag("clock_differs"), accepted.clockDiffers());
                assertArrayEquals(
                        vector.text("answer").getBytes(UTF_8),
                        Jws.parse(accepted.receipt().answer()).payload().toByteArray());
                yield new Checked.Ok<>(accepted);
            }
            case Judgement.NotSureEnough _ -> new Checked.Refused<>(Reason.ASSURANCE);
            case Judgement.NotGenuine(Reason reason) -> new Checked.Refused<>(reason);
        };
    }

    private static Checked<?> ed25519(Vector vector) {
        return Checked.of(() -> {
            Refusal.unless(Crypto.isUsableEd25519(vector.hex("public_key")), Reason.WEAK_KEY);
            Refusal.unless(
                    Crypto.verifyEd25519(vector.hex("public_key"), vector.hex("message"), vector.hex("signature")),
                    Reason.SIGNATURE);
            return true;
        });
    }

    private static Checked<?> clock(Vector vector) {
        long now = vector.whole("now");
        return Checked.of(() -> {
            switch (vector.text("kind")) {
                case "clock" ->
                    Clocks.judge(now, vector.whole("issued_at"), vector.whole("expires_at"))
                            .ifPresent(reason -> {
                                throw new Refusal(reason);
                            });
                case "consent" ->
                    Refusal.unless(!Clocks.isBehind(now, vector.whole("newest_issued_at")), Reason.CLOCK_BEHIND);
                default ->
                    Refusal.unless(
                            Clocks.isInTime(
                                    vector.whole("issued_at"),
                                    vector.whole("expires_at"),
                                    now,
                                    vector.whole("elapsed")),
                            Reason.LATE);
            }
            return true;
        });
    }

    private static Checked<?> receipt(Vector vector) {
        var checked = Receipt.verify(vector.text("file").getBytes(UTF_8), vector.bytes("pair"));
        if (checked instanceof Checked.Ok<Receipt.Verified>(Receipt.Verified verified)) {
            assertEquals(vector.text("decision"), verified.answer().decision().code());
            assertEquals(vector.text("assurance"), verified.given().code());
        }
        return checked;
    }

    private record Vector(Members members) {
        boolean has(String name) {
            return members.get(name).isPresent();
        }

        String text(String name) {
            return members.text(name).orElseThrow(() -> new AssertionError(name));
        }

        List<String> texts(String name) {
            return ((Items) members.get(name).orElseThrow())
                    .values().stream()
                            .map(item -> ((JsonTree.Text) item).value())
                            .toList();
        }

        boolean flag(String name) {
            return ((JsonTree.Flag) members.get(name).orElseThrow()).value();
        }

        long whole(String name) {
            return ((JsonTree.Whole) members.get(name).orElseThrow()).value();
        }

        Bytes bytes(String name) {
            return Bytes.ofBase64(text(name)).orElseThrow();
        }

        Bytes hex(String name) {
            return Bytes.of(HexFormat.of().parseHex(text(name)));
        }

        Bytes plaintext(String name) {
            Vector value = new Vector((Members) members.get(name).orElseThrow());
            return Vectors.padded(value.text("json"), Math.toIntExact(value.whole("size")));
        }

        Envelope envelope() {
            Vector value = new Vector((Members) members.get("envelope").orElseThrow());
            return new Envelope(value.text("nonce"), value.text("ciphertext"));
        }
    }
}
