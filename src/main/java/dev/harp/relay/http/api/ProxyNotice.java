package dev.harp.relay.http.api;

import java.util.Map;

/**
 * Whether an {@code X-Forwarded-For} was ignored since the start: behind a proxy that is not trusted all clients are
 * one, and get one share and one rate limit. The operator is told long before that is used up.
 */
public final class ProxyNotice {
    private static final Map<String, String> TEXT = Map.of(
            "TRUSTED_PROXIES",
            "an X-Forwarded-For was ignored, because its sender is not listed here. All clients behind such a proxy"
                    + " count as one network and get one NETWORK_SHARE. If it is a proxy of yours, add it; the event"
                    + " proxy_untrusted names it");

    private volatile boolean due;

    void ignored() {
        due = true;
    }

    /** What to tell the operator, by the option that it is about; empty as long as there is nothing. */
    public Map<String, String> details() {
        return due ? TEXT : Map.of();
    }
}
