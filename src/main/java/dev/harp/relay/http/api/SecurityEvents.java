package dev.harp.relay.http.api;

import dev.harp.relay.log.Event;
import dev.harp.relay.log.EventThrottle;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.protocol.ErrorCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Warnings that an operator may want to be alerted to, each under a stable name. They are throttled by name and client,
 * so that a client that floods the relay does not flood its log. {@code docs/monitor.md} lists them.
 */
final class SecurityEvents {
    private static final Logger LOG = System.getLogger(SecurityEvents.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final Duration LONG_PERIOD = Duration.ofHours(1);
    private static final int KEYS = 256;
    private static final String OPENING = "/v1/pairs";

    private final AddressFormat format;
    private final ProxyNotice notice;
    private final EventThrottle<Key> throttle;
    private final EventThrottle<ClientKey> proxies;

    private record Key(String event, ClientKey client) {}

    SecurityEvents(AddressFormat format, ProxyNotice notice, LongSupplier nanoTime) {
        this.format = format;
        this.notice = notice;
        this.throttle = new EventThrottle<>(PERIOD, KEYS, nanoTime);
        this.proxies = new EventThrottle<>(LONG_PERIOD, KEYS, nanoTime);
    }

    /**
     * A call was refused. Most refusals are ordinary mistakes, and no events.
     *
     * @param hasToken whether the call had a bearer token, valid or not
     */
    void refused(ErrorCode code, CallLog.Entry call, boolean hasToken) {
        switch (code) {
            case UNAUTHORIZED -> {
                if (call.route.equals(OPENING)) {
                    warn(
                            call,
                            Event.of("registration_refused", "a pairing was requested without the registration key"));
                } else {
                    Event event = Event.of("auth_failed", "a token is missing or not valid for the call")
                            .with("route", call.route)
                            .with("reason", reason(call, hasToken));
                    warn(call, call.ids(event));
                }
            }
            case WRONG_SECRET ->
                warn(call, call.ids(Event.of("wrong_secret", "a device has sent a wrong pairing secret")));
            case RATE_LIMITED -> {
                // The client's limit is applied before the token is read.
                Event event = Event.of("rate_limited", "a call exceeded its rate limit")
                        .with("scope", call.caller.isPresent() ? "pair" : "client");
                warn(call, call.ids(event));
            }
            default -> {}
        }
    }

    /**
     * A peer that is no trusted proxy named the client: an attempt to be another one, or a proxy that is not listed.
     */
    void forwardedIgnored(CallLog.Entry call) {
        warn(
                call,
                Event.of(
                        "forwarded_ignored",
                        "X-Forwarded-For was ignored: it came from an address that is not in TRUSTED_PROXIES"));
        notice.ignored();
        warn(
                call,
                Event.of(
                        "proxy_untrusted",
                        "if this client is a proxy of yours, add it to TRUSTED_PROXIES: until then all clients behind"
                                + " it count as one network and get one NETWORK_SHARE and one RATE_LIMIT_CLIENT"),
                proxies,
                call.client.key());
    }

    private void warn(CallLog.Entry call, Event event) {
        warn(call, event, throttle, new Key(event.name(), call.client.key()));
    }

    private <K> void warn(CallLog.Entry call, Event event, EventThrottle<K> by, K key) {
        if (LOG.isLoggable(Level.WARNING)) {
            by.admit(key)
                    .ifPresent(suppressed -> event.with("client", format.of(call.client.address()))
                            .with("suppressed", suppressed)
                            .to(LOG, Level.WARNING));
        }
    }

    private static String reason(CallLog.Entry call, boolean hasToken) {
        if (call.caller.isPresent()) {
            return "not_its_own";
        }
        return hasToken ? "unknown_token" : "no_token";
    }
}
