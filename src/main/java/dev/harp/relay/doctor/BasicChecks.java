package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks whether a relay answers, its version and clock, and what the proxy does to connections and errors. */
record BasicChecks(Site site) {
    /** Asks for the relay's time and the caller's address. */
    static final HttpRequest ABOUT = Site.get("/v1/about");

    private static final HttpRequest HEALTH = Site.get("/health");
    private static final HttpRequest NOT_FOUND = Site.get("/v1/doctor/looks-for-what-is-not-there");

    private static final String DESCRIPTION = "/openapi.yaml";
    private static final String PUBLIC_URL = "https?://[A-Za-z0-9.:\\[\\]/_-]{1,250}";
    private static final String VAPID_KEY = "[A-Za-z0-9_-]{87}";
    private static final Pattern VERSION = Pattern.compile("(?m)^  version: ([0-9A-Za-z.+-]{1,40})$");
    private static final long CLOCK_WARN = 5;
    /** Half of the relay's default REPLAY_WINDOW, since a client's clock may be off in the other direction. */
    private static final long CLOCK_FAIL = 150;

    Finding tls() throws Failed {
        try (Connection connection = Connection.open(site)) {
            if (!connection.chain().isEmpty() || site.target().https()) {
                return Certificates.time(
                        connection.chain(),
                        connection.http.protocol(),
                        site.clock().instant());
            }
            return connection.http.there().isLoopbackAddress()
                    ? Finding.skip("plain HTTP, within this machine")
                    : Finding.warn(
                            "plain HTTP: tokens are sent unencrypted, and browsers give the app neither notifications"
                                    + " nor keys; put TLS in front (deploy/nginx) and use https");
        }
    }

    Finding health() throws Failed {
        long begin = site.nanoTime().getAsLong();
        RelayAnswer answer = site.call(HEALTH).is(200);
        if (!answer.text("status", "ok").isPresent()) {
            return Finding.fail("/health is answered by something else than a relay");
        }
        return Finding.ok("200 after " + site.since(begin).toMillis() + " ms");
    }

    Finding api() throws Failed {
        String own = version(description());
        String there = version(site.call(Site.get(DESCRIPTION)).is(200).body());
        RelayAnswer nothing = site.call(NOT_FOUND).is(404);
        if (!nothing.code().equals("not_found")) {
            return Finding.fail(
                    "the relay's errors do not arrive as problem documents: the proxy puts pages of its own in their"
                            + " place; nginx: no proxy_intercept_errors, and proxy_pass for all of /v1");
        }
        if (there.isEmpty()) {
            return Finding.fail(DESCRIPTION + " is not the relay's: proxy_pass has to lead there for all paths");
        }
        return there.equals(own)
                ? Finding.ok("version " + there)
                : Finding.warn("version " + there + ", and this doctor is of " + own
                        + ": use the doctor of the relay's version");
    }

    /** Whether pairing links lead phones to the address that is examined. */
    Finding address() throws Failed {
        try (Connection connection = Connection.open(site)) {
            RelayAnswer answer = connection.ask(ABOUT, site.patience());
            // A relay from before /v1/about tells no address either.
            Optional<String> told =
                    answer.status() == 404 ? Optional.empty() : answer.is(200).text("public_url", PUBLIC_URL);
            if (told.isEmpty()) {
                return Finding.ok("no PUBLIC_URL: phones get the address that the platform calls");
            }
            if (told.get().replaceFirst("/$", "").equals(site.toString())) {
                return Finding.ok("phones are led here by PUBLIC_URL");
            }
            return connection.http.there().isLoopbackAddress()
                    ? Finding.skip("phones are led to " + told.get() + " by PUBLIC_URL; call the doctor with that")
                    : Finding.warn("phones are led to " + told.get()
                            + ", another address than this: set PUBLIC_URL to the one that they use");
        }
    }

    /** Whether browsers can be notified, which has no fault that the doctor sees: the operator may not want it. */
    Finding push() throws Failed {
        RelayAnswer answer = site.call(ABOUT);
        if (answer.status() != 404
                && answer.is(200).text("vapid_public_key", VAPID_KEY).isPresent()) {
            return Finding.ok("browsers are notified by Web Push");
        }
        return Finding.skip("no Web Push: a browser gets requests only while the app is open; the relay's log says why"
                + " (push_off), unless PUSH is set");
    }

    /** The least difference of the two clocks: the call takes time, and the relay's time is rounded down to seconds. */
    Finding clock() throws Failed {
        Instant before = site.clock().instant();
        RelayAnswer answer = site.call(ABOUT);
        Instant after = site.clock().instant();
        // A relay from before /v1/about has no clock to show but that of the answer, which may be the proxy's.
        OptionalLong there = answer.status() == 404
                ? answer.http().date().stream()
                        .mapToLong(Instant::getEpochSecond)
                        .findFirst()
                : answer.is(200).number("time");
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
                + " this machine's: synchronize both by NTP (timedatectl set-ntp true). New requests whose client is"
                + " further off than REPLAY_WINDOW (300 s) are refused as stale_request_id";
        return off < CLOCK_FAIL ? Finding.warn(fault) : Finding.fail(fault);
    }

    Finding keepAlive() throws Failed {
        try (Connection connection = Connection.open(site)) {
            RelayAnswer first = connection.ask(HEALTH, site.patience()).is(200);
            return first.http().keepsConnection()
                    ? again(connection)
                    : Finding.warn("the connection is closed after its first answer, so each call needs a new one;"
                            + " nginx: keepalive_timeout 75s in the server block, and not 0");
        }
    }

    private Finding again(Connection connection) throws Failed {
        try {
            connection.ask(HEALTH, site.patience()).is(200);
            return Finding.ok("two calls on one connection");
        } catch (Failed e) {
            if (e.kind() == Failed.Kind.UNEXPECTED) {
                throw e;
            }
            return Finding.fail("the connection is announced as kept, but does not take a second call (" + e.words()
                    + "): something on the way closes it; nginx: keepalive_timeout 75s in the server block");
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
