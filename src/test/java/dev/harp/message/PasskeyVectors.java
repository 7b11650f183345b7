package dev.harp.message;

import static dev.harp.message.TestPasskeys.BE;
import static dev.harp.message.TestPasskeys.HOST;
import static dev.harp.message.TestPasskeys.ORIGIN;
import static dev.harp.message.TestPasskeys.UP;
import static dev.harp.message.TestPasskeys.UV;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.testing.FixedRandom;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Function;

/** Assertions of passkeys beside an answer: section 8. */
final class PasskeyVectors {
    private static final long NOW = Pair.NOW + 20;
    private static final Question QUESTION = Question.builder(
                    Intent.AUTHORIZE, QuestionVectors.ID, Pair.NOW, Pair.NOW + 300, "wire 10,000", Assurance.BIOMETRIC)
            .build();

    private final DevicePairing device = Fixtures.PASSKEYS.device();
    private final SecureRandom random = new FixedRandom("passkey vectors");

    private final Vectors vectors = new Vectors(
            "passkeys", "kind answer, as in answers.json: approvals with what a passkey signed beside them.");

    private PasskeyVectors() {}

    static Vectors make() {
        PasskeyVectors passkeys = new PasskeyVectors();
        passkeys.valid();
        passkeys.refusedClients();
        passkeys.refusedData();
        return passkeys.vectors;
    }

    private void valid() {
        valid(
                "ES256 that stays on its authenticator",
                Assurance.ELEVATED,
                challenge -> TestPasskeys.sign(TestPasskeys.BOUND, challenge));
        valid(
                "ES256 that is synchronised",
                Assurance.BIOMETRIC,
                challenge -> TestPasskeys.sign(TestPasskeys.SYNCED, challenge));
        valid("ES256 with the other s", Assurance.ELEVATED, challenge -> {
            Assertion good = TestPasskeys.sign(TestPasskeys.BOUND, challenge);
            return new Assertion(good.data(), good.client(), TestCurves.P256.negated(good.signature()));
        });
        valid("RS256", Assurance.BIOMETRIC, challenge -> TestPasskeys.sign(TestPasskeys.RSA, challenge));
        valid(
                "client data without crossOrigin",
                Assurance.ELEVATED,
                challenge -> client("webauthn.get", challenge, ORIGIN, ""));
        valid(
                "client data in another order, with further members",
                Assurance.ELEVATED,
                challenge -> TestPasskeys.sign(
                        TestPasskeys.BOUND,
                        TestPasskeys.data(HOST, UP | UV),
                        Bytes.utf8("{ \"origin\": \"" + ORIGIN + "\", \"extra\": [null, -1.5], \"challenge\": \""
                                + challenge.base64() + "\", \"crossOrigin\": false, \"type\": \"webauthn.get\" }")));
        valid(
                "further flags, a counter and extensions",
                Assurance.ELEVATED,
                challenge -> TestPasskeys.sign(
                        TestPasskeys.BOUND,
                        Bytes.concat(
                                Crypto.sha256(Bytes.utf8(HOST)),
                                Bytes.of((byte) (UP | UV | 0x80), (byte) 1, (byte) 2, (byte) 3, (byte) 4),
                                Bytes.of((byte) 0xa0)),
                        TestPasskeys.client(challenge)));
    }

    private void refusedClients() {
        refused(
                "client data of a creation",
                Reason.PASSKEY_CLIENT,
                challenge -> client("webauthn.create", challenge, ORIGIN, ""));
        refused(
                "challenge of another answer",
                Reason.PASSKEY_CLIENT,
                challenge -> client("webauthn.get", Crypto.sha256(challenge), ORIGIN, ""));
        refused(
                "another origin",
                Reason.PASSKEY_CLIENT,
                challenge -> client("webauthn.get", challenge, "https://evil.example.org", ""));
        refused(
                "an origin with a port",
                Reason.PASSKEY_CLIENT,
                challenge -> client("webauthn.get", challenge, ORIGIN + ":8443", ""));
        refused(
                "in a frame of another origin",
                Reason.PASSKEY_CLIENT,
                challenge -> client("webauthn.get", challenge, ORIGIN, ",\"crossOrigin\":true"));
        refused(
                "client data that is no JSON",
                Reason.PASSKEY_CLIENT,
                challenge -> TestPasskeys.sign(TestPasskeys.BOUND, TestPasskeys.data(HOST, UP | UV), challenge));
    }

