package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpRequest;
import java.time.Duration;

/** Checks that need a pairing each: one whose secret nobody knows, and that is revoked at once. */
final class PairingChecks {
    /** The default of MAX_BODY. */
    static final int MAX_BODY = 131_072;

    /** The largest envelope in its JSON. */
    static final int LARGE_BODY = 70_000;

    private static final int SHORTEST_TTL = 30;
    private static final int LONGEST_TTL = 600;
    private static final int OWN_TIME = 60;

    private final Site site;
    private final Records records;
    private final Duration wait;

    /** @param wait how long the long poll is, whole seconds */
    PairingChecks(Site site, Records records, Duration wait) {
        this.site = site;
        this.records = records;
        this.wait = wait;
    }

    /** Whether the largest body arrives. */
    Finding body() throws Failed {
        Records.Answer largest = open(MAX_BODY);
        if (passed(largest)) {
            return Finding.ok(MAX_BODY + " bytes arrive");
        }
        var _ = largest.answer().is(413);
        String limit = "; nginx: client_max_body_size 128k; if it has that, the relay: MAX_BODY 131072";
        Records.Answer large = open(LARGE_BODY);
        if (passed(large)) {
            return Finding.warn("a body of " + MAX_BODY + " bytes is refused (413), and clients may send it; one of "
                    + LARGE_BODY + ", as the largest envelope has, is not" + limit);
        }
        var _ = large.answer().is(413);
        return Finding.fail(
                "a body of " + LARGE_BODY + " bytes is refused (413), and the largest envelope has that size" + limit);
    }

    /** Whether the body has reached the relay: it has opened a pairing, or requires its key. */
    private boolean passed(Records.Answer answer) {
        answer.opened().ifPresent(records::remove);
        return answer.answer().status() == 201 || answer.answer().code().equals("unauthorized");
    }

    /** Whether a long poll lasts as long as it was asked to: on a pairing for which nobody comes. */
    Finding poll() throws Failed {
        Records.Opened pairing = open(0).get();
        HttpRequest request = Site.request("GET", pairing.path() + "?wait=" + wait.toSeconds(), pairing.bearer(), "");
        long begin = site.nanoTime().getAsLong();
        try (Connection connection = Connection.open(site)) {
            RelayAnswer answer = connection.ask(request, wait.plus(site.patience()));
            return judged(answer, site.since(begin));
        } catch (Failed e) {
            return lost(e, site.since(begin));
        } finally {
            records.remove(pairing);
        }
    }

    private Records.Answer open(int bytes) throws Failed {
        return records.openPairing(bytes, Math.clamp(wait.toSeconds() + OWN_TIME, SHORTEST_TTL, LONGEST_TTL));
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
            case 401 -> Finding.fail(ApprovalChecks.NO_AUTHORIZATION);
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
}
