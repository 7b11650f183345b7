package dev.harp.relay.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a relay is there, which one, and whether it can be talked to at all. */
final class BasicChecks {
    /** What tells the relay's time and its caller's address. */
    static final Ask ABOUT = Ask.get("/v1/about");

    private static final String DESCRIPTION = "/openapi.yaml";
    private static final Pattern VERSION = Pattern.compile("(?m)^  version: ([0-9A-Za-z.+-]{1,40})$");
    private static final long CLOCK_WARN = 5;
    /** Half of the relay's default REPLAY_WINDOW, since a client's clock may be off in the other direction. */
    private static final long CLOCK_FAIL = 150;

    private final Site site;

    BasicChecks(Site site) {
        this.site = site;
    }

    Finding tls() throws Failed {
        try (Connection connection = site.open()) {
            if (!connection.chain().isEmpty() || site.target().tls()) {
                return Certificates.time(
                        connection.chain(), connection.protocol(), site.clock().instant());
            }
            return connection.there().isLoopbackAddress()
                    ? Finding.skip("plain HTTP, within this machine")
                    : Finding.warn(
                            "plain HTTP: tokens travel in the clear; put TLS in front (deploy/nginx) and use https");
        }
    }

    Finding health() throws Failed, Unexpected {
        long begin = site.nanoTime().getAsLong();
        HttpAnswer answer = site.call(Ask.get("/health")).is(200);
        if (!answer.text("status", "ok").isPresent()) {
            return Finding.fail("/health is answered by something else than a relay");
        }
        return Finding.ok("200 after " + site.since(begin).toMillis() + " ms");
    }

    Finding api() throws Failed, Unexpected {
        String own = version(description());
        String there = version(site.call(Ask.get(DESCRIPTION)).is(200).body());
        HttpAnswer nothing =
                site.call(Ask.get("/v1/doctor/looks-for-what-is-not-there")).is(404);
        if (!nothing.code().equals("not_found")) {
            return Finding.fail(
                    "the relay's own errors do not arrive as problem documents: the proxy puts pages of its own"
                            + " in their place; nginx: no proxy_intercept_errors, and proxy_pass for all of /v1");
        }
        if (there.isEmpty()) {
            return Finding.fail(DESCRIPTION + " is not the relay's: proxy_pass has to lead there for all paths");
        }
        return there.equals(own)
                ? Finding.ok("version " + there)
                : Finding.warn(
                        "version " + there + ", and this doctor is of " + own + ": use the one of the relay's version");
    }

    /** By how much the two clocks are apart at least, whatever the way took, and whatever the relay has rounded down. */
    Finding clock() throws Failed, Unexpected {
        Instant before = site.clock().instant();
        HttpAnswer answer = site.call(ABOUT);
        Instant after = site.clock().instant();
        OptionalLong there =
                answer.status() == 404 ? date(answer) : answer.is(200).number("time");
        if (there.isEmpty()) {
            return Finding.fail("the relay does not tell its time");
        }
        Instant earliest = Instant.ofEpochSecond(there.getAsLong());
        Instant latest = earliest.plusSeconds(1);
        long ahead = 0;
        if (earliest.isAfter(after)) {
            ahead = Math.ceilDiv(Duration.between(after, earliest).toMillis(), 1000L);
        } else if (latest.isBefore(before)) {
            ahead = -Math.ceilDiv(Duration.between(latest, before).toMillis(), 1000L);
        }
        long off = Math.abs(ahead);
        if (off < CLOCK_WARN) {
            return Finding.ok(off == 0 ? "that of this machine" : "less than " + (off + 1) + " s off this machine's");
        }
        String fault = "the relay's clock is " + off + " s " + (ahead > 0 ? "ahead of" : "behind")
                + " this machine's: have both kept by NTP (timedatectl set-ntp true). New requests whose client is"
                + " further off than REPLAY_WINDOW (300 s) are refused as stale_request_id";
        return off < CLOCK_FAIL ? Finding.warn(fault) : Finding.fail(fault);
    }

    Finding keepAlive() throws Failed, Unexpected {
        try (Connection connection = site.open()) {
            HttpAnswer first =
                    connection.ask(Ask.get("/health"), site.patience()).is(200);
            if (!first.keepsConnection()) {
                return Finding.warn(
                        "the connection ends with its first answer, so each call has to connect anew; nginx:"
                                + " keepalive_timeout 75s in the server block, and not 0");
            }
            return again(connection);
        }
    }

    private Finding again(Connection connection) throws Unexpected {
        try {
            connection.ask(Ask.get("/health"), site.patience()).is(200);
            return Finding.ok("two calls on one connection");
        } catch (Failed e) {
            return Finding.fail("the connection is said to be kept, and does not take a second call (" + e.words()
                    + "): something on the way closes it; nginx: keepalive_timeout 75s in the server block");
        }
    }

    private static OptionalLong date(HttpAnswer answer) {
        try {
            return answer.header("Date")
                    .map(text -> DateTimeFormatter.RFC_1123_DATE_TIME.parse(text, Instant::from))
                    .map(instant -> OptionalLong.of(instant.getEpochSecond()))
                    .orElse(OptionalLong.empty());
        } catch (DateTimeParseException e) {
            return OptionalLong.empty();
        }
    }

    private static String version(String description) {
        Matcher version = VERSION.matcher(description);
        return version.find() ? version.group(1) : "";
    }

    private static String description() {
        try (InputStream in = BasicChecks.class.getResourceAsStream(DESCRIPTION)) {
            return new String(Optional.ofNullable(in).orElseThrow().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
