package dev.harp.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.message.Checked.Refused;
import dev.harp.testing.FixedRandom;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Pairing, and what a relay or an onlooker may try in between. */
class PairingTest {
    private final Pair pair = Pair.make("pairing", Optional.empty(), List.of());

    @Test
    void bothSidesHaveTheSameNameAndKeysForThePairing() {
        assertEquals(pair.platform().transcript(), pair.device().transcript());
        assertEquals(pair.platform().questionKey(), pair.device().questionKey());
        assertEquals(pair.platform().answerKey(), pair.device().answerKey());
        assertNotEquals(pair.platform().questionKey(), pair.platform().answerKey());
    }

    @Test
    void theCodeOfThePhoneIsTheOneThatThePlatformExpects() {
        String code = pair.deviceHandshake().checkCode();
        assertTrue(code.matches("[0-9]{6}"));
        assertTrue(pair.platformHandshake().isCheckCode(" " + code.substring(0, 3) + " " + code.substring(3) + "\n"));
        assertFalse(pair.platformHandshake().isCheckCode(code.substring(0, 5)));
        assertFalse(pair.platformHandshake().isCheckCode(""));
    }

    @Test
    void twoPhonesOfOneLinkHaveDifferentCodes() {
        DeviceJoin other = DeviceJoin.begin(
                        pair.link(), "Ann's phone", Optional.empty(), List.of(), new FixedRandom("other phone"))
                .orElseThrow();
        DeviceHandshake handshake = other.open(Pair.HELLO_ID, pair.hello()).orElseThrow();
        assertFalse(pair.platformHandshake().isCheckCode(handshake.checkCode()));
    }

    @Test
    void aRelayThatKnowsOnlyTheDigestOfTheSecretCannotJoin() {
        PairingLink guessed = new PairingLink(
                pair.link().page(),
                pair.link().relay(),
                pair.link().pairId(),
                Crypto.sha256(pair.link().secret()),
                pair.link().commitment());
        DeviceJoin forged = DeviceJoin.begin(
                        guessed, "Ann's phone", Optional.empty(), List.of(), new FixedRandom("forger"))
                .orElseThrow();
        PlatformOffer offer = PlatformOffer.create("deploy-bot", "build-7", new FixedRandom("pairing"))
                .orElseThrow();
        refused(Reason.SEAL, offer.open(pair.link(), forged.payload()));
    }

    @Test
    void aPayloadChangedInAnyByteIsRefused() {
        byte[] payload =
                Bytes.ofBase64(pair.deviceJoin().payload()).orElseThrow().toByteArray();
        for (int at = 0; at < payload.length; at++) {
            payload[at] ^= 1;
            refused(
                    Reason.SEAL,
                    pair.offer().open(pair.link(), Bytes.of(payload).base64()));
            payload[at] ^= 1;
        }
    }

    @Test
    void aHelloThatTheLinkDidNotPromiseIsRefusedThoughItsSealIsRight() {
        Bytes key = PairingSecrets.of(pair.link()).helloKey();
        Hello other = Hello.create(
                "deploy-bot", "build-7", Crypto.newX25519(new FixedRandom("x")).publicKey());
        Envelope forged = Envelope.seal(key, other.plaintext(), new FixedRandom("n"));
        refused(Reason.COMMITMENT, pair.deviceJoin().open(Pair.HELLO_ID, forged));
    }

    @Test
    void aConfirmationUnderAnotherRequestsIdIsRefused() {
        String other = Pair.HELLO_ID.replace("0001", "0002");
        refused(
                Reason.WRONG_REQUEST,
                pair.platformHandshake().complete(other, pair.confirmed().response()));
    }

    @Test
    void aQuestionReflectedAsAnAnswerDoesNotOpen() {
        refused(Reason.SEAL, pair.platformHandshake().complete(Pair.HELLO_ID, pair.hello()));
    }

    @Test
    void whatIsStoredReadsBackTheSame() {
        assertEquals(
                pair.platform(),
                PlatformPairing.fromJson(pair.platform().toJson()).orElseThrow());
        assertEquals(
                pair.device(), DevicePairing.fromJson(pair.device().toJson()).orElseThrow());
        assertEquals(
                pair.deviceJoin(),
                DeviceJoin.fromJson(pair.deviceJoin().toJson()).orElseThrow());
        assertEquals(
                pair.confirmed().log(),
                DecisionLog.fromJson(pair.confirmed().log().toJson()).orElseThrow());
    }

    @Test
    void noSecretShowsInARecordsOwnText() {
        String secret = pair.link().secret().base64();
        assertFalse(pair.link().toString().contains(secret));
        assertFalse(pair.deviceJoin()
                .toString()
                .contains(pair.deviceJoin().ed25519Seed().base64()));
    }

    private static void refused(Reason reason, Checked<?> checked) {
        assertEquals(reason, assertInstanceOf(Refused.class, checked).reason());
    }
}
