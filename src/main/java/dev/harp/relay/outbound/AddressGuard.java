package dev.harp.relay.outbound;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether a URL may be called, and at which addresses: the defence against server-side request forgery.
 *
 * <p>A name is judged by its addresses. All of them have to be public or allowed by the operator, because it is not
 * known which one a client would choose. The verdict carries the addresses that were checked, and only these may be
 * connected to: a name that resolves to another address a moment later is not resolved again. The check at submission
 * only serves to report the fault early; the check at each attempt is the one that protects.
 *
 * @param allowance what is allowed besides public addresses, at any port
 * @param ports what is allowed at public addresses
 * @param names resolves the host of a URL
 */
public record AddressGuard(AllowList allowance, Ports ports, Names names) {

    /** A guard with the default ports. */
    public AddressGuard(AllowList allowance, Names names) {
        this(allowance, Ports.DEFAULT, names);
    }

    /** Whether the URL may be called. */
    public sealed interface Verdict {}

    /**
     * It may be called.
     *
     * @param url the URL
     * @param addresses the addresses of its host, at least one, all of them checked
     */
    public record Allowed(TargetUrl url, List<InetAddress> addresses) implements Verdict {
        /** Copies the addresses. */
        public Allowed {
            addresses = List.copyOf(addresses);
        }
    }

    /** It must not be called, at least not now. {@code why} completes a sentence whose subject is the URL. */
    public record Blocked(String why) implements Verdict {}

    /** Not known: the name was not resolved in time. */
    public record Unsure() implements Verdict {}

    /** The name was not resolved in time. */
    public static final class NotLookedUp extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Resolves names. */
    @FunctionalInterface
    public interface Names {
        /**
         * The addresses of the name; empty if there are none.
         *
         * @throws NotLookedUp if the name was not resolved in time
         */
        List<InetAddress> addresses(String name);

        /** A resolver for names of the operator's choice, which does not wait for the look-ups of strangers' names. */
        default Names apart() {
            return this;
        }
    }

    /** Checks the URL and each address that its host resolves to now. Takes as long as {@link Names} does. */
    public Verdict check(String text) {
        try {
            return switch (TargetUrl.parse(text)) {
                case TargetUrl.Bad(String why) -> new Blocked(why);
                case TargetUrl.Good(TargetUrl url) -> check(url);
            };
        } catch (NotLookedUp _) {
            return new Unsure();
        }
    }

    private Verdict check(TargetUrl url) {
        boolean allowedName = !url.literal() && allowance.host(url.host());
        List<InetAddress> addresses = addresses(url, allowedName);
        boolean allowed =
                allowedName || (!addresses.isEmpty() && addresses.stream().allMatch(allowance::address));
        if (!url.https() && !allowed) {
            return new Blocked("must begin with https://; http is only for hosts that the operator allows.");
        }
        if (!ports.has(url.port()) && !allowed) {
            return new Blocked("has port " + url.port() + "; this relay calls ports " + ports
                    + " only, unless its operator allows the host.");
        }
        Optional<String> objection = addresses.stream()
                .filter(address -> !allowedName && !allowance.address(address))
                .flatMap(address -> PublicAddresses.objection(address).stream())
                .findFirst();
        if (objection.isEmpty() && !addresses.isEmpty()) {
            return new Allowed(url, addresses);
        }
        // One answer for a name that does not exist and for one of an internal host: strangers must not learn which
        // internal names exist.
        return new Blocked(
                url.literal()
                        ? "has an address that is not public (" + objection.orElseThrow() + ")."
                        : "has a host that does not resolve to public addresses now.");
    }

    /** A name without a dot is not resolved, since the search list of this host could complete it. */
    private List<InetAddress> addresses(TargetUrl url, boolean allowedName) {
        if (url.literal()) {
            return List.of(InetAddress.ofLiteral(url.host()));
        }
        return allowedName || url.host().indexOf('.') > 0 ? names.addresses(url.host()) : List.of();
    }
}
