package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpRequest;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.UUID;

/**
 * Checks a whole approval, as a platform and a device make it, with the largest question and answer that the relay
 * admits, and the streams of events beside it.
 */
final class ApprovalChecks {
    /** Below a page of memory, for a question if larger bodies do not arrive. */
    private static final int SMALL = 1024;

    /** No option of a relay admits more. */
    private static final int LARGEST = 1024 * 1024;

    private static final int TTL = 120;

    /** The end of what there was before, as a whole event. */
    private static final String CURRENT = "(?m)^event: ?current\n(?:[^\n]+\n)+\n";

    private static final String ACTIVE = "\"status\" ?: ?\"active\"[^\n]*\n\n";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String NO_KEY =
            "the relay requires its registration key: give it to doctor in the environment variable REGISTRATION_KEY";
    private static final String WRONG_KEY =
            "the relay refuses this REGISTRATION_KEY: it is not the relay's, or the proxy drops Authorization";
    private static final String KEY_WITHHELD =
            "the relay requires its registration key, which doctor does not send in the clear: use https";
    static final String NO_AUTHORIZATION =
            "the relay does not know the token that it has just given: the proxy drops Authorization (nginx: no"
                    + " proxy_set_header Authorization), or several relays answer behind one name, and each knows only"
                    + " its own pairings: let one run";

    private final Site site;
    private final Records records;
    private Optional<Ends> ends = Optional.empty();

    private record Ends(Records.Opened pairing, Records.Opened device) {}

    ApprovalChecks(Site site, Records records) {
        this.site = site;
        this.records = records;
    }

    /** Opens a pairing and registers a device, which the checks below need. */
    Finding pairing() throws Failed {
        Records.Answer opened = records.openPairing(0, TTL);
        if (opened.answer().code().equals("unauthorized")) {
            return Finding.warn("no approval is looked at, because "
                    + (records.keyWithheld() ? KEY_WITHHELD : site.key().isEmpty() ? NO_KEY : WRONG_KEY));
        }
        Records.Opened pairing = opened.get();
        Records.Opened device = records.registerDevice().get();
        RelayAnswer changed = site.call(Site.request("PATCH", device.path(), device.bearer(), "{\"push_token\":null}"));
        if (changed.status() == 401) {
            return Finding.fail(NO_AUTHORIZATION);
        }
        var _ = changed.is(200);
        ends = Optional.of(new Ends(pairing, device));
        return Finding.ok("a platform and a device are admitted");
    }

    /** Whether a stream begins at once, passes on each event, and resumes. */
    Finding events() throws Failed {
        Records.Opened pairing = ends().pairing();
        try {
            String last;
            try (EventStream stream = EventStream.open(site, pairing, "")) {
                Optional<Finding> fault = stream.fault();
                if (fault.isPresent()) {
                    return fault.get();
                }
                var _ = stream.until(CURRENT);
                bind();
                last = stream.until(ACTIVE);
            }
            try (EventStream resumed = EventStream.open(site, pairing, last)) {
                var _ = resumed.until(CURRENT);
                return resumed.repeats("\"active\"")
                        ? Finding.fail("a stream that is resumed begins anew: the proxy drops Last-Event-ID; nginx: no"
                                + " proxy_pass_request_headers off")
                        : Finding.ok("they begin at once, and each event passes");
            }
        } catch (Failed e) {
            return switch (e.kind()) {
                case LATE ->
                    Finding.fail("a stream's events do not arrive while it lasts (" + e.words()
                            + "): the proxy keeps answers until they are complete, or compresses them; nginx:"
                            + " proxy_buffering off, gzip off");
                case ENDED ->
                    Finding.fail("a stream is cut off at once (" + e.words()
                            + "): the proxy has to pass on answers of type text/event-stream as they come");
                case NOT_CONNECTED, OLD_VERSION, UNEXPECTED -> throw e;
            };
        }
    }

    /**
     * Whether a question and its answer arrive, unchanged.
     *
     * @param largest with the relay's largest texts; otherwise with short ones
     */
    Finding approval(boolean largest) throws Failed {
        RelayAnswer about = site.call(BasicChecks.ABOUT);
        String question = text(largest ? about.limit("max_ciphertext") : SMALL);
        String answer = text(largest ? about.limit("max_answer") : SMALL);
        // By the relay's clock, since another one is a finding already.
        String id = id(about.number("time").orElse(site.clock().instant().getEpochSecond()));
        Ends both = ends();
        bind();
        String submission =
                "{\"request_id\":\"" + id + "\",\"pair_id\":\"" + both.pairing().id() + "\",\"ttl\":" + TTL
                        + ",\"nonce\":\"AAAA\",\"ciphertext\":\"" + question + "\"}";
        RelayAnswer submitted = call(
                "the submission",
                Site.request("POST", "/v1/requests", both.pairing().bearer(), submission));
        if (submitted.status() == 413) {
            return Finding.fail("a question of " + question.length() + " characters, which the relay admits, is refused"
                    + " (413); nginx: client_max_body_size as the relay's MAX_BODY");
        }
        var _ = is(201, "the submission", submitted);
        HttpRequest list = Site.request(
                "GET", both.device().path() + "/requests", both.device().bearer(), "");
        if (!is(200, "the device's list", call("the device's list", list))
                .body()
                .contains(question)) {
            return changed("question");
        }
        String path = "/v1/requests/" + id;
        String response = "{\"nonce\":\"AAAA\",\"ciphertext\":\"" + answer + "\"}";
        HttpRequest put = Site.request("PUT", path + "/response", both.device().bearer(), response);
        var _ = is(200, "the answer", call("the answer", put));
        HttpRequest read = Site.request("GET", path, both.pairing().bearer(), "");
        return is(200, "the outcome", call("the outcome", read)).body().contains(answer)
                ? Finding.ok("a question of " + question.length() + " characters and an answer of " + answer.length()
                        + " arrive")
                : changed("answer");
    }

    private static Finding changed(String what) {
        return Finding.fail("the " + what + " does not arrive as it was sent: the proxy has to pass on all parts of a"
                + " URL, and bodies unchanged");
    }

    /** May be repeated. */
    private void bind() throws Failed {
        Ends both = ends();
        HttpRequest bind = Site.request(
                "PUT",
                both.pairing().path() + "/device",
                both.device().bearer(),
                "{\"secret_hash\":\"" + both.pairing().secretHash() + "\"}");
        var _ = is(200, "the joining of a device", call("the joining of a device", bind));
    }

    private Ends ends() {
        return ends.orElseThrow(() -> new IllegalStateException("there is no pairing"));
    }

    private RelayAnswer call(String what, HttpRequest request) throws Failed {
        try {
            return site.call(request);
        } catch (Failed e) {
            throw new Failed(e.kind(), what + ": " + e.words());
        }
    }

    private static RelayAnswer is(int status, String what, RelayAnswer answer) throws Failed {
        if (answer.status() != status) {
            throw new Failed(
                    answer.unexpected().kind(),
                    what + " is " + answer.unexpected().words());
        }
        return answer;
    }

    /** Base64 text of this length, or the nearest below that is a multiple of four. */
    private static String text(int length) {
        return "Harp".repeat(Math.clamp(length, 4, LARGEST) / 4);
    }

    /** A UUIDv7 (RFC 9562, section 5.7) of this second. */
    private static String id(long seconds) {
        long millis = seconds * 1000;
        long high = millis << 16 | 0x7000 | RANDOM.nextInt(0x1000);
        long low = Long.MIN_VALUE | RANDOM.nextLong() >>> 2;
        return new UUID(high, low).toString();
    }
}
