package dev.harp.relay.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.relay.client.Messages.DeviceKeys;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What platform and device agree on, and what the relay between them cannot do about it. */
class MessagesTest {
    private static final String PAIR = "pair_a1b2c3d4e5f6";
    private static final String OTHER_PAIR = "pair_f6e5d4c3b2a1";

    private final byte[] secret = Crypto.random(32);
    private final KeyPair platform = x25519();
    private final KeyPair device = x25519();
    private final byte[] platformKey = Crypto.raw(platform.getPublic());
    private final DeviceKeys deviceKeys =
            new DeviceKeys(Crypto.raw(device.getPublic()), Crypto.random(Crypto.KEY_BYTES));

    @Test
    void bothSidesGetTheSameKey() throws Exception {
        assertArrayEquals(platformsKey(PAIR, platformKey), devicesKey(PAIR, platformKey));
    }

    @Test
    void anotherPairingOrAnotherTranscriptIsAnotherKey() throws Exception {
        byte[] strangersKey = Crypto.raw(x25519().getPublic());
        assertFalse(Arrays.equals(platformsKey(PAIR, platformKey), devicesKey(OTHER_PAIR, platformKey)));
        assertFalse(Arrays.equals(platformsKey(PAIR, platformKey), devicesKey(PAIR, strangersKey)));
    }

    @Test
    void thePayloadTakesTheDevicesKeysToThePlatform() throws Exception {
        String payload = Messages.payload(secret, PAIR, platformKey, deviceKeys);
        DeviceKeys arrived = Messages.deviceKeys(secret, PAIR, platformKey, payload);
        assertArrayEquals(deviceKeys.x25519(), arrived.x25519());
        assertArrayEquals(deviceKeys.ed25519(), arrived.ed25519());
    }

    @Test
    void aRelayThatKnowsTheDigestCannotPutInKeysOfItsOwn() throws Exception {
        byte[] whatTheRelayKnows = Crypto.sha256(secret);
        String forged = Messages.payload(whatTheRelayKnows, PAIR, platformKey, deviceKeys);
        assertThrows(GeneralSecurityException.class, () -> Messages.deviceKeys(secret, PAIR, platformKey, forged));
    }

    @Test
    void aPayloadIsGoodForItsPairingAndItsPlatformOnly() throws Exception {
        String payload = Messages.payload(secret, PAIR, platformKey, deviceKeys);
        assertThrows(
                GeneralSecurityException.class, () -> Messages.deviceKeys(secret, OTHER_PAIR, platformKey, payload));
        assertThrows(
                GeneralSecurityException.class, () -> Messages.deviceKeys(secret, PAIR, deviceKeys.x25519(), payload));
    }

    @Test
    void aPayloadChangedInAnyByteIsRefused() throws Exception {
        byte[] payload = Crypto.base64(Messages.payload(secret, PAIR, platformKey, deviceKeys));
        for (int at = 0; at < payload.length; at++) {
            payload[at] ^= 1;
            String changed = Crypto.base64(payload);
            assertThrows(GeneralSecurityException.class, () -> Messages.deviceKeys(secret, PAIR, platformKey, changed));
            payload[at] ^= 1;
        }
        for (String nonsense : new String[] {"", "AAAA", "not base64"}) {
            assertThrows(
                    GeneralSecurityException.class, () -> Messages.deviceKeys(secret, PAIR, platformKey, nonsense));
        }
    }

    @Test
    void anAnswerIsNotAQuestionNorAnotherRequestsAnswer() throws Exception {
        byte[] key = platformsKey(PAIR, platformKey);
        String id = RequestIds.now();
        var answer = Crypto.seal(key, Messages.answerContext(PAIR, id), Messages.utf8("yes"));
        assertThrows(
                GeneralSecurityException.class, () -> Crypto.open(key, Messages.questionContext(PAIR, id), answer));
        assertThrows(
                GeneralSecurityException.class,
                () -> Crypto.open(key, Messages.answerContext(PAIR, RequestIds.now()), answer));
        assertThrows(
                GeneralSecurityException.class, () -> Crypto.open(key, Messages.answerContext(OTHER_PAIR, id), answer));
    }

    @Test
    void aQrCodeReadsAsItWasWritten() throws Exception {
        URI relay = URI.create("https://relay.example:8443/harp?a=b&c");
        QrCode code = new QrCode(relay, PAIR, secret, platformKey);
        QrCode read = QrCode.parse(code.text());
        assertEquals(relay, read.relay());
        assertEquals(PAIR, read.pairId());
        assertArrayEquals(secret, read.secret());
        assertArrayEquals(platformKey, read.platformKey());
        assertFalse(code.toString().contains(Crypto.base64(secret)), "the secret stays out of logs");
    }

    @Test
    void otherQrCodesAreRefused() {
        QrCode code = new QrCode(URI.create("http://localhost:8787"), PAIR, secret, platformKey);
        for (String other : new String[] {
            "",
            "https://example.org",
            "harp://pair?v=1",
            code.text().replace("v=1", "v=2"),
            code.text().replace("&pair_id=", "&pair="),
        }) {
            assertThrows(GeneralSecurityException.class, () -> QrCode.parse(other), other);
        }
    }

    @Test
    void aDecisionReadsAsItWasWritten() throws Exception {
        Decision denied = Decision.on("Delete all?", false, "not on a Friday: \"no\"");
        assertEquals(denied, Decision.parse(denied.plaintext()));
        assertTrue(Decision.parse(Decision.on("Deploy?", true, "").plaintext()).approved());
    }

    @Test
    void whatIsNeitherYesNorNoIsNoDecision() {
        for (String text : new String[] {"", "{}", "[]", "{\"decision\":\"maybe\"}", "{\"decision\":true}", "yes"}) {
            assertThrows(GeneralSecurityException.class, () -> Decision.parse(Messages.utf8(text)), text);
        }
    }

    @Test
    void aRequestIdIsAVersion7UuidAndCarriesItsTime() {
        Instant time = Instant.parse("2026-11-23T12:34:56.789Z");
        UUID id = UUID.fromString(RequestIds.at(time));
        assertEquals(7, id.version());
        assertEquals(2, id.variant());
        assertEquals(time.toEpochMilli(), id.getMostSignificantBits() >>> 16);
        assertEquals(7, UUID.fromString(RequestIds.now()).version());
    }

    private byte[] platformsKey(String pairId, byte[] platformKeyShown) throws GeneralSecurityException {
        return Messages.encryptionKey(platform, deviceKeys.x25519(), pairId, platformKeyShown, deviceKeys.x25519());
    }

    private byte[] devicesKey(String pairId, byte[] platformKeySeen) throws GeneralSecurityException {
        return Messages.encryptionKey(device, platformKeySeen, pairId, platformKeySeen, deviceKeys.x25519());
    }

    private static KeyPair x25519() {
        try {
            return Crypto.newX25519();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
