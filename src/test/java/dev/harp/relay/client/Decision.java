package dev.harp.relay.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.json.Json;
import jakarta.json.JsonException;
import jakarta.json.JsonObject;
import java.io.StringReader;
import java.security.GeneralSecurityException;

/**
 * The plaintext of an answer: {@code {"decision": "approved" | "denied", "reason": "...", "question": "<SHA-256 in
 * hex>"}}. The words of {@code decision} are HARP's; {@code question}, the digest of the plaintext that the person saw,
 * is ours.
 */
public record Decision(boolean approved, String reason, String questionDigest) {

    static Decision on(String question, boolean approved, String reason) {
        return new Decision(approved, reason, digest(question));
    }

    static String digest(String question) {
        return Crypto.hex(Crypto.sha256(Messages.utf8(question)));
    }

    byte[] plaintext() {
        JsonObject json = Json.createObjectBuilder()
                .add("decision", approved ? "approved" : "denied")
                .add("reason", reason)
                .add("question", questionDigest)
                .build();
        return Messages.utf8(json.toString());
    }

    static Decision parse(byte[] plaintext) throws GeneralSecurityException {
        try (var reader = Json.createReader(new StringReader(new String(plaintext, UTF_8)))) {
            JsonObject json = reader.readObject();
            boolean approved = switch (json.getString("decision", "")) {
                case "approved" -> true;
                case "denied" -> false;
                default -> throw new GeneralSecurityException("a decision is approved or denied");
            };
            return new Decision(approved, json.getString("reason", ""), json.getString("question", ""));
        } catch (JsonException | ClassCastException e) {
            throw new GeneralSecurityException("the answer is not a decision", e);
        }
    }
}
