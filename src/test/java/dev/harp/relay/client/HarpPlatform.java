package dev.harp.relay.client;

import dev.harp.relay.client.Crypto.Sealed;
import dev.harp.relay.client.Messages.DeviceKeys;
import dev.harp.relay.client.RelayHttp.Answer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The agent's side of one pairing: open it, show the QR code, wait for the phone, then ask.
 *
 * <pre>{@code
 * var platform = HarpPlatform.open(relay, Optional.empty(), Duration.ofMinutes(5));
 * show(platform.qrText());
 * if (platform.awaitPairing(Duration.ofMinutes(5))) {
 *     String id = platform.ask("Deploy version 2.1 to production?", Duration.ofMinutes(5));
 *     if (platform.awaitOutcome(id, Duration.ofMinutes(5)) instanceof Outcome.Decided(Decision d) && d.approved()) {
 *         deploy();
 *     }
 * }
 * }</pre>
 *
 * A {@link RelayRefusal} says that the relay refused a call, another {@link IOException} that it cannot be reached, and
 * a {@link GeneralSecurityException} that something came through the relay which the device did not send. Fail closed
 * on each.
 */
public final class HarpPlatform {
    private final RelayHttp relay;
    private final byte[] secret;
    private final KeyPair keys;
    private final String pairId;
    private final String token;
    private final Map<String, String> questionDigests = new ConcurrentHashMap<>();
    private volatile Optional<Phone> phone = Optional.empty();

    /** What pairing has given us of the device. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Phone(byte[] encryptionKey, byte[] signatureKey) {}

    /** A question as the relay gets it. */
    public record Envelope(String requestId, String nonce, String ciphertext) {}

    private HarpPlatform(RelayHttp relay, byte[] secret, KeyPair keys, String pairId, String token) {
        this.relay = relay;
        this.secret = secret;
        this.keys = keys;
        this.pairId = pairId;
        this.token = token;
    }

    /** Opens a pairing session, which a phone may join for {@code ttl}. The relay gets the digest of its secret. */
    public static HarpPlatform open(RelayHttp relay, Optional<String> registrationKey, Duration ttl)
            throws IOException, InterruptedException, GeneralSecurityException {
        byte[] secret = Crypto.random(32);
        KeyPair keys = Crypto.newX25519();
        JsonObject body = Json.createObjectBuilder()
                .add("secret_hash", Messages.secretHash(secret))
                .add("ttl", ttl.toSeconds())
                .build();
        JsonObject pair = relay.reliably("POST", "/v1/pairs", registrationKey.orElse(null), body)
                .expect(201)
                .body();
        return new HarpPlatform(relay, secret, keys, pair.getString("pair_id"), pair.getString("platform_token"));
    }

    public String pairId() {
        return pairId;
    }

    public String token() {
        return token;
    }

    /** What to show as a QR code. It holds the pairing secret: show it on a screen, write it nowhere. */
    public String qrText() {
        return new QrCode(relay.relay(), pairId, secret, publicKey()).text();
    }

    /**
     * Waits until a phone has joined. False if none has yet; a session that ended without one is a
     * {@link RelayRefusal}. Afterwards both sides have the key.
     */
    public boolean awaitPairing(Duration patience) throws IOException, InterruptedException, GeneralSecurityException {
        Answer answer = LongPoll.until(
                        a -> !state(a, "status").equals("pending"), relay, "/v1/pairs/" + pairId, token, patience)
                .expect(200);
        if (!state(answer, "status").equals("active")) {
            return false;
        }
        // The relay says that this is our device. Only the MAC under the secret proves it.
        DeviceKeys device =
                Messages.deviceKeys(secret, pairId, publicKey(), answer.body().getString("payload", ""));
        byte[] key = Messages.encryptionKey(keys, device.x25519(), pairId, publicKey(), device.x25519());
        phone = Optional.of(new Phone(key, device.ed25519()));
        return true;
    }

