package dev.harp.relay.protocol;

/**
 * Where a platform wants to be told what becomes of its request.
 *
 * @param url an absolute {@code https} URL of at most {@value Terms#MAX_CALLBACK_URL} characters; {@code http} only where the operator
 *     allows it
 * @param secret what the relay signs with, 16 to {@value Terms#MAX_CALLBACK_SECRET} characters; kept as it is, since signing needs it
 */
public record Callback(String url, String secret) {

    /** A constant: the secret is not for logs, and a URL may carry one of its own. */
    @Override
    public String toString() {
        return "Callback[...]";
    }
}
