package dev.harp.relay.push;

import dev.harp.relay.protocol.DeviceId;

/** Is told of tokens that a provider reports as invalid after it had accepted a notification. Must not throw. */
@FunctionalInterface
public interface InvalidTokenListener {
    /**
     * The token is invalid. The device may have another one by now: only this one is to be cleared.
     *
     * @param token not for logs
     */
    void dead(DeviceId device, String token);
}
