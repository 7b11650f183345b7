package dev.harp.message;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a relay, of an app's page, or an origin, in the one spelling that is allowed
 * ({@code docs/messages.md}, section 2.1). Two addresses are the same exactly if their texts are.
 *
 * @param text scheme, host, port unless it is the scheme's own, and segments; no slash at the end
 * @param scheme {@code https} or {@code http}
 * @param host a name, an IPv4 address, or an IPv6 address in brackets
 * @param path the segments, each after its slash; may be empty
 */
public record WebAddress(String text, String scheme, String host, String path) {
    /** Characters. */
    public static final int MAX_LENGTH = 255;

    private static final Pattern ADDRESS =
            Pattern.compile("(https?)://([a-z0-9.-]+|\\[[0-9a-f:]+\\])(?::([1-9][0-9]{0,4}))?((?:/[A-Za-z0-9_-]+)*)");
    private static final Pattern LABEL = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern IPV4 = Pattern.compile("(?:(?:0|[1-9][0-9]{0,2})\\.){3}(?:0|[1-9][0-9]{0,2})");
    private static final int MAX_HOST = 253;

    /** The address, or nothing if the text is not in the form. */
    public static Optional<WebAddress> parse(String text) {
        Matcher parts = ADDRESS.matcher(text);
        if (text.length() > MAX_LENGTH || !parts.matches()) {
            return Optional.empty();
        }
        String scheme = parts.group(1);
        String host = parts.group(2);
        String port = parts.group(3);
        boolean portAllowed = port == null
                || (Integer.parseInt(port) <= 65_535 && !port.equals(scheme.equals("https") ? "443" : "80"));
        if (!portAllowed || !isHost(host)) {
            return Optional.empty();
        }
        return Optional.of(new WebAddress(text, scheme, host, parts.group(4)));
    }

    /** Whether the host is this machine, whatever name servers say. */
    public boolean isLoopback() {
        return host.equals("localhost") || host.equals("[::1]") || (isIpv4(host) && host.startsWith("127."));
    }

    /** Whether traffic is encrypted, or does not leave the machine. */
    public boolean isSecure() {
        return scheme.equals("https") || isLoopback();
    }

    /** Whether the host is a name, and no address of a machine. */
    boolean isNamed() {
        return !host.startsWith("[") && !isIpv4(host);
    }

    private static boolean isHost(String host) {
        if (host.startsWith("[")) {
            String inner = host.substring(1, host.length() - 1);
            return Ipv6Text.parse(inner)
                    .map(Ipv6Text::format)
                    .filter(inner::equals)
                    .isPresent();
        }
        return isIpv4(host) || isName(host);
    }

    private static boolean isIpv4(String host) {
        return IPV4.matcher(host).matches()
                && Arrays.stream(host.split("\\.", -1)).allMatch(part -> Integer.parseInt(part) <= 255);
    }

    private static boolean isName(String host) {
        String[] labels = host.split("\\.", -1);
        return host.length() <= MAX_HOST
                && Arrays.stream(labels).allMatch(label -> LABEL.matcher(label).matches())
                && Character.isLetter(labels[labels.length - 1].charAt(0));
    }
}
