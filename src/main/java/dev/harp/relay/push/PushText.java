package dev.harp.relay.push;

import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.time.Instant;

/** The content of every notification: a constant title, and the ids of pairing and request. */
final class PushText {
    /** Not configurable, because a configurable title could carry information. */
    static final String TITLE = "Approval requested";

    private PushText() {}

    static void names(JsonGenerator json, PushNotification wake) {
        json.write("pair_id", wake.request().pair().value())
                .write("request_id", wake.request().request().toString());
    }

    /** For how many seconds the notification is still useful; 0 if it is not. */
    static long secondsLeft(PushNotification wake, Instant now) {
        Duration left = Duration.between(now, wake.until());
        return left.isPositive() ? Math.max(1, left.toSeconds()) : 0;
    }
}
