package dev.harp.relay.doctor;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** What takes a pairing to look at: that nobody can join, and that is revoked at once. */
final class PairingChecks {
    /** What a relay admits by default (MAX_BODY). */
    static final int MAX_BODY = 131_072;

    /** The largest envelope, with room for what is around it. */
    static final int LARGE_BODY = 70_000;

    private static final String PAIRS = "/v1/pairs";
    private static final int SHORTEST_TTL = 30;
    private static final int LONGEST_TTL = 600;
    private static final int OWN_TIME = 60;
    private static final String NO_KEY =
            "the relay asks for its registration key: give it to doctor in the environment variable REGISTRATION_KEY";
    private static final String WRONG_KEY =
            "the relay refuses this REGISTRATION_KEY: give doctor the relay's own; if it is, the proxy drops"
                    + " Authorization";
    private static final String KEY_WITHHELD =
            "the relay asks for its registration key, which doctor does not send in the clear: use https";

    private final Site site;
    private final Duration wait;
    private boolean keyWithheld;

    /**
     * @param wait how long the long poll is, whole seconds
     */
    PairingChecks(Site site, Duration wait) {
        this.site = site;
        this.wait = wait;
    }

    private record Pairing(String path, String bearer) {}

    /** Whether the largest body arrives. */
    Finding body() throws Failed, Unexpected {
        HttpAnswer largest = open(MAX_BODY);
        if (passed(largest)) {
            return Finding.ok(MAX_BODY + " bytes arrive");
        }
        if (largest.status() != 413) {
            throw new Unexpected(largest);
        }
        String limit = "; nginx: client_max_body_size 128k; if it has that, the relay: MAX_BODY 131072";
        HttpAnswer large = open(LARGE_BODY);
        if (passed(large)) {
            return Finding.warn("a body of " + MAX_BODY + " bytes is refused (413), one of " + LARGE_BODY
                    + ", as large as the largest envelope, is not: clients may send the former" + limit);
        }
        if (large.status() != 413) {
            throw new Unexpected(large);
        }
        return Finding.fail(
                "a body of " + LARGE_BODY + " bytes is refused (413), and the largest envelope has as many" + limit);
    }

    /** The relay had it: it has opened a pairing, or asks for its key. */
    private boolean passed(HttpAnswer answer) throws Failed {
        pairing(answer).ifPresent(this::revoke);
        return answer.status() == 201 || answer.code().equals("unauthorized");
    }

    /** Whether a long poll lasts as long as it should. */
    Finding poll() throws Failed, Unexpected {
        HttpAnswer opened = open(0);
        if (opened.code().equals("unauthorized")) {
            return Finding.warn("not looked at, because "
                    + (keyWithheld ? KEY_WITHHELD : site.key().isEmpty() ? NO_KEY : WRONG_KEY));
        }
        Optional<Pairing> pairing = pairing(opened.is(201));
        if (pairing.isEmpty()) {
            return Finding.fail("no relay's answer to the opening of a pairing");
        }
        try {
            return poll(pairing.get());
        } finally {
            revoke(pairing.get());
        }
    }

    private Finding poll(Pairing pairing) throws Failed, Unexpected {
        Ask ask = Ask.get(pairing.path() + "?wait=" + wait.toSeconds(), pairing.bearer());
        long begin = site.nanoTime().getAsLong();
        try (Connection connection = site.open()) {
            HttpAnswer answer = connection.ask(ask, wait.plus(site.patience()));
            return judged(answer, site.since(begin));
        } catch (Failed e) {
            return lost(e, site.since(begin));
        }
    }

