package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Checks what a proxy lets pass of calls that need no pairing: methods, header fields, and calls from web pages. */
record WireChecks(Site site) {
    /** The largest header field that is sent: proxies have a default of 8 KiB for the line. */
    static final int LARGE_FIELD = 7 * 1024;

    private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

    private static final HttpRequest WITHOUT_TOKEN = Site.get("/v1/devices/dev_000000000000/requests");

    /** Calls without a credential, one for each method that proxies and firewalls like to refuse. */
    private static final List<HttpRequest> PROBES = List.of(
            Site.request("PUT", "/v1/pairs/pair_000000000000/device", Map.of(), "{}"),
            Site.request("PATCH", "/v1/devices/dev_000000000000", Map.of(), "{}"),
            Site.request("DELETE", "/v1/devices/dev_000000000000", Map.of(), ""));

    /** Whether the methods arrive that join, answer and revoke. */
    Finding methods() throws Failed {
        List<String> lost = new ArrayList<>();
        for (HttpRequest probe : PROBES) {
            String instead = instead(probe);
            if (!instead.isEmpty()) {
                lost.add(probe.method() + " (" + instead + ")");
            }
        }
        return lost.isEmpty()
                ? Finding.ok("PUT, PATCH and DELETE arrive")
                : Finding.fail("not every method arrives: " + String.join(", ", lost)
                        + ". Without them nothing is joined, answered or revoked: let the proxy, or the firewall in"
                        + " front of it, pass GET, POST, PUT, PATCH, DELETE and OPTIONS; nginx: no limit_except, no if"
                        + " ($request_method ...)");
    }

    /** What came in the place of the relay's refusal; empty if that came. */
    private String instead(HttpRequest probe) throws Failed {
        try {
            RelayAnswer answer = site.call(probe);
            if (answer.code().equals("rate_limited") || answer.status() == 503) {
                throw answer.unexpected();
            }
            return answer.code().equals("unauthorized") ? "" : Integer.toString(answer.status());
        } catch (Failed e) {
            return switch (e.kind()) {
                case ENDED -> "closed";
                case LATE -> "no answer";
                case NOT_CONNECTED, OLD_VERSION, UNEXPECTED -> throw e;
            };
        }
    }

    /** Whether a large header field arrives, and whether the relay's own come back. */
    Finding headers() throws Failed {
        RelayAnswer answer;
        try {
            answer = site.call(
                    Site.request("GET", BasicChecks.ABOUT.target(), Map.of("X-Doctor", "x".repeat(LARGE_FIELD)), ""));
        } catch (Failed e) {
            if (e.kind() != Failed.Kind.ENDED) {
                throw e;
            }
            return large("closed");
        }
        if (answer.status() == 400 || answer.status() == 413 || answer.status() == 414 || answer.status() == 431) {
            return large(Integer.toString(answer.status()));
        }
        if (answer.status() != 404) {
            answer = answer.is(200);
        }
        if (answer.header("Age").isPresent()) {
            return Finding.fail(
                    "an answer comes from a cache (Age): clients get old states, and other clients' answers;"
                            + " let the proxy cache nothing of /v1; nginx: no proxy_cache there");
        }
        List<String> lost = new ArrayList<>();
        if (answer.http().values("Cache-Control").stream().noneMatch(value -> value.contains("no-store"))) {
            lost.add("Cache-Control");
        }
        if (site.call(WITHOUT_TOKEN).is(401).http().values("WWW-Authenticate").stream()
                .noneMatch(value -> value.startsWith("Bearer"))) {
            lost.add("WWW-Authenticate");
        }
        return lost.isEmpty()
                ? Finding.ok("one of " + LARGE_FIELD + " bytes arrives, and the relay's come back")
                : Finding.fail(String.join(" and ", lost) + " of the relay's answer "
                        + (lost.size() == 1 ? "does" : "do") + " not arrive: let the proxy pass on all header fields of"
                        + " answers, Retry-After and Location too; nginx: no proxy_hide_header, no expires");
    }

    private static Finding large(String how) {
        return Finding.fail("a header field of " + LARGE_FIELD + " bytes is refused (" + how
                + "): cookies and tracing fields of a browser may be as long; nginx: large_client_header_buffers 4 8k");
    }

    /** Whether the app may be at another place: the scripts of its page ask first, by OPTIONS. */
    Finding cors() throws Failed {
        String origin = site.target().toString();
        RelayAnswer asked = site.call(Site.request(
                "OPTIONS",
                PROBES.getFirst().target(),
                Map.of(
                        "Origin", origin,
                        "Access-Control-Request-Method", "PUT",
                        "Access-Control-Request-Headers", "authorization,content-type"),
                ""));
        List<String> admitted = site.call(Site.request("GET", BasicChecks.ABOUT.target(), Map.of("Origin", origin), ""))
                .http()
                .values(ALLOW_ORIGIN);
        if (admitted.size() > 1 || admitted.stream().anyMatch(value -> value.contains(","))) {
            return Finding.fail("an answer has two " + ALLOW_ORIGIN + ", so browsers refuse it: one is the relay's, the"
                    + " other the proxy's; nginx: no add_header " + ALLOW_ORIGIN);
        }
        if (asked.code().equals("method_not_allowed")) {
            return admitted.isEmpty()
                    ? Finding.ok("OPTIONS arrives; CORS_ORIGINS does not name this address, and the app needs that only"
                            + " elsewhere")
                    : Finding.warn("the proxy adds " + ALLOW_ORIGIN + ", and browsers' OPTIONS is refused all the same:"
                            + " name the origins of pages in the relay's CORS_ORIGINS, and let the proxy add nothing");
        }
        if (asked.status() == 429 || asked.status() == 503) {
            throw asked.unexpected();
        }
        boolean permitted = asked.status() / 100 == 2
                && asked.header(ALLOW_ORIGIN).isPresent()
                && names(asked, "Access-Control-Allow-Methods", "put")
                && names(asked, "Access-Control-Allow-Headers", "authorization");
        return permitted && !admitted.isEmpty()
                ? Finding.ok("scripts of " + admitted.getFirst() + " may call")
                : Finding.warn("OPTIONS does not get to the relay (" + asked.status() + "), so no page elsewhere can"
                        + " call it, whatever its CORS_ORIGINS: let the proxy pass it on; nginx: no if"
                        + " ($request_method = OPTIONS)");
    }

    private static boolean names(RelayAnswer answer, String field, String word) {
        return answer.http().values(field).stream()
                .anyMatch(value -> value.toLowerCase(Locale.ROOT).contains(word));
    }
}
