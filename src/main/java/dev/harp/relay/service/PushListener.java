package dev.harp.relay.service;

import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.push.PushOutcome;

/** Hears of each attempt at waking a device. Must be quick, and must not throw. */
public interface PushListener {
    /** The named push service has said this, or could not be asked. */
    void attempted(RequestKey request, String service, PushOutcome outcome);
}
