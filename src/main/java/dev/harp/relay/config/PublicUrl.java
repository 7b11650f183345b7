package dev.harp.relay.config;

import dev.harp.relay.outbound.TargetUrl;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The address under which devices reach this relay ({@code PUBLIC_URL}), in the one spelling that pairing links have
 * ({@code docs/messages.md}, 2.1): platforms put it into links, and two spellings would be two relays to a device.
 */
final class PublicUrl {
    static final String ALLOWED = "none, or the http or https URL under which devices reach this relay, such as"
            + " https://relay.example.org or https://example.org/harp: host, port and path only, no user, query,"
            + " fragment, dots or percent signs in the path, at most 255 characters";

    private static final int MAX_LENGTH = 255;
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-]+)*/?");

    /** Its last label begins with a letter, so that no program takes the name for an IPv4 address. */
    private static final Pattern NAME =
            Pattern.compile("([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)*[a-z]([a-z0-9-]*[a-z0-9])?");

    private PublicUrl() {}

    /** The URL in its one spelling, without a slash at its end; empty if the text is no such URL. */
    static Optional<String> parse(String text) {
        if (!(TargetUrl.parse(text) instanceof TargetUrl.Good(TargetUrl url))) {
            return Optional.empty();
        }
        String path = url.uri().getRawPath();
        boolean bare = url.uri().getRawQuery() == null && url.uri().getRawFragment() == null;
        Optional<String> host = host(url);
        if (!bare || !PATH.matcher(path).matches() || host.isEmpty()) {
            return Optional.empty();
        }
        String port = url.port() == (url.https() ? 443 : 80) ? "" : ":" + url.port();
        String whole = (url.https() ? "https://" : "http://") + host.get() + port + path.replaceFirst("/$", "");
        return Optional.of(whole).filter(spelling -> spelling.length() <= MAX_LENGTH);
    }

    private static Optional<String> host(TargetUrl url) {
        if (!url.literal()) {
            return Optional.of(url.host()).filter(NAME.asMatchPredicate());
        }
        return switch (InetAddress.ofLiteral(url.host())) {
            case Inet6Address address -> Optional.of("[" + shortest(address) + "]");
            // An IPv4 address that was written as one, and not as an IPv6 address that contains it.
            default -> Optional.of(url.host()).filter(host -> !host.contains(":"));
        };
    }

    /** RFC 5952, section 4.2: the first of the longest runs of two zero fields or more becomes {@code ::}. */
    private static String shortest(Inet6Address address) {
        String fields = address.getHostAddress();
        for (int run = 8; run >= 2; run--) {
            Pattern zeros = Pattern.compile("(^|:)0(:0){" + (run - 1) + "}(:|$)");
            if (zeros.matcher(fields).find()) {
                return zeros.matcher(fields).replaceFirst("::");
            }
        }
        return fields;
    }
}
