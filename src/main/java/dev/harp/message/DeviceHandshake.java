package dev.harp.message;

import java.security.SecureRandom;
import java.util.Optional;

/** A device that has checked the platform's hello, and waits for its person. */
public final class DeviceHandshake {
    private final DeviceJoin started;
    private final String requestId;
    private final Hello hello;
    private final PairingKeys keys;

    /**
     * A pairing that the person has confirmed. It counts once the relay has the response; the log has it as the first
     * decision, so that a retry sends the same bytes.
     */
    public record Confirmed(DevicePairing pairing, DecisionLog log, String requestId, Envelope response) {}

    DeviceHandshake(DeviceJoin started, String requestId, Hello hello, PairingKeys keys) {
        this.started = started;
        this.requestId = requestId;
        this.hello = hello;
        this.keys = keys;
    }

    public Hello hello() {
        return hello;
    }

    /** Six digits for the person to type at the platform. */
    public String checkCode() {
        return keys.checkCode();
    }

    /** The hello's request. */
    public String requestId() {
        return requestId;
    }

    /**
     * Signs that the person has confirmed.
     *
     * @param now Unix seconds, by the device's clock
     */
    public Confirmed confirm(long now, SecureRandom random) {
        Bytes digest = Crypto.sha256(hello.plaintext());
        AnswerText text = new AnswerText(keys.transcript(), requestId, digest, Answer.of(Decision.PAIRED, now));
        Jws jws = Jws.sign(started.ed25519Seed(), text.write());
        Bytes plaintext = new Response(jws.text(), Optional.empty()).pad(Padding.RESPONSE);
        Envelope response = Envelope.seal(keys.answerKey(), plaintext, random);
        DevicePairing pairing = new DevicePairing(
                started.link().relay(),
                started.link().pairId(),
                started.join(),
                hello,
                keys.questionKey(),
                keys.answerKey(),
                started.ed25519Seed(),
                started.secretHash(),
                started.payload());
        DecisionLog.Entry entry = new DecisionLog.Entry(digest, response, now + DeviceJoin.MAX_AGE);
        return new Confirmed(pairing, DecisionLog.EMPTY.with(requestId, entry), requestId, response);
    }
}
