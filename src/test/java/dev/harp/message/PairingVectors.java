package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.testing.FixedRandom;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/** Join and hello as they travel: section 4. */
final class PairingVectors {
    private final Pair pair = Fixtures.TAP;
    private final PairingSecrets secrets = PairingSecrets.of(pair.link());
    private final SecureRandom random = new FixedRandom("pairing vectors");
    private final Join join = pair.deviceJoin().join();
    private final Hello hello = pair.deviceHandshake().hello();

    private final Vectors vectors = new Vectors(
            "pairing",
            "All belong to the pairing tap of pairings.json. kind payload: the platform opens the device's payload."
                    + " kind hello: the device opens the platform's envelope; link is there if it is another one. kind"
                    + " paired: the platform opens the device's confirmation. A valid payload or hello gives its"
                    + " plaintext, and pair is T.");

    private PairingVectors() {}

    static Vectors make() {
        PairingVectors pairing = new PairingVectors();
        pairing.valid();
        pairing.refusedJoins();
        pairing.refusedHellos();
        pairing.confirmations();
        return pairing.vectors;
    }

    private void valid() {
        payload("payload", join.plaintext());
        payload(
                "payload with four passkeys",
                make(
                        TestPasskeys.ORIGIN,
                        List.of(TestPasskeys.BOUND, TestPasskeys.SYNCED, TestPasskeys.RSA, TestPasskeys.RSA)));
        payload("payload with an origin and no passkeys", make("http://localhost:5173", List.of()));
        vectors.valid(
                "hello",
                "hello",
                v -> v.add("envelope", pair.hello().toJson())
                        .add("hello", Vectors.plaintext(hello.plaintext()))
                        .add("pair", pair.device().transcript().base64()));
    }

    private void refusedJoins() {
        String text = text(join);
        vectors.refused(
                "payload",
                "payload by somebody who knows only the digest",
                Reason.SEAL,
                v -> v.add(
                        "payload", Secrets.sealPayload(Crypto.sha256(pair.link().secret()), join.plaintext(), random)));
        vectors.refused(
                "payload",
                "payload not in base64url",
                Reason.ENVELOPE,
                v -> v.add("payload", pair.deviceJoin().payload() + "="));
        vectors.refused(
                "payload",
                "payload shorter than a nonce",
                Reason.ENVELOPE,
                v -> v.add("payload", Bytes.of(new byte[24]).base64()));
        refused("join without padding", Reason.PADDING, Bytes.utf8(text));
        refused("join with a further member", Reason.JOIN_MEMBER, text.replace("\"v\":1", "\"v\":1,\"admin\":true"));
        refused("join of version 2", Reason.JOIN_MEMBER, text.replace("\"v\":1", "\"v\":2"));
        refused("join with a line end in its name", Reason.JOIN_MEMBER, text.replace("Ann's", "Ann\\n"));
        refused(
                "join with a name of 65 bytes",
                Reason.JOIN_MEMBER,
                text.replace("Ann's phone", "\u00e4".repeat(32) + "a"));
        refused(
                "join with passkeys and no origin",
                Reason.JOIN_MEMBER,
                text(make(TestPasskeys.ORIGIN, List.of(TestPasskeys.BOUND)))
                        .replace("\"app_origin\":\"" + TestPasskeys.ORIGIN + "\",", ""));
        refused(
                "join with passkeys of a .local host",
                Reason.JOIN_MEMBER,
                text(make(TestPasskeys.ORIGIN, List.of(TestPasskeys.BOUND)))
                        .replace(TestPasskeys.ORIGIN, "https://relay.local"));
        refused(
                "join with a passkey off the curve",
                Reason.PASSKEY_KEY,
                text(make(TestPasskeys.ORIGIN, List.of(TestPasskeys.BOUND)))
                        .replace(TestPasskeys.BOUND.key().base64(), offCurve()));
        refused(
                "join with an RSA key for ES256",
                Reason.PASSKEY_KEY,
                text(make(TestPasskeys.ORIGIN, List.of(TestPasskeys.RSA))).replace("RS256", "ES256"));
        refused(
                "join with an agreement key of small order",
                Reason.WEAK_KEY,
                text.replace(join.x25519().base64(), Bytes.of(new byte[32]).base64()));
    }

