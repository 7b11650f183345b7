package dev.harp.relay.outbound;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A URL to call, parsed so strictly that no two programs could read it differently: the host that is checked has to be
 * the host that is connected to.
 *
 * @param uri the URL as given
 * @param https whether it is https, and not http
 * @param host the host's name in lower case, or an address without brackets
 * @param literal whether the host is an address
 * @param port 1 to 65535
 */
public record TargetUrl(URI uri, boolean https, String host, boolean literal, int port) {
    private static final Pattern PRINTABLE = Pattern.compile("[\\x21-\\x7e]+");
    private static final Pattern NAME = Pattern.compile(
            "(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final Pattern IPV4 = Pattern.compile(
            "((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])");
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f:.]*:[0-9a-f:.]*");

    /** Hosts that the URL standard reads as a number, and so as an address: 127.1, 0x7f000001, 2130706433. */
    private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

    /** A URL, or why the text is not an acceptable one. */
    public sealed interface Parsed {}

    /** Well-formed. */
    public record Good(TargetUrl url) implements Parsed {}

    /** Not acceptable; {@code why} completes a sentence whose subject is the URL. */
    public record Bad(String why) implements Parsed {}

    /** Parses the text. */
    public static Parsed parse(String text) {
        if (!PRINTABLE.matcher(text).matches() || text.indexOf('\\') >= 0) {
            return new Bad("must be printable ASCII without spaces and backslashes.");
        }
        URI uri;
        try {
            uri = new URI(text).parseServerAuthority();
        } catch (URISyntaxException _) {
            return new Bad("is not a URL.");
        }
        String scheme = Optional.ofNullable(uri.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            return new Bad("must begin with https://.");
        }
        if (uri.getHost() == null) {
            return new Bad("has no host.");
        }
        if (uri.getRawUserInfo() != null) {
            return new Bad("must not have a user or password in it.");
        }
        if (uri.getRawFragment() != null) {
            return new Bad("must not have a fragment (#).");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            return new Bad("has an invalid port; 1 to 65535 are allowed.");
        }
        boolean https = scheme.equals("https");
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        int port = uri.getPort() > 0 ? uri.getPort() : https ? 443 : 80;
        if (host.startsWith("[")) {
            String address = host.substring(1, host.length() - 1);
            return isIpv6(address)
                    ? new Good(new TargetUrl(uri, https, address, true, port))
                    : new Bad("has an invalid address as its host.");
        }
        if (IPV4.matcher(host).matches()) {
            return new Good(new TargetUrl(uri, https, host, true, port));
        }
        if (ENDS_IN_A_NUMBER.matcher(host).matches()) {
            return new Bad("has a number as its host; write an address as four decimal parts, or use a name.");
        }
        if (https && host.indexOf('_') >= 0) {
            // Java's TLS refuses such a host name, so no call would succeed.
            return new Bad("has a host with an underscore, which TLS does not support.");
        }
        return NAME.matcher(host).matches()
                ? new Good(new TargetUrl(uri, https, host, false, port))
                : new Bad("has a host that is neither a name nor an address.");
    }

    /** Without a zone: the name of an interface means nothing to another host. */
    private static boolean isIpv6(String text) {
        try {
            return IPV6.matcher(text).matches() && InetAddress.ofLiteral(text).getAddress().length > 0;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** The value of {@code Host}: the host and, unless it is the scheme's default, the port. */
    public String authority() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == (https ? 443 : 80) ? name : name + ":" + port;
    }

    /** Path and query for the request line, character by character as given. */
    public String target() {
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    /** The origin (RFC 6454), such as {@code https://example.org}. Path and query may hold secrets. */
    @Override
    public String toString() {
        return (https ? "https://" : "http://") + authority();
    }
}
