package dev.harp.relay.protocol;

/**
 * Where the relay sends a request's webhooks.
 *
 * @param url an absolute {@code https} URL of at most {@value ProtocolLimits#MAX_CALLBACK_URL} characters; {@code http}
 *     only where the operator allows it
 * @param secret the key of the webhooks' signatures, {@value ProtocolLimits#MIN_CALLBACK_SECRET} to
 *     {@value ProtocolLimits#MAX_CALLBACK_SECRET} characters; stored as it is, since signing needs it
 */
public record Callback(String url, String secret) {

    /** A constant: the secret must not reach the logs, and a URL may contain one of its own. */
    @Override
    public String toString() {
        return "Callback[...]";
    }
}
