package dev.harp.relay.push;

import dev.harp.relay.protocol.DeviceId;

/** Hears of tokens that a provider calls dead after it had taken a wake-up for them. Must not throw. */
@FunctionalInterface
public interface InvalidTokenListener {
    /**
     * Nobody is there any more under the token. The device may have another one by now: only this one is to be cleared.
     *
     * @param token not for logs
     */
    void dead(DeviceId device, String token);
}
