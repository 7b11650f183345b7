package dev.harp.relay.push;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.RequestKey;
import java.time.Instant;

/**
 * A push notification for a device.
 *
 * @param request the request to look at
 * @param token the push token as the device gave it; not for logs
 * @param until when the request expires and the notification becomes useless
 */
public record PushNotification(RequestKey request, DeviceId device, String token, Instant until) {

    /** Without the token, which is not for logs. */
    @Override
    public String toString() {
        return "PushNotification[" + request + ", " + device + "]";
    }
}
