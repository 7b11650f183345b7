package dev.harp.relay.doctor;

import dev.harp.relay.outbound.HttpRequest;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/**
 * Checks whether the relay sees its clients' addresses ({@code docs/protocol.md}, section 10), which its rate limits
 * depend on.
 */
record ClientChecks(Site site) {
    /** Reserved for documentation (RFC 5737): no client has it. */
    static final String FORGED = "203.0.113.7";

    private static final String SET_HEADER = "proxy_set_header X-Forwarded-For $remote_addr;";

    /** What the relay reports, and the two ends of the connection. */
    record Seen(InetAddress client, String forwarded, boolean proxied, InetAddress here, InetAddress there) {}

    private Seen look(HttpRequest request) throws Failed {
        try (Connection connection = Connection.open(site)) {
            RelayAnswer answer = connection.ask(request, site.patience()).is(200);
            InetAddress client = answer.text("client_address", "[0-9a-fA-F.:]{2,45}")
                    .flatMap(ClientChecks::address)
                    .orElseThrow(
                            () -> new Failed(Failed.Kind.UNEXPECTED, "the relay does not tell which address it sees"));
            return new Seen(
                    client,
                    answer.text("forwarded", "none|used|ignored").orElse(""),
                    site.target().https() || answer.showsProxy(),
                    connection.http.here(),
                    connection.http.there());
        }
    }

    private static Optional<InetAddress> address(String text) {
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Whether the address of a client arrives. */
    Finding arrives() throws Failed {
        Seen seen = look(BasicChecks.ABOUT);
        String client = seen.client().getHostAddress();
        return switch (seen.forwarded()) {
            case "used" -> used(seen);
            case "ignored" ->
                Finding.fail("the relay does not trust the proxy at " + client + ", so all its clients share one rate"
                        + " limit and one NETWORK_SHARE: add it to the relay's TRUSTED_PROXIES");
            default ->
                seen.proxied()
                        ? Finding.fail("the proxy does not send X-Forwarded-For, so all clients count as " + client
                                + " and share one rate limit and one NETWORK_SHARE; nginx: " + SET_HEADER
                                + " where proxy_pass is")
                        : Finding.ok(client + ", and no proxy between");
        };
    }

    /** A proxy has passed on an address: whether it can be this machine's. */
    static Finding used(Seen seen) {
        String client = seen.client().getHostAddress();
        boolean own = seen.client().equals(seen.here());
        if (!own && seen.client().equals(seen.there())) {
            return Finding.fail(
                    "the relay takes you for " + client + ", which is the proxy itself: whatever is in front of nginx"
                            + " has to pass on the client's address; nginx: set_real_ip_from and real_ip_header");
        }
        if (!own && seen.here().equals(seen.there())) {
            return Finding.skip("the relay takes you for " + client
                    + "; from the proxy's own machine that proves nothing: look from another one");
        }
        if (!own && inner(seen.client()) && !inner(seen.there())) {
            return Finding.fail(
                    "the relay takes you for " + client + ", a private address: another proxy is in front of nginx, or"
                            + " Docker's port; nginx: set_real_ip_from its network and real_ip_header X-Forwarded-For");
        }
        return Finding.ok(client + (own ? "" : " (is it this machine's?)") + ", as the proxy says");
    }

    private static boolean inner(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
        return address.isLoopbackAddress()
                || address.isSiteLocalAddress()
                || address.isLinkLocalAddress()
                || uniqueLocal;
    }

    /** Whether a client can pretend to have another address. */
    Finding forged() throws Failed {
        Seen seen = look(Site.request("GET", BasicChecks.ABOUT.target(), Map.of("X-Forwarded-For", FORGED), ""));
        if (!seen.client().getHostAddress().equals(FORGED)) {
            return Finding.ok("a client's own X-Forwarded-For does not count");
        }
        if (seen.proxied()) {
            return Finding.fail(
                    "a client's own X-Forwarded-For is trusted, so a client that sends one evades the rate limit;"
                            + " nginx: "
                            + SET_HEADER + " (it overwrites; $proxy_add_x_forwarded_for would append), and in the"
                            + " relay's TRUSTED_PROXIES only proxies");
        }
        return seen.there().isLoopbackAddress()
                ? Finding.skip("this machine counts as a proxy (TRUSTED_PROXIES): look from outside, through the proxy")
                : Finding.warn("this machine counts as a proxy: if it is not one, narrow the relay's TRUSTED_PROXIES");
    }
}
