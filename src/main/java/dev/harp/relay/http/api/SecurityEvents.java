package dev.harp.relay.http.api;

import dev.harp.relay.log.Event;
import dev.harp.relay.log.EventThrottle;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.protocol.ErrorCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

/**
 * What an operator may want to be woken for: a warning each, by a stable name, throttled by name and client, so that who floods
 * the relay does not flood its log. {@code docs/monitor.md} lists them.
 */
final class SecurityEvents {
    private static final Logger LOG = System.getLogger(SecurityEvents.class.getName());
    private static final Duration PERIOD = Duration.ofSeconds(1);
    private static final int KEYS = 256;
    private static final String OPENING = "/v1/pairs";

    private final AddressFormat form;
    private final EventThrottle<Key> throttle;

    private record Key(String event, ClientKey client) {}

    SecurityEvents(AddressFormat form, LongSupplier nanoTime) {
        this.form = form;
        this.throttle = new EventThrottle<>(PERIOD, KEYS, nanoTime);
    }

    /** A call was refused; most refusals are nothing to speak of. */
    void refused(ErrorCode code, String route, Call call, ClientKey client, InetAddress address) {
        switch (code) {
            case UNAUTHORIZED -> {
                if (route.equals(OPENING)) {
                    tell(
                            "registration_refused",
                            "a pairing was to be opened without the registration key",
                            client,
                            address,
                            event -> event);
                } else {
                    tell(
                            "auth_failed",
                            "a token is missing or not valid here",
                            client,
                            address,
                            event -> CallLog.ids(event.with("route", route).with("reason", reason(call)), call));
                }
            }
            case WRONG_SECRET ->
                tell(
                        "wrong_secret",
                        "a device has tried a wrong pairing secret",
                        client,
                        address,
                        event -> CallLog.ids(event, call));
            case RATE_LIMITED ->
                // The client's limit is asked before the token is.
                tell(
                        "rate_limited",
                        "a call was over its rate limit",
                        client,
                        address,
                        event -> CallLog.ids(
                                event.with("scope", call.knownCaller().isPresent() ? "pair" : "client"), call));
            default -> {
                // Mistakes, and the ordinary course of things.
            }
        }
    }

    /** Somebody who is no trusted proxy says who the client is: an attempt to be someone else, or a proxy that is not listed. */
    void forwardedIgnored(ClientKey client, InetAddress address) {
        tell(
                "forwarded_ignored",
                "X-Forwarded-For came from an address that is not in TRUSTED_PROXIES, and does not count",
                client,
                address,
                event -> event);
    }

    private void tell(String name, String message, ClientKey client, InetAddress address, UnaryOperator<Event> fields) {
        if (!LOG.isLoggable(Level.WARNING)) {
            return;
        }
        OptionalLong suppressed = throttle.admit(new Key(name, client));
        if (suppressed.isPresent()) {
            fields.apply(Event.of(name, message))
                    .with("client", form.of(address))
                    .with("suppressed", suppressed.getAsLong())
                    .to(LOG, Level.WARNING);
        }
    }

    private static String reason(Call call) {
        if (call.knownCaller().isPresent()) {
            return "not_its_own";
        }
        return call.bearer().isPresent() ? "unknown_token" : "no_token";
    }
}
