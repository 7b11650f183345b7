package dev.harp.message;

import java.security.MessageDigest;
import java.security.SecureRandom;

/** A platform that has opened a device's join. Nothing is paired before {@link #complete}. */
public final class PlatformHandshake {
    /** After so many wrong codes the platform revokes. */
    public static final int MAX_WRONG_CODES = 3;

    /** The hello's {@code ttl}, and the time for the code, in seconds. After it the platform revokes. */
    public static final int TTL = 300;

    private final PairingLink link;
    private final Join join;
    private final Hello hello;
    private final PairingSecrets secrets;
    private final PairingKeys keys;

    PlatformHandshake(PairingLink link, Join join, Hello hello, PairingSecrets secrets, PairingKeys keys) {
        this.link = link;
        this.join = join;
        this.hello = hello;
        this.secrets = secrets;
        this.keys = keys;
    }

    public Join join() {
        return join;
    }

    /** T, which names the pairing if it comes about. */
    public Bytes transcript() {
        return keys.transcript();
    }

    /** Seals the hello, once: a retry sends the same envelope. */
    public Envelope sealHello(SecureRandom random) {
        return Envelope.seal(secrets.helloKey(), hello.plaintext(), random);
    }

    /**
     * Whether the person typed the code that the device shows; blanks are ignored. The code itself is never shown:
     * whoever could read it here could confirm a stranger's device.
     */
    public boolean isCheckCode(String typed) {
        String digits = typed.replaceAll("\\s", "");
        return MessageDigest.isEqual(
                Bytes.utf8(keys.checkCode()).toByteArray(), Bytes.utf8(digits).toByteArray());
    }

    /**
     * Checks the device's confirmation, which is its answer to the hello.
     *
     * @param requestId the hello's
     */
    public Checked<PlatformPairing> complete(String requestId, Envelope response) {
        return Checked.of(() -> {
            Response opened = Response.read(response.open(keys.answerKey()), Padding.RESPONSE);
            Jws jws = Jws.parse(opened.answer());
            Refusal.unless(jws.isSignedBy(join.ed25519()), Reason.SIGNATURE);
            AnswerText text = AnswerText.read(jws.payload());
            text.belongsTo(keys.transcript(), requestId, Crypto.sha256(hello.plaintext()));
            Refusal.unless(text.answer().decision() == Decision.PAIRED, Reason.WRONG_DECISION);
            return new PlatformPairing(link.relay(), link.pairId(), join, hello, keys.questionKey(), keys.answerKey());
        });
    }
}
