package dev.harp.relay.delivery;

import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.WebhookNotice;
import dev.harp.relay.push.PushOutcome;
import dev.harp.relay.webhook.WebhookOutcome;

/** Is told the outcome of each attempt. Must be quick, and must not throw. */
public interface DeliveryListener {
    /** A webhook was attempted. */
    void attempted(WebhookNotice notice, WebhookOutcome outcome);

    /** A push notification was attempted by the named push service, or could not be offered to it. */
    void attempted(RequestKey request, String service, PushOutcome outcome);
}
