package dev.harp.relay.webhook;

import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.WebhookNotice;
import jakarta.json.Json;
import jakarta.json.JsonObjectBuilder;
import java.nio.charset.StandardCharsets;

/**
 * One notice as it is sent: the same bytes at each attempt, so that a receiver may throw away what it has had.
 *
 * @param eventId the notice's name, made from what it is about: whichever relay tells it, it is the same
 * @param body JSON
 */
@SuppressWarnings("ArrayRecordComponent") // written once, never compared
record WebhookMessage(String eventId, byte[] body) {
    private static final int ID_DIGITS = 32;

    static WebhookMessage of(WebhookNotice notice) {
        String pair = notice.key().pair().value();
        String request = notice.key().request().toString();
        String eventId = "evt_"
                + Sha256.of(pair + "/" + request + "/" + notice.state()).hex().substring(0, ID_DIGITS);
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("event_id", eventId)
                .add("event", "request." + notice.state())
                .add("created_at", notice.at().getEpochSecond())
                .add("request_id", request)
                .add("pair_id", pair)
                .add("state", notice.state());
        notice.answer().ifPresent(answer -> json.add("response", response(answer)));
        return new WebhookMessage(eventId, json.build().toString().getBytes(StandardCharsets.UTF_8));
    }

    private static JsonObjectBuilder response(Response answer) {
        JsonObjectBuilder json =
                Json.createObjectBuilder().add("nonce", answer.nonce()).add("ciphertext", answer.ciphertext());
        answer.signature().ifPresent(signature -> json.add("signature", signature));
        return json;
    }
}