    /** Asks the person on the phone. The id that comes back is what to wait for. */
    public String ask(String question, Duration ttl)
            throws IOException, InterruptedException, GeneralSecurityException {
        Envelope envelope = seal(RequestIds.now(), question);
        submit(envelope, ttl).expect(201, 200);
        return envelope.requestId();
    }

    /** Encrypts a question, once: a retry sends the same envelope, never the same id with another one. */
    public Envelope seal(String requestId, String question) throws GeneralSecurityException {
        byte[] context = Messages.questionContext(pairId, requestId);
        Sealed sealed = Crypto.seal(phone().encryptionKey(), context, Messages.utf8(question));
        questionDigests.put(requestId, Decision.digest(question));
        return new Envelope(requestId, Crypto.base64(sealed.nonce()), Crypto.base64(sealed.ciphertext()));
    }

    /** Submits an envelope. 201 if it is new to the relay, 200 if the relay had it already. */
    public Answer submit(Envelope envelope, Duration ttl) throws IOException, InterruptedException {
        JsonObject body = Json.createObjectBuilder()
                .add("request_id", envelope.requestId())
                .add("pair_id", pairId)
                .add("nonce", envelope.nonce())
                .add("ciphertext", envelope.ciphertext())
                .add("ttl", ttl.toSeconds())
                .build();
        return relay.reliably("POST", "/v1/requests", token, body);
    }

    /** Waits until the request is over, however it ends, or until patience is. */
    public Outcome awaitOutcome(String requestId, Duration patience)
            throws IOException, InterruptedException, GeneralSecurityException {
        Answer answer = LongPoll.until(HarpPlatform::isOver, relay, "/v1/requests/" + requestId, token, patience)
                .expect(200);
        return switch (state(answer, "state")) {
            case "responded" ->
                new Outcome.Decided(decision(requestId, answer.body().getJsonObject("response")));
            case "expired" -> new Outcome.Expired();
            case "cancelled" -> new Outcome.Cancelled();
            default -> new Outcome.Open(state(answer, "state"));
        };
    }

    /** Withdraws a question. If it was over already, what comes back is how. */
    public Outcome cancel(String requestId) throws IOException, InterruptedException, GeneralSecurityException {
        Answer answer = relay.reliably("DELETE", "/v1/requests/" + requestId, token, null);
        if (!answer.code().equals("already_decided")) {
            answer.expect(204);
        }
        return awaitOutcome(requestId, Duration.ZERO);
    }

    /** Ends the pairing. Ending it twice is as good as once, so a lost answer does not matter. */
    public void revoke() throws IOException, InterruptedException {
        Answer answer = relay.reliably("DELETE", "/v1/pairs/" + pairId, token, null);
        if (!answer.code().equals("pair_revoked")) {
            answer.expect(204);
        }
    }

    private Decision decision(String requestId, JsonObject response) throws GeneralSecurityException {
        Sealed sealed =
                new Sealed(Crypto.base64(response.getString("nonce")), Crypto.base64(response.getString("ciphertext")));
        byte[] signature = Crypto.base64(response.getString("signature", ""));
        if (!Crypto.verify(phone().signatureKey(), Messages.signedBytes(pairId, requestId, sealed), signature)) {
            throw new GeneralSecurityException("the answer is not signed by the paired device");
        }
        byte[] plaintext = Crypto.open(phone().encryptionKey(), Messages.answerContext(pairId, requestId), sealed);
        Decision decision = Decision.parse(plaintext);
        if (!decision.questionDigest().equals(questionDigests.get(requestId))) {
            throw new GeneralSecurityException("the answer is to another question");
        }
        return decision;
    }

    private Phone phone() {
        return phone.orElseThrow(() -> new IllegalStateException("not paired yet"));
    }

    private byte[] publicKey() {
        return Crypto.raw(keys.getPublic());
    }

    private static boolean isOver(Answer answer) {
        return switch (state(answer, "state")) {
            case "pending", "delivered" -> false;
            default -> true;
        };
    }

    private static String state(Answer answer, String name) {
        return answer.body().getString(name, "");
    }
}
