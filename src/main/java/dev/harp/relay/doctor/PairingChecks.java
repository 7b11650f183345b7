package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;

/** Checks that need a pairing: one whose secret nobody knows, and that is revoked at once. */
final class PairingChecks {
    /** The default of MAX_BODY. */
    static final int MAX_BODY = 131_072;

    /** The largest envelope in its JSON. */
    static final int LARGE_BODY = 70_000;

    private static final String PAIRS = "/v1/pairs";
    private static final int SHORTEST_TTL = 30;
    private static final int LONGEST_TTL = 600;
    private static final int OWN_TIME = 60;
    private static final String NO_KEY =
            "the relay requires its registration key: give it to doctor in the environment variable REGISTRATION_KEY";
    private static final String WRONG_KEY =
            "the relay refuses this REGISTRATION_KEY: it is not the relay's, or the proxy drops Authorization";
    private static final String KEY_WITHHELD =
            "the relay requires its registration key, which doctor does not send in the clear: use https";

    private final Site site;
    private final Duration wait;
    private boolean keyWithheld;

    /** @param wait how long the long poll is, whole seconds */
    PairingChecks(Site site, Duration wait) {
        this.site = site;
        this.wait = wait;
    }

    private record Pairing(String path, Map<String, String> bearer) {}

    /** Whether the largest body arrives. */
    Finding body() throws Failed {
        RelayAnswer largest = open(MAX_BODY);
        if (passed(largest)) {
            return Finding.ok(MAX_BODY + " bytes arrive");
        }
        var _ = largest.is(413);
        String limit = "; nginx: client_max_body_size 128k; if it has that, the relay: MAX_BODY 131072";
        RelayAnswer large = open(LARGE_BODY);
        if (passed(large)) {
            return Finding.warn("a body of " + MAX_BODY + " bytes is refused (413), and clients may send it; one of "
                    + LARGE_BODY + ", as the largest envelope has, is not" + limit);
        }
        var _ = large.is(413);
        return Finding.fail(
                "a body of " + LARGE_BODY + " bytes is refused (413), and the largest envelope has that size" + limit);
    }

    /** Whether the body has reached the relay: it has opened a pairing, or requires its key. */
    private boolean passed(RelayAnswer answer) throws Failed {
        pairing(answer).ifPresent(this::revoke);
        return answer.status() == 201 || answer.code().equals("unauthorized");
    }

    /** Whether a long poll lasts as long as it was asked to. */
    Finding poll() throws Failed {
        RelayAnswer opened = open(0);
        if (opened.code().equals("unauthorized")) {
            return Finding.warn("not looked at, because "
                    + (keyWithheld ? KEY_WITHHELD : site.key().isEmpty() ? NO_KEY : WRONG_KEY));
        }
        Pairing pairing = pairing(opened.is(201))
                .orElseThrow(() -> new Failed(Failed.Kind.UNEXPECTED, "no relay's answer to the opening of a pairing"));
        try {
            return poll(pairing);
        } finally {
            revoke(pairing);
        }
    }

    private Finding poll(Pairing pairing) throws Failed {
        HttpRequest request = Site.request("GET", pairing.path() + "?wait=" + wait.toSeconds(), pairing.bearer(), "");
        long begin = site.nanoTime().getAsLong();
        try (Connection connection = Connection.open(site)) {
            RelayAnswer answer = connection.ask(request, wait.plus(site.patience()));
            return judged(answer, site.since(begin));
        } catch (Failed e) {
            return lost(e, site.since(begin));
        }
    }

    private Finding judged(RelayAnswer answer, Duration took) throws Failed {
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
                        + " s: its timeout for the relay's answer is too short; nginx: proxy_read_timeout 600s; it has"
                        + " to be above the relay's MAX_WAIT (540 s)");
            case 502 ->
                Finding.fail("the proxy has lost the relay (502) " + after
                        + " s: the relay has stopped, or something between the two closes idle connections");
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
            default -> throw answer.unexpected();
        };
    }

    private Finding lost(Failed e, Duration took) throws Failed {
        String after = " after " + Advice.seconds(took) + " of " + wait.toSeconds() + " s";
        return switch (e.kind()) {
            case ENDED ->
                Finding.fail("the poll is cut off" + after + ", without an answer (" + e.words()
                        + "): a load balancer, firewall or proxy on the way closes connections that are idle for so"
                        + " long; raise its idle timeout above the relay's MAX_WAIT (540 s)");
            case LATE ->
                Finding.fail("the poll is never answered (given up" + after
                        + "): a firewall or NAT on the way silently forgets idle connections; raise its idle timeout"
                        + " above the relay's MAX_WAIT (540 s), or have clients wait less");
            case NOT_CONNECTED, OLD_VERSION, UNEXPECTED -> throw e;
        };
    }

    // --- the pairing ---

    private RelayAnswer open(int bytes) throws Failed {
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        long ttl = Math.clamp(wait.toSeconds() + OWN_TIME, SHORTEST_TTL, LONGEST_TTL);
        String start =
                "{\"secret_hash\":\"" + HexFormat.of().formatHex(secret) + "\",\"ttl\":" + ttl + ",\"ignored\":\"";
        String body = start + "x".repeat(Math.max(0, bytes - start.length() - 2)) + "\"}";
        try (Connection connection = Connection.open(site)) {
            keyWithheld = site.key().isPresent() && !connection.isPrivate();
            Map<String, String> key =
                    site.key().filter(_ -> !keyWithheld).map(Site::bearer).orElse(Map.of());
            return connection.ask(Site.request("POST", PAIRS, key, body), site.patience());
        }
    }

    private static Optional<Pairing> pairing(RelayAnswer answer) {
        Optional<String> id = answer.text("pair_id", "pair_[0-9a-f]{12}");
        Optional<String> token = answer.text("platform_token", "hpt_[A-Za-z0-9_-]{43}");
        return id.flatMap(name -> token.map(credential -> new Pairing(PAIRS + "/" + name, Site.bearer(credential))));
    }

    /** A pairing that cannot be revoked expires by its TTL. */
    private void revoke(Pairing pairing) {
        try {
            var _ = site.call(Site.request("DELETE", pairing.path(), pairing.bearer(), ""));
        } catch (Failed e) {
            // A relay that is not reachable any more has been reported already.
        }
    }
}
