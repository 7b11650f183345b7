package dev.harp.message;

import dev.harp.json.JsonTree;
import java.util.List;
import java.util.Optional;

/** The two pairings that most vectors belong to. */
final class Fixtures {
    static final Pair TAP = Pair.make("vectors tap", Optional.empty(), List.of());
    static final Pair PASSKEYS = Pair.make("vectors passkeys", Optional.of(TestPasskeys.ORIGIN), TestPasskeys.ALL);

    private Fixtures() {}

    static Pair named(String name) {
        return switch (name) {
            case "tap" -> TAP;
            case "passkeys" -> PASSKEYS;
            default -> throw new IllegalArgumentException(name);
        };
    }

    static Vectors vectors() {
        Vectors vectors = new Vectors(
                "pairings",
                "Two pairings with all their secrets, which the other files name. kind keys: derive everything from"
                        + " link, join, hello and one side's secret. Passkey secrets are there to make further vectors"
                        + " with.");
        for (String name : List.of("tap", "passkeys")) {
            keys(vectors, name, named(name));
        }
        keys(vectors, "check code with leading zeros", Pair.make(leadingZeros(), Optional.empty(), List.of()));
        keys(vectors, "names beyond ASCII, relay on another host than the page", beyondAscii());
        return vectors;
    }

    private static void keys(Vectors vectors, String name, Pair pair) {
        PairingSecrets secrets = PairingSecrets.of(pair.link());
        vectors.valid(
                "keys",
                name,
                v -> v.add("link", pair.link().format())
                        .add("secret_hash", pair.deviceJoin().secretHash())
                        .add(
                                "device_x25519_secret",
                                pair.deviceJoin().x25519Secret().base64())
                        .add(
                                "device_ed25519_seed",
                                pair.deviceJoin().ed25519Seed().base64())
                        .add("platform_x25519_secret", platformSecret(pair).base64())
                        .add("join", Vectors.plaintext(pair.deviceJoin().join().plaintext()))
                        .add(
                                "hello",
                                Vectors.plaintext(pair.deviceHandshake().hello().plaintext()))
                        .add("hello_request_id", Pair.HELLO_ID)
                        .add("commitment", pair.link().commitment().base64())
                        .add("join_key", secrets.joinKey().base64())
                        .add("hello_key", secrets.helloKey().base64())
                        .add("pair", pair.device().transcript().base64())
                        .add("question_key", pair.device().questionKey().base64())
                        .add("answer_key", pair.device().answerKey().base64())
                        .add("check_code", pair.deviceHandshake().checkCode())
                        .add("passkey_secrets", name.equals("passkeys") ? passkeySecrets() : List.of()));
    }

    private static List<JsonTree> passkeySecrets() {
        return List.of(
                JsonTree.object()
                        .add(
                                "p256",
                                TestCurves.big(TestPasskeys.BOUND_SECRET, 32).base64())
                        .build(),
                JsonTree.object()
                        .add(
                                "p256",
                                TestCurves.big(TestPasskeys.SYNCED_SECRET, 32).base64())
                        .build(),
                JsonTree.object().add("pkcs8", TestPasskeys.RSA_SECRET).build());
    }

    static Bytes platformSecret(Pair pair) {
        return pair.offer().x25519Secret();
    }

    private static String leadingZeros() {
        for (int i = 0; ; i++) {
            String label = "zeros " + i;
            Pair pair = Pair.make(label, Optional.empty(), List.of());
            if (pair.deviceHandshake().checkCode().startsWith("00")) {
                return label;
            }
        }
    }

    private static Pair beyondAscii() {
        return Pair.make(
                "vectors beyond",
                "D\u00e9ploiement \ud83d\ude80",
                "\u6771\u4eac-7",
                "https://[2001:db8::1]:8443/harp/relay_1",
                "https://approve.example.net/",
                Optional.empty(),
                List.of());
    }
}
