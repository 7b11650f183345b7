package dev.harp.relay.outbound;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Says whether a URL may be connected to, and to which address: the defence against server-side request forgery.
 *
 * <p>A name is not checked, its addresses are: all of them have to be public, or allowed by the operator, because nobody says which one a
 * client would take. The verdict carries the addresses that were checked, and only to those may be connected: a name that leads
 * somewhere else a moment later is not asked again. At submission the check tells the platform early; what counts is the
 * check at each attempt.
 */
public final class AddressGuard {
    private final AllowList allowance;
    private final Names names;

    /** Whether the URL may be called. */
    public sealed interface Verdict {}

    /**
     * It may.
     *
     * @param url the URL
     * @param addresses where its host leads, at least one, all of them checked
     */
    public record Allowed(TargetUrl url, List<InetAddress> addresses) implements Verdict {
        /** Copies the addresses. */
        public Allowed {
            addresses = List.copyOf(addresses);
        }
    }

    /** It may not, or not now. {@code why} completes a sentence that begins with what it is the URL of. */
    public record Blocked(String why) implements Verdict {}

    /** Nobody knows: the name was not looked up in time. */
    public record Unsure() implements Verdict {}

    /** The name was not looked up in time. */
    public static final class NotLookedUp extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Finds the addresses of names, as {@link Resolver} does or a test likes. */
    @FunctionalInterface
    public interface Names {
        /**
         * The addresses of the name; empty if there are none.
         *
         * @throws NotLookedUp if they could not be found in time
         */
        List<InetAddress> addresses(String name);

        /** The same for names that no stranger chooses: not held up by those that strangers do. */
        default Names apart() {
            return this;
        }
    }

    /** Lets through what is public, and what the operator allows beside. */
    public AddressGuard(AllowList allowance, Names names) {
        this.allowance = allowance;
        this.names = names;
    }

    /** Looks at the URL and at each address that it leads to now. May take as long as {@link Names} does. */
    public Verdict check(String text) {
        try {
            return parsed(text);
        } catch (NotLookedUp _) {
            return new Unsure();
        }
    }

    private Verdict parsed(String text) {
        return switch (TargetUrl.parse(text)) {
            case TargetUrl.Bad(String why) -> new Blocked(why);
            case TargetUrl.Good(TargetUrl url) -> check(url);
        };
    }

    private Verdict check(TargetUrl url) {
        boolean named = !url.literal() && allowance.host(url.host());
        List<InetAddress> addresses = addresses(url, named);
        boolean house = named || (!addresses.isEmpty() && addresses.stream().allMatch(allowance::address));
        if (!url.https() && !house) {
            return new Blocked("has to begin with https://; http is for what this relay's operator allows only.");
        }
        if (house && !addresses.isEmpty()) {
            return new Allowed(url, addresses);
        }
        Optional<String> objection = addresses.stream()
                .filter(address -> !allowance.address(address))
                .flatMap(address -> PublicAddresses.objection(address).stream())
                .findFirst();
        if (url.literal()) {
            return objection
                    .<Verdict>map(why -> new Blocked("has an address that is not public (" + why + ")."))
                    .orElseGet(() -> new Allowed(url, addresses));
        }
        // One answer for a name that there is not and one that leads into the house: which names there are is not for
        // strangers.
        return addresses.isEmpty() || objection.isPresent()
                ? new Blocked("has a host that does not lead to public addresses now.")
                : new Allowed(url, addresses);
    }

    /** A name without a dot could mean whatever this machine's search list makes of it. */
    private List<InetAddress> addresses(TargetUrl url, boolean named) {
        if (url.literal()) {
            return List.of(InetAddress.ofLiteral(url.host()));
        }
        return named || url.host().indexOf('.') > 0 ? names.addresses(url.host()) : List.of();
    }
}
