package dev.harp.relay.outbound;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A URL that somebody wants the relay to call, read so strictly that no two programs could read it in two ways: what a parser here takes for the host must be what the
 * client connects to.
 *
 * @param uri the URL as it was given
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

    /** What the URL standard would read as a number, and so as an address: 127.1, 0x7f000001, 2130706433. */
    private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(.*\\.)?([0-9]+|0x[0-9a-f]*)");

    /** A URL, or the reason why it is none. */
    public sealed interface Parsed {}

    /** Well-formed. */
    public record Good(TargetUrl url) implements Parsed {}

    /** Not to be used; {@code why} completes a sentence that begins with what it is the URL of. */
    public record Bad(String why) implements Parsed {}

    /** Reads it. */
    public static Parsed parse(String text) {
        if (!PRINTABLE.matcher(text).matches() || text.indexOf('\\') >= 0) {
            return new Bad("has to be printable ASCII without spaces and backslashes.");
        }
        URI uri;
        try {
            uri = new URI(text).parseServerAuthority();
        } catch (URISyntaxException _) {
            return new Bad("is not a URL.");
        }
        String scheme = Optional.ofNullable(uri.getScheme()).orElse("").toLowerCase(Locale.ROOT);
        if (!scheme.equals("https") && !scheme.equals("http")) {
            return new Bad("has to begin with https://.");
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
            return new Bad("has a port that there is not; 1 to 65535 are allowed.");
        }
        boolean https = scheme.equals("https");
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        int port = uri.getPort() > 0 ? uri.getPort() : https ? 443 : 80;
        if (host.startsWith("[")) {
            String address = host.substring(1, host.length() - 1);
            return isIpv6(address)
                    ? new Good(new TargetUrl(uri, https, address, true, port))
                    : new Bad("has a host that is no address.");
        }
        if (IPV4.matcher(host).matches()) {
            return new Good(new TargetUrl(uri, https, host, true, port));
        }
        if (ENDS_IN_A_NUMBER.matcher(host).matches()) {
            return new Bad("has a host that is a number; write an address as four decimal parts, or give a name.");
        }
        if (https && host.indexOf('_') >= 0) {
            // Java's TLS refuses to name such a host, so no call would ever succeed.
            return new Bad("has a host with an underscore, which cannot be called by TLS.");
        }
        return NAME.matcher(host).matches()
                ? new Good(new TargetUrl(uri, https, host, false, port))
                : new Bad("has a host that is no name and no address.");
    }

    /** Without the name of an interface: whose interface would that be? */
    private static boolean isIpv6(String text) {
        try {
            return IPV6.matcher(text).matches() && InetAddress.ofLiteral(text).getAddress().length > 0;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /** Host and, unless it is the scheme's own, port, as they go into {@code Host}. */
    String authority() {
        String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return port == (https ? 443 : 80) ? name : name + ":" + port;
    }

    /** Path and query, character by character as they were given, as they go into the request line. */
    String target() {
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }

    /** Without path and query, in which there may be secrets. */
    @Override
    public String toString() {
        return (https ? "https://" : "http://") + host + ":" + port;
    }
}
