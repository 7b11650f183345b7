package dev.harp.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.harp.message.Assertion;
import dev.harp.message.Assurance;
import dev.harp.message.Bytes;
import dev.harp.message.Checked;
import dev.harp.message.Decision;
import dev.harp.message.Forgeries;
import dev.harp.message.Reason;
import dev.harp.message.Receipt;
import java.math.BigInteger;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A receipt of an approval, and forged ones, each in its own way. */
@Timeout(300)
class ReceiptForgeriesTest {
    /** The order of Ed25519's group. */
    private static final BigInteger ORDER =
            BigInteger.TWO.pow(252).add(new BigInteger("27742317777372353535851937790883648493"));

    private record Asked(Receipt receipt, Bytes pairing) {}

    private static Asked asked(TwoEnds ends, Platform platform, PlatformCredentials credentials, Decision decision)
            throws Exception {
        Platform.Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
        Inbox.Card card = ends.phone.list().cards().stream()
                .filter(each -> each.requestId().equals(sent.requestId()))
                .findFirst()
                .orElseThrow();
        assertInstanceOf(Device.Sent.class, ends.decide(card, decision));
        Receipt receipt =
                assertInstanceOf(Outcome.Decided.class, platform.await(sent)).receipt();
        return new Asked(receipt, credentials.pairing().transcript());
    }

    @Test
    void oneIsVerifiedAndTenAreRefused() throws Exception {
        try (TwoEnds ends = new TwoEnds()) {
            PlatformCredentials credentials = ends.pair();
            PlatformCredentials stranger = ends.pair();
            try (Platform platform = ends.platform(credentials);
                    Platform other = ends.platform(stranger)) {
                Asked approved = asked(ends, platform, credentials, Decision.APPROVED);
                Asked denied = asked(ends, platform, credentials, Decision.DENIED);
                Asked foreign = asked(ends, other, stranger, Decision.APPROVED);
                verified(approved);
                Map<String, Reason> refused = new LinkedHashMap<>();
                forged(approved, denied, foreign)
                        .forEach((name, file) -> refused.put(name, reason(name, file, approved.pairing())));
                assertEquals(expected(), refused);
            }
        }
    }

    private static void verified(Asked approved) {
        byte[] file = approved.receipt().write();
        var verified = assertInstanceOf(Checked.Ok.class, Receipt.verify(file, approved.pairing()));
        Receipt.Verified value = (Receipt.Verified) verified.value();
        assertEquals("Deploy 2.1", value.question().action());
        assertEquals(Decision.APPROVED, value.answer().decision());
        assertEquals(Assurance.TAP, value.given());
    }

    private static Reason reason(String name, byte[] file, Bytes pairing) {
        assertNotEquals(0, file.length);
        return assertInstanceOf(Checked.Refused.class, Receipt.verify(file, pairing), name)
                .reason();
    }

    private static Map<String, Reason> expected() {
        Map<String, Reason> reasons = new LinkedHashMap<>();
        reasons.put("a denial, its text changed to approved", Reason.SIGNATURE);
        reasons.put("the text signed with a stranger's key", Reason.SIGNATURE);
        reasons.put("the signature in its other form, S plus the order", Reason.SIGNATURE);
        reasons.put("a header without an algorithm", Reason.JWS_FORM);
        reasons.put("the answer to another question", Reason.WRONG_REQUEST);
        reasons.put("the question's text changed", Reason.WRONG_QUESTION);
        reasons.put("a genuine receipt of another pairing", Reason.WRONG_PAIRING);
        reasons.put("the device's keys replaced", Reason.WRONG_PAIRING);
        reasons.put("another relay named", Reason.WRONG_PAIRING);
        reasons.put("a passkey's signature added", Reason.PASSKEY_CLIENT);
        reasons.put("a member added", Reason.RECEIPT_MEMBER);
        reasons.put("a blank added", Reason.JSON_FORM);
        return reasons;
    }

