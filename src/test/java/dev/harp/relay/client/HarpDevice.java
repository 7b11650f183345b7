package dev.harp.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.relay.client.Crypto.Sealed;
import dev.harp.relay.client.Messages.DeviceKeys;
import dev.harp.relay.client.RelayHttp.Answer;
import jakarta.json.Json;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.net.URLEncoder;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The approver's phone: it registers once, may join many pairings, lists what is asked, and answers.
 *
 * <pre>{@code
 * var device = HarpDevice.register(relay, Optional.of(pushToken));
 * device.scan(qrText);
 * var inbox = device.list(Duration.ofSeconds(50));
 * for (var question : inbox.questions()) {
 *     show(question.text());
 *     device.approve(question);
 * }
 * inbox = device.list(Duration.ofSeconds(50), inbox.cursor());
 * }</pre>
 *
 * An app keeps the private keys in the phone's key store, signs behind its biometric check, and remembers its pairings;
 * here they live in memory. The exceptions mean what they mean for {@link HarpPlatform}.
 */
public final class HarpDevice {
    private final RelayHttp relay;
    private final String deviceId;
    private final String token;
    private final Map<String, Paired> pairings = new ConcurrentHashMap<>();

    /** The secrets of one pairing. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Paired(byte[] encryptionKey, PrivateKey signatureKey) {}

    /** A question, decrypted. It is what the platform of that pairing wrote. */
    public record Question(String requestId, String pairId, String text, Instant createdAt, Instant expiresAt) {}

    /**
     * The list, or what has changed in it.
     *
     * @param questions to show, oldest first; one may come twice
     * @param withdrawn ids of cards to take away
     * @param undecipherable ids of what no platform of ours can have written; show nothing of it
     * @param cursor for the next list
     * @param reset whether to drop every card that is not among {@code questions}
     */
    public record Inbox(
            List<Question> questions,
            List<String> withdrawn,
            List<String> undecipherable,
            String cursor,
            boolean reset) {}

    /** An answer as the relay gets it. */
    public record Response(String requestId, String nonce, String ciphertext, String signature) {}

    private HarpDevice(RelayHttp relay, String deviceId, String token) {
        this.relay = relay;
        this.deviceId = deviceId;
        this.token = token;
    }

    /** Makes the phone known to the relay. Without a push token it is never woken and has to poll. */
    public static HarpDevice register(RelayHttp relay, Optional<String> pushToken)
            throws IOException, InterruptedException {
        var body = Json.createObjectBuilder();
        pushToken.ifPresent(value -> body.add("push_token", value));
        JsonObject device = relay.reliably("POST", "/v1/devices", null, body.build())
                .expect(201)
                .body();
        return new HarpDevice(relay, device.getString("device_id"), device.getString("device_token"));
    }

    public String deviceId() {
        return deviceId;
    }

    public String token() {
        return token;
    }

    /** Joins the pairing that a platform shows, and returns its id. Each pairing has keys of its own. */
    public String scan(String qrText) throws IOException, InterruptedException, GeneralSecurityException {
        QrCode code = QrCode.parse(qrText);
        if (!code.relay().equals(relay.relay())) {
            throw new IllegalArgumentException("this phone is registered at another relay: " + code.relay());
        }
        KeyPair agreement = Crypto.newX25519();
        KeyPair signing = Crypto.newEd25519();
        DeviceKeys keys = new DeviceKeys(Crypto.raw(agreement.getPublic()), Crypto.raw(signing.getPublic()));
        byte[] key =
                Messages.encryptionKey(agreement, code.platformKey(), code.pairId(), code.platformKey(), keys.x25519());
        JsonObject body = Json.createObjectBuilder()
                .add("secret_hash", Messages.secretHash(code.secret()))
                .add("payload", Messages.payload(code.secret(), code.pairId(), code.platformKey(), keys))
                .build();
        // Known before the relay is told: the first question may come before its answer does.
        pairings.put(code.pairId(), new Paired(key, signing.getPrivate()));
        Answer answer = relay.reliably("PUT", "/v1/pairs/" + code.pairId() + "/device", token, body);
        if (answer.status() != 200) {
            pairings.remove(code.pairId());
            throw new RelayRefusal(answer);
        }
        return code.pairId();
    }

    /** All open questions. If there are none, waits for the first, for {@code wait} at most. */
    public Inbox list(Duration wait) throws IOException, InterruptedException {
        return inbox(relay.poll("/v1/devices/" + deviceId + "/requests", token, wait));
    }

    /**
     * What has changed since the list that gave {@code cursor}. If nothing has, waits for it, for {@code wait} at most.
     */
    public Inbox list(Duration wait, String cursor) throws IOException, InterruptedException {
        String after = URLEncoder.encode(cursor, UTF_8);
        return inbox(relay.poll("/v1/devices/" + deviceId + "/requests?after=" + after, token, wait));
    }

