package dev.harp.relay.doctor;

import java.time.Duration;
import java.util.Locale;

/** What to do about a status that a relay behind a working proxy does not answer with. */
final class Advice {
    private Advice() {}

    static String on(RelayAnswer answer) {
        String code = answer.code();
        String what = "answered " + answer.status() + (code.isEmpty() ? "" : " " + code);
        return what + (code.isEmpty() ? byProxy(answer) : byRelay(answer.status(), code) + retryAfter(answer));
    }

    /** Each 429 and 503 of the relay has it. */
    private static String retryAfter(RelayAnswer answer) {
        return (answer.status() == 429 || answer.status() == 503)
                        && answer.header("Retry-After").isEmpty()
                ? "; its Retry-After is missing, by which clients wait: the proxy has to pass it on"
                : "";
    }

    private static String byRelay(int status, String code) {
        return switch (status) {
            case 404 -> ": the relay is older than this doctor";
            case 503 -> code.equals("relay_full") ? ": the relay is full, see /metrics" : anybody(status);
            default -> anybody(status);
        };
    }

    private static String byProxy(RelayAnswer answer) {
        return switch (answer.status()) {
            case 400 -> ": if this port speaks TLS, use https";
            case 401, 403 ->
                ": the proxy refuses clients; the relay has credentials of its own, so nginx needs no auth_basic,"
                        + " allow or deny for it";
            case 404 -> ": no relay answers at this address; nginx: the server_name, and proxy_pass in \"location /\"";
            case 301, 302, 303, 307, 308 ->
                ": clients do not follow redirects; give them, and doctor, "
                        + answer.header("Location").orElse("the right address");
            default -> {
                String advice = anybody(answer.status());
                yield advice.isEmpty() ? ": this is not what a relay answers" : advice;
            }
        };
    }

    private static String anybody(int status) {
        return switch (status) {
            case 429 -> ": too many calls from this address; wait a minute and try again";
            case 500 -> ": a defect of the relay, see internal_error in its log; or see the proxy's error log";
            case 502 ->
                ": the proxy does not get through to the relay; is it running, and does nginx's upstream name its HOST"
                        + " and PORT?";
            case 503 -> ": the relay is being stopped, or the proxy knows no relay that is running";
            case 504 -> ": the relay does not answer the proxy in time; is the relay's machine overloaded?";
            case 505 ->
                ": the proxy speaks HTTP/1.0 to the relay; nginx: proxy_http_version 1.1; and proxy_set_header"
                        + " Connection \"\"";
            default -> "";
        };
    }

    /** The time in seconds, for people. */
    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }
}