    private Finding judged(HttpAnswer answer, Duration took) throws Unexpected {
        String after = "after " + Advice.seconds(took) + " of " + wait.toSeconds();
        return switch (answer.status()) {
            case 200 -> {
                if (answer.text("status", "pending").isEmpty()) {
                    yield Finding.fail("the poll is answered by something else than the relay, " + after);
                }
                yield took.plusSeconds(1).compareTo(wait) < 0
                        ? Finding.warn("the poll is answered too early, " + after
                                + ": the relay's MAX_WAIT is lower, or a proxy drops the query (?wait=); nginx: no URI"
                                + " behind proxy_pass's name")
                        : Finding.ok("answered after " + Advice.seconds(took));
            }
            case 504 ->
                Finding.fail("the proxy ends the poll with 504 " + after
                        + " s: its time for the relay's answer is over; nginx: proxy_read_timeout 600s; it has to be"
                        + " above the relay's MAX_WAIT (540 s)");
            case 502 ->
                Finding.fail("the proxy has lost the relay (502) " + after
                        + " s: the relay has ended meanwhile, or something between the two ends idle connections");
            case 401 ->
                Finding.fail("the relay does not know the token that it has just given: the proxy drops Authorization"
                    + " (nginx: no proxy_set_header Authorization), or several relays answer behind one name, and each"
                    + " knows only its own pairings: let one run");
            case 503 ->
                Finding.fail(
                        answer.code().equals("relay_full")
                                ? "the relay has no room for one more long poll: raise MAX_WAITERS and MAX_CONNECTIONS"
                                : "the poll is answered 503 " + after
                                        + " s: the relay was stopped meanwhile; try again");
            default -> throw new Unexpected(answer);
        };
    }

    private Finding lost(Failed e, Duration took) throws Failed {
        String after = " after " + Advice.seconds(took) + " of " + wait.toSeconds() + " s";
        return switch (e.kind()) {
            case CLOSED, CUT ->
                Finding.fail("the poll is cut off" + after + ", without an answer (" + e.words()
                        + "): a load balancer, firewall or proxy on the way ends connections that are quiet for so"
                        + " long; raise its idle timeout above the relay's MAX_WAIT (540 s)");
            case LATE ->
                Finding.fail("the poll is never answered (given up" + after
                        + "): a firewall or NAT on the way forgets quiet connections and says nothing; raise its idle"
                        + " timeout above the relay's MAX_WAIT (540 s), or have clients wait for less");
            case NOT_CONNECTED, NOT_HTTP -> throw e;
        };
    }

    // --- the pairing ---

    private HttpAnswer open(int bytes) throws Failed {
        byte[] nobodysSecret = new byte[32];
        new SecureRandom().nextBytes(nobodysSecret);
        long ttl = Math.clamp(wait.toSeconds() + OWN_TIME, SHORTEST_TTL, LONGEST_TTL);
        String start = "{\"secret_hash\":\"" + HexFormat.of().formatHex(nobodysSecret) + "\",\"ttl\":" + ttl
                + ",\"ignored\":\"";
        String body = start + "x".repeat(Math.max(0, bytes - start.length() - 2)) + "\"}";
        try (Connection connection = site.open()) {
            keyWithheld = site.key().isPresent() && !connection.isPrivate();
            List<String> headers = site.key()
                    .filter(_ -> !keyWithheld)
                    .map(key -> List.of("Authorization: Bearer " + key))
                    .orElse(List.of());
            return connection.ask(Ask.post(PAIRS, headers, body), site.patience());
        }
    }

    private static Optional<Pairing> pairing(HttpAnswer answer) {
        Optional<String> id = answer.text("pair_id", "pair_[0-9a-f]{12}");
        Optional<String> token = answer.text("platform_token", "hpt_[A-Za-z0-9_-]{43}");
        return id.flatMap(name ->
                token.map(credential -> new Pairing(PAIRS + "/" + name, "Authorization: Bearer " + credential)));
    }

    /** If that fails, the pairing ends by itself when its time is over. */
    private void revoke(Pairing pairing) {
        try {
            var _ = site.call(Ask.delete(pairing.path(), pairing.bearer()));
        } catch (Failed e) {
            // What cannot be reached any more has been told of already.
        }
    }
}
