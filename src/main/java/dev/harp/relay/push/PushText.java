package dev.harp.relay.push;

import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.time.Instant;

/** What every wake-up says: a constant title, and where to look. */
final class PushText {
    /** Not configurable: whoever could choose it could say something with it. */
    static final String TITLE = "Approval requested";

    private PushText() {}

    static void names(JsonGenerator json, PushNotification wake) {
        json.write("pair_id", wake.request().pair().value())
                .write("request_id", wake.request().request().toString());
    }

    /** For how many seconds the wake-up is of use, from now on; 0 or less if it is of none. */
    static long secondsLeft(PushNotification wake, Instant now) {
        Duration left = Duration.between(now, wake.until());
        return left.isPositive() ? Math.max(1, left.toSeconds()) : 0;
    }
}
