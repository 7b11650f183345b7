package dev.harp.relay.push;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.RequestKey;
import java.time.Instant;

/**
 * One wake-up that a device is to get.
 *
 * @param request what there is to see
 * @param device whom to wake
 * @param token where it can be woken, as the device gave it; not for logs
 * @param until when the request ends: no use waking anybody after that
 */
public record PushNotification(RequestKey request, DeviceId device, String token, Instant until) {

    /** A constant with the names only: the token is not for logs. */
    @Override
    public String toString() {
        return "Wake[" + request + ", " + device + "]";
    }
}
