package dev.harp.relay.outbound;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The answer to one request. Nothing in it is trusted.
 *
 * @param status 200 to 599
 * @param headers the header lines, as {@code Name: value}
 * @param body as much of the body as was asked for
 * @param keepsConnection whether another request may follow on the connection
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record HttpAnswer(int status, List<String> headers, byte[] body, boolean keepsConnection)
        implements Post.Result {
    private static final Pattern SECONDS = Pattern.compile("[0-9]+");
    private static final int SECONDS_DIGITS = 6;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(999_999);

    /** Copies the header lines. */
    public HttpAnswer {
        headers = List.copyOf(headers);
    }

    /** Whether the status is a 2xx. */
    public boolean ok() {
        return status / 100 == 2;
    }

    /** The values of the header fields of this name, in any case. */
    public List<String> values(String name) {
        return values(headers, name);
    }

    static List<String> values(List<String> headers, String name) {
        return headers.stream()
                .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                .map(line -> line.substring(name.length() + 1).strip())
                .toList();
    }

    /** The pause that the server asks for, at most 999,999 s; empty if it asks for none. */
    public Optional<Duration> retryAfter() {
        return values("Retry-After").stream()
                .flatMap(text -> pause(text).stream())
                .findFirst();
    }

    /**
     * Reads seconds or a date (RFC 9110, section 10.2.3). A date is by the server's clock, so it is compared with the
     * answer's own {@code Date}.
     */
    private Optional<Duration> pause(String text) {
        if (SECONDS.matcher(text).matches()) {
            return Optional.of(
                    text.length() > SECONDS_DIGITS ? LONGEST_PAUSE : Duration.ofSeconds(Long.parseLong(text)));
        }
        return time(text)
                .flatMap(until -> date().map(now -> Duration.between(now, until)))
                .filter(Duration::isPositive)
                .map(pause -> pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause);
    }

    /** The field {@code Date}: the server's clock. */
    public Optional<Instant> date() {
        return values("Date").stream().findFirst().flatMap(HttpAnswer::time);
    }

    private static Optional<Instant> time(String text) {
        try {
            return Optional.of(DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from));
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }
}
