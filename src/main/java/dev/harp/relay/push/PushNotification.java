package dev.harp.relay.push;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.RequestKey;
import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.time.Instant;

/**
 * A push notification for a device.
 *
 * @param request the request to look at
 * @param token the push token as the device gave it; not for logs
 * @param until when the request expires and the notification becomes useless
 */
public record PushNotification(RequestKey request, DeviceId device, String token, Instant until) {
    /** The title of every notification. Not configurable, because a configurable title could carry information. */
    static final String TITLE = "Approval requested";

    /** The text below it, where there is one; constant, too. */
    static final String BODY = "Open the app to read and answer.";

    /** Writes the ids of pairing and request, which are all that a notification says besides its title. */
    void write(JsonGenerator json) {
        json.write("pair_id", request.pair().value())
                .write("request_id", request.request().toString());
    }

    /** For how many seconds the notification is still useful; 0 if it is not. */
    long secondsLeft(Instant now) {
        Duration left = Duration.between(now, until);
        return left.isPositive() ? Math.max(1, left.toSeconds()) : 0;
    }

    /** Without the token, which is not for logs. */
    @Override
    public String toString() {
        return "PushNotification[" + request + ", " + device + "]";
    }
}