    /** The one question that a push named, in whatever state it is by now. */
    public Question read(String requestId) throws IOException, InterruptedException, GeneralSecurityException {
        return question(relay.reliably("GET", "/v1/requests/" + requestId, token, null)
                .expect(200)
                .body());
    }

    public void approve(Question question) throws IOException, InterruptedException, GeneralSecurityException {
        send(respond(question, true, "")).expect(200);
    }

    public void deny(Question question, String reason)
            throws IOException, InterruptedException, GeneralSecurityException {
        send(respond(question, false, reason)).expect(200);
    }

    /**
     * Encrypts and signs an answer, once: a retry sends the same bytes, or the relay would take it for a second answer.
     */
    public Response respond(Question question, boolean approved, String reason) throws GeneralSecurityException {
        Paired paired = paired(question.pairId());
        Decision decision = Decision.on(question.text(), approved, reason);
        byte[] context = Messages.answerContext(question.pairId(), question.requestId());
        Sealed sealed = Crypto.seal(paired.encryptionKey(), context, decision.plaintext());
        byte[] signature = Crypto.sign(
                paired.signatureKey(), Messages.signedBytes(question.pairId(), question.requestId(), sealed));
        return new Response(
                question.requestId(),
                Crypto.base64(sealed.nonce()),
                Crypto.base64(sealed.ciphertext()),
                Crypto.base64(signature));
    }

    /** Sends an answer. 200 if it counts, also when it is sent again. */
    public Answer send(Response response) throws IOException, InterruptedException {
        JsonObject body = Json.createObjectBuilder()
                .add("nonce", response.nonce())
                .add("ciphertext", response.ciphertext())
                .add("signature", response.signature())
                .build();
        return relay.reliably("PUT", "/v1/requests/" + response.requestId() + "/response", token, body);
    }

    /** Tells the relay the phone's new push token; without one, the phone is not woken any more. */
    public void rotatePushToken(Optional<String> pushToken) throws IOException, InterruptedException {
        JsonValue value = pushToken.<JsonValue>map(Json::createValue).orElse(JsonValue.NULL);
        JsonObject body = Json.createObjectBuilder().add("push_token", value).build();
        relay.reliably("PATCH", "/v1/devices/" + deviceId, token, body).expect(200);
    }

    /** Ends one pairing. Ending it twice is as good as once. */
    public void unpair(String pairId) throws IOException, InterruptedException {
        Answer answer = relay.reliably("DELETE", "/v1/pairs/" + pairId, token, null);
        if (!answer.code().equals("pair_revoked")) {
            answer.expect(204);
        }
        pairings.remove(pairId);
    }

    /** Ends all pairings and has the relay forget the phone. If it has already, that is what was wanted. */
    public void delete() throws IOException, InterruptedException {
        Answer answer = relay.reliably("DELETE", "/v1/devices/" + deviceId, token, null);
        if (!answer.code().equals("unauthorized")) {
            answer.expect(204);
        }
        pairings.clear();
    }

    private Inbox inbox(Answer answer) throws IOException {
        JsonObject body = answer.expect(200).body();
        List<Question> questions = new ArrayList<>();
        List<String> withdrawn = new ArrayList<>();
        List<String> undecipherable = new ArrayList<>();
        for (JsonObject item : body.getJsonArray("requests").getValuesAs(JsonObject.class)) {
            String requestId = item.getString("request_id");
            if (!item.containsKey("ciphertext")) {
                withdrawn.add(requestId);
                continue;
            }
            try {
                questions.add(question(item));
            } catch (GeneralSecurityException e) {
                undecipherable.add(requestId);
            }
        }
        return new Inbox(
                questions, withdrawn, undecipherable, body.getString("cursor"), body.getBoolean("reset", false));
    }

    private Question question(JsonObject item) throws GeneralSecurityException {
        String pairId = item.getString("pair_id");
        String requestId = item.getString("request_id");
        Sealed sealed = new Sealed(Crypto.base64(item.getString("nonce")), Crypto.base64(item.getString("ciphertext")));
        byte[] plaintext =
                Crypto.open(paired(pairId).encryptionKey(), Messages.questionContext(pairId, requestId), sealed);
        return new Question(
                requestId,
                pairId,
                new String(plaintext, UTF_8),
                Instant.ofEpochSecond(item.getJsonNumber("created_at").longValueExact()),
                Instant.ofEpochSecond(item.getJsonNumber("expires_at").longValueExact()));
    }

    private Paired paired(String pairId) throws GeneralSecurityException {
        Paired paired = pairings.get(pairId);
        if (paired == null) {
            throw new GeneralSecurityException("no pairing " + pairId);
        }
        return paired;
    }
}