    private void refusedHellos() {
        Bytes other = Hello.create(
                        "deploy-bot", "build-7", Crypto.newX25519(random).publicKey())
                .plaintext();
        vectors.refused(
                "hello",
                "hello that the link did not promise",
                Reason.COMMITMENT,
                v -> v.add(
                        "envelope",
                        Envelope.seal(secrets.helloKey(), other, random).toJson()));
        vectors.refused(
                "hello",
                "hello under the join's key",
                Reason.SEAL,
                v -> v.add(
                        "envelope",
                        Envelope.seal(secrets.joinKey(), hello.plaintext(), random)
                                .toJson()));
        vectors.refused(
                "hello",
                "hello with a nonce of 23 bytes",
                Reason.ENVELOPE,
                v -> v.add(
                        "envelope",
                        new Envelope(
                                        Bytes.of(new byte[23]).base64(),
                                        pair.hello().ciphertext())
                                .toJson()));
        promised(
                "hello with a further member",
                Reason.HELLO_MEMBER,
                text(hello).replace("\"v\":1", "\"v\":1,\"x\":\"\""));
        promised("hello with an empty host", Reason.HELLO_MEMBER, text(hello).replace("build-7", ""));
        promised(
                "hello with an agreement key of small order",
                Reason.WEAK_KEY,
                text(hello)
                        .replace(
                                hello.x25519().base64(),
                                Bytes.concat(Bytes.of((byte) 1), Bytes.of(new byte[31]))
                                        .base64()));
    }

    private void confirmations() {
        vectors.valid(
                "paired",
                "confirmation",
                v -> v.add("request_id", Pair.HELLO_ID)
                        .add("envelope", pair.confirmed().response().toJson()));
        vectors.refused(
                "paired",
                "confirmation under another request's id",
                Reason.WRONG_REQUEST,
                v -> v.add("request_id", Pair.HELLO_ID.replace("0001", "0002"))
                        .add("envelope", pair.confirmed().response().toJson()));
        vectors.refused(
                "paired",
                "an approval in place of the confirmation",
                Reason.WRONG_DECISION,
                v -> v.add("request_id", Pair.HELLO_ID)
                        .add(
                                "envelope",
                                confirmation(pair.device().ed25519Seed()).toJson()));
        vectors.refused(
                "paired",
                "confirmation signed by another key",
                Reason.SIGNATURE,
                v -> v.add("request_id", Pair.HELLO_ID)
                        .add(
                                "envelope",
                                confirmation(Crypto.newEd25519(random).secret()).toJson()));
    }

    private Envelope confirmation(Bytes seed) {
        AnswerText text = new AnswerText(
                pair.device().transcript(),
                Pair.HELLO_ID,
                Crypto.sha256(hello.plaintext()),
                Answer.of(Decision.APPROVED, Pair.NOW));
        Bytes plaintext = new Response(Jws.sign(seed, text.write()).text(), Optional.empty()).pad(Padding.RESPONSE);
        return Envelope.seal(pair.device().answerKey(), plaintext, random);
    }

    private void payload(String name, Join made) {
        payload(name, made.plaintext());
    }

    private void payload(String name, Bytes plaintext) {
        vectors.valid(
                "payload",
                name,
                v -> v.add("payload", Secrets.sealPayload(secrets.joinKey(), plaintext, random))
                        .add("join", Vectors.plaintext(plaintext))
                        .add(
                                "pair",
                                PairingKeys.transcript(pair.link().transcriptPart(), plaintext, hello.plaintext())
                                        .base64()));
    }

    private void refused(String name, Reason reason, String json) {
        refused(name, reason, Vectors.padded(json, 4_096));
    }

    private void refused(String name, Reason reason, Bytes plaintext) {
        vectors.refused(
                "payload",
                name,
                reason,
                v -> v.add("payload", Secrets.sealPayload(secrets.joinKey(), plaintext, random)));
    }

    /** A hello that a link of the platform's own promises: so it is the platform that is wrong. */
    private void promised(String name, Reason reason, String json) {
        Bytes plaintext = Vectors.padded(json, 2_048);
        PairingLink link = new PairingLink(
                pair.link().page(),
                pair.link().relay(),
                pair.link().pairId(),
                pair.link().secret(),
                Hello.commitment(plaintext));
        vectors.refused(
                "hello",
                name,
                reason,
                v -> v.add("link", link.format())
                        .add(
                                "envelope",
                                Envelope.seal(PairingSecrets.of(link).helloKey(), plaintext, random)
                                        .toJson()));
    }

    private Join make(String origin, List<Passkey> passkeys) {
        return Join.create("Ann's phone", join.x25519(), join.ed25519(), Optional.of(origin), passkeys);
    }

    private static String offCurve() {
        byte[] key = TestPasskeys.BOUND.key().toByteArray();
        key[90] ^= 1;
        return Bytes.of(key).base64();
    }

    private static String text(Join join) {
        return text(join.plaintext());
    }

    private static String text(Hello hello) {
        return text(hello.plaintext());
    }

    private static String text(Bytes padded) {
        return new String(padded.toByteArray(), UTF_8).stripTrailing();
    }
}
