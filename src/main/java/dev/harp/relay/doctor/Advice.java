package dev.harp.relay.doctor;

import java.time.Duration;
import java.util.Locale;

/** What to do about an answer that a relay behind a good proxy does not give, whatever was asked. */
final class Advice {
    private Advice() {}

    static String on(HttpAnswer answer) {
        String what = "answered " + answer.status() + (answer.code().isEmpty() ? "" : " " + answer.code());
        return what + advice(answer);
    }

    private static String advice(HttpAnswer answer) {
        return switch (answer.status()) {
            case 301, 302, 303, 307, 308 ->
                ": clients do not follow; give them, and doctor, "
                        + answer.header("Location").orElse("the right address");
            case 400 -> answer.code().isEmpty() ? ": if TLS is spoken on this port, use https" : "";
            case 401, 403 ->
                answer.code().isEmpty()
                        ? ": the proxy keeps clients out; the relay has credentials of its own, so nginx needs no"
                                + " auth_basic, allow or deny for it"
                        : "";
            case 404 ->
                answer.code().isEmpty()
                        ? ": no relay answers at this address; nginx: the server_name, and proxy_pass in \"location /\""
                        : ": the relay is older than this doctor";
            case 429 -> ": too many calls from this address; wait a minute and try again";
            case 500 -> ": a defect of the relay, see internal_error in its log; or the proxy's error log";
            case 502 ->
                ": the proxy does not get through to the relay; is it running, and does nginx's upstream name its HOST"
                        + " and PORT?";
            case 503 ->
                answer.code().equals("relay_full")
                        ? ": the relay is full, see /metrics"
                        : ": the relay is being stopped, or the proxy has none that runs";
            case 504 -> ": the proxy has no answer from the relay in its time; is the relay's machine well?";
            case 505 ->
                ": the proxy speaks HTTP/1.0 to the relay; nginx: proxy_http_version 1.1; and proxy_set_header"
                        + " Connection \"\"";
            default -> answer.code().isEmpty() ? ": this is not what a relay answers" : "";
        };
    }

    /** A time for people, in seconds. */
    static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }
}