    private static Map<String, byte[]> forged(Asked approved, Asked denied, Asked foreign) throws Exception {
        Receipt genuine = approved.receipt();
        String[] yes = genuine.answer().split("\\.", -1);
        String[] no = denied.receipt().answer().split("\\.", -1);
        String approvedText = text(no[1]).replace("\"denied\"", "\"approved\"");
        String whole = new String(genuine.write(), UTF_8);
        String question = new String(genuine.question().toByteArray(), UTF_8).replace("Deploy 2.1", "Deploy 9.9");
        Map<String, byte[]> forged = new LinkedHashMap<>();
        forged.put(
                "a denial, its text changed to approved",
                with(denied.receipt(), no[0] + "." + base64(approvedText) + "." + no[2])
                        .write());
        forged.put(
                "the text signed with a stranger's key",
                with(denied.receipt(), signed(no[0] + "." + base64(approvedText)))
                        .write());
        forged.put(
                "the signature in its other form, S plus the order",
                with(genuine, yes[0] + "." + yes[1] + "." + plusOrder(yes[2])).write());
        forged.put(
                "a header without an algorithm",
                with(genuine, base64("{\"alg\":\"none\",\"typ\":\"harp-answer\"}") + "." + yes[1] + ".")
                        .write());
        forged.put(
                "the answer to another question",
                with(denied.receipt(), genuine.answer()).write());
        forged.put(
                "the question's text changed",
                new Receipt(
                                genuine.relay(),
                                genuine.pairId(),
                                genuine.join(),
                                genuine.hello(),
                                Bytes.of(question.getBytes(UTF_8)),
                                genuine.answer(),
                                genuine.passkey())
                        .write());
        forged.put("a genuine receipt of another pairing", foreign.receipt().write());
        forged.put(
                "the device's keys replaced",
                new Receipt(
                                genuine.relay(),
                                genuine.pairId(),
                                foreign.receipt().join(),
                                genuine.hello(),
                                genuine.question(),
                                genuine.answer(),
                                genuine.passkey())
                        .write());
        forged.put(
                "another relay named",
                new Receipt(
                                "https://relay.example.org",
                                genuine.pairId(),
                                genuine.join(),
                                genuine.hello(),
                                genuine.question(),
                                genuine.answer(),
                                genuine.passkey())
                        .write());
        Bytes some = Forgeries.someX25519();
        forged.put(
                "a passkey's signature added",
                new Receipt(
                                genuine.relay(),
                                genuine.pairId(),
                                genuine.join(),
                                genuine.hello(),
                                genuine.question(),
                                genuine.answer(),
                                Optional.of(new Assertion(some, some, some)))
                        .write());
        forged.put(
                "a member added",
                whole.replaceFirst("}$", ",\"note\":\"valid\"}").getBytes(UTF_8));
        forged.put("a blank added", whole.replaceFirst(",", ", ").getBytes(UTF_8));
        return forged;
    }

    private static Receipt with(Receipt receipt, String answer) {
        return new Receipt(
                receipt.relay(),
                receipt.pairId(),
                receipt.join(),
                receipt.hello(),
                receipt.question(),
                answer,
                receipt.passkey());
    }

    private static String text(String part) {
        return new String(Bytes.ofBase64(part).orElseThrow().toByteArray(), UTF_8);
    }

    private static String base64(String text) {
        return Bytes.of(text.getBytes(UTF_8)).base64();
    }

    private static String signed(String input) throws Exception {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(
                KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate());
        signature.update(input.getBytes(UTF_8));
        return input + "." + Bytes.of(signature.sign()).base64();
    }

    /** The same equation, but a verifier has to refuse an S that is not below the order. */
    private static String plusOrder(String signature) {
        byte[] bytes = Bytes.ofBase64(signature).orElseThrow().toByteArray();
        byte[] s = new byte[32];
        for (int i = 0; i < 32; i++) {
            s[i] = bytes[63 - i];
        }
        byte[] sum = new BigInteger(1, s).add(ORDER).toByteArray();
        for (int i = 0; i < 32; i++) {
            int at = sum.length - 1 - i;
            bytes[32 + i] = at >= 0 ? sum[at] : 0;
        }
        return Bytes.of(bytes).base64();
    }
}
