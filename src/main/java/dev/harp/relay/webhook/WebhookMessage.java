package dev.harp.relay.webhook;

import dev.harp.json.Json;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.WebhookNotice;

/**
 * A notice as it is sent: the same bytes at each attempt, so that a receiver can drop duplicates.
 *
 * @param eventId identifies the notice; derived from its content, so it is the same whichever relay sends it
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
        return new WebhookMessage(eventId, Json.bytes(json -> {
            json.writeStartObject()
                    .write("event_id", eventId)
                    .write("event", "request." + notice.state())
                    .write("created_at", notice.at().getEpochSecond())
                    .write("request_id", request)
                    .write("pair_id", pair)
                    .write("state", notice.state());
            notice.answer().ifPresent(answer -> {
                json.writeStartObject("response")
                        .write("nonce", answer.nonce())
                        .write("ciphertext", answer.ciphertext());
                answer.signature().ifPresent(signature -> json.write("signature", signature));
                json.writeEnd();
            });
            json.writeEnd();
        }));
    }
}