    private void refusedData() {
        refused("another site", Reason.PASSKEY_DATA, challenge -> data("example.org", UP | UV, challenge));
        refused("user not verified", Reason.PASSKEY_DATA, challenge -> data(HOST, UP, challenge));
        refused("user not present", Reason.PASSKEY_DATA, challenge -> data(HOST, UV, challenge));
        refused(
                "data too short",
                Reason.PASSKEY_DATA,
                challenge -> TestPasskeys.sign(
                        TestPasskeys.BOUND,
                        TestPasskeys.data(HOST, UP | UV).slice(0, 36),
                        TestPasskeys.client(challenge)));
        refused(
                "says that it is synchronised, and the join does not",
                Reason.PASSKEY_BACKUP,
                challenge -> data(HOST, UP | UV | BE, challenge));
        refused("signature of a passkey that the join does not name", Reason.PASSKEY_SIGNATURE, challenge -> {
            Assertion good = TestPasskeys.sign(TestPasskeys.BOUND, challenge);
            Bytes signed = Bytes.concat(good.data(), Crypto.sha256(good.client()));
            return new Assertion(
                    good.data(), good.client(), TestCurves.P256.sign(TestCurves.P256.secret("a stranger's"), signed));
        });
        refused(
                "signature over other data",
                Reason.PASSKEY_SIGNATURE,
                challenge -> new Assertion(
                        TestPasskeys.data(HOST, UP | UV | 0x10),
                        TestPasskeys.client(challenge),
                        TestPasskeys.sign(TestPasskeys.BOUND, challenge).signature()));
        refused("signature whose length is not written as DER asks", Reason.PASSKEY_SIGNATURE, challenge -> {
            Assertion good = TestPasskeys.sign(TestPasskeys.BOUND, challenge);
            Bytes inner = good.signature().slice(1, good.signature().length());
            Bytes signature = Bytes.concat(Bytes.of((byte) 0x30, (byte) 0x81), inner);
            return new Assertion(good.data(), good.client(), signature);
        });
        refused("signature with a byte behind it", Reason.PASSKEY_SIGNATURE, challenge -> {
            Assertion good = TestPasskeys.sign(TestPasskeys.BOUND, challenge);
            return new Assertion(good.data(), good.client(), Bytes.concat(good.signature(), Bytes.of((byte) 0)));
        });
        Jws jws = jws(QUESTION, Answer.of(Decision.APPROVED, NOW));
        vectors.refused(
                "answer",
                "approved by a tap where biometric was asked",
                Reason.ASSURANCE,
                v -> v.add("pairing", "passkeys")
                        .add("question", Vectors.plaintext(QUESTION.plaintext().orElseThrow()))
                        .add("envelope", seal(jws, Optional.empty()).toJson())
                        .add("arrived_at", NOW));
        Question elevated = Question.builder(
                        Intent.AUTHORIZE, QuestionVectors.ID, Pair.NOW, Pair.NOW + 300, "wire", Assurance.ELEVATED)
                .build();
        Jws other = jws(elevated, Answer.of(Decision.APPROVED, NOW));
        vectors.refused(
                "answer",
                "biometric where elevated was asked",
                Reason.ASSURANCE,
                v -> v.add("pairing", "passkeys")
                        .add("question", Vectors.plaintext(elevated.plaintext().orElseThrow()))
                        .add(
                                "envelope",
                                seal(other, Optional.of(TestPasskeys.sign(TestPasskeys.SYNCED, other.challenge())))
                                        .toJson())
                        .add("arrived_at", NOW));
        Jws denial = jws(QUESTION, Answer.of(Decision.DENIED, NOW));
        vectors.valid(
                "answer",
                "denied by a tap where biometric was asked",
                v -> v.add("pairing", "passkeys")
                        .add("question", Vectors.plaintext(QUESTION.plaintext().orElseThrow()))
                        .add("envelope", seal(denial, Optional.empty()).toJson())
                        .add("arrived_at", NOW)
                        .add("answer", new String(denial.payload().toByteArray(), UTF_8))
                        .add("decision", "denied")
                        .add("assurance", "tap")
                        .add("clock_differs", false));
    }

    private static Assertion client(String type, Bytes challenge, String origin, String more) {
        return TestPasskeys.sign(
                TestPasskeys.BOUND,
                TestPasskeys.data(HOST, UP | UV),
                TestPasskeys.client(type, challenge, origin, more));
    }

    private static Assertion data(String host, int flags, Bytes challenge) {
        return TestPasskeys.sign(TestPasskeys.BOUND, TestPasskeys.data(host, flags), TestPasskeys.client(challenge));
    }

    private void valid(String name, Assurance given, Function<Bytes, Assertion> passkey) {
        Jws jws = jws(QUESTION, Answer.of(Decision.APPROVED, NOW));
        vectors.valid(
                "answer",
                name,
                v -> v.add("pairing", "passkeys")
                        .add("question", Vectors.plaintext(QUESTION.plaintext().orElseThrow()))
                        .add(
                                "envelope",
                                seal(jws, Optional.of(passkey.apply(jws.challenge())))
                                        .toJson())
                        .add("arrived_at", NOW)
                        .add("answer", new String(jws.payload().toByteArray(), UTF_8))
                        .add("decision", "approved")
                        .add("assurance", given.code())
                        .add("clock_differs", false));
    }

    private void refused(String name, Reason reason, Function<Bytes, Assertion> passkey) {
        Jws jws = jws(QUESTION, Answer.of(Decision.APPROVED, NOW));
        vectors.refused(
                "answer",
                name,
                reason,
                v -> v.add("pairing", "passkeys")
                        .add("question", Vectors.plaintext(QUESTION.plaintext().orElseThrow()))
                        .add(
                                "envelope",
                                seal(jws, Optional.of(passkey.apply(jws.challenge())))
                                        .toJson())
                        .add("arrived_at", NOW));
    }

    private Jws jws(Question question, Answer answer) {
        Bytes digest = Crypto.sha256(question.plaintext().orElseThrow());
        return Jws.sign(
                device.ed25519Seed(),
                new AnswerText(device.transcript(), question.requestId(), digest, answer).write());
    }

    private Envelope seal(Jws jws, Optional<Assertion> passkey) {
        return Envelope.seal(device.answerKey(), new Response(jws.text(), passkey).pad(Padding.RESPONSE), random);
    }
}
