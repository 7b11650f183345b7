package dev.harp.relay.doctor;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * Where clients reach the relay.
 *
 * @param tls whether the scheme is {@code https}
 * @param host a name or an address; an IPv6 address without brackets
 * @param port 1 to 65535
 */
public record Target(boolean tls, String host, int port) {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int MAX_PORT = 65_535;

    /** What the text names: {@code http://HOST[:PORT]} or {@code https://HOST[:PORT]}; empty if it names anything else, or more. */
    public static Optional<Target> parse(String text) {
        try {
            URI uri = new URI(text);
            String scheme = Optional.ofNullable(uri.getScheme()).orElse("").toLowerCase(Locale.ROOT);
            boolean tls = scheme.equals("https");
            String host = Optional.ofNullable(uri.getHost()).orElse("");
            int port = uri.getPort() == -1 ? (tls ? HTTPS : HTTP) : uri.getPort();
            boolean bare = uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && Optional.ofNullable(uri.getRawPath()).orElse("opaque").matches("/?");
            return bare && (tls || scheme.equals("http")) && !host.isEmpty() && port > 0 && port <= MAX_PORT
                    ? Optional.of(new Target(tls, host.replaceAll("[\\[\\]]", ""), port))
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    /** As the {@code Host} field has it. */
    String authority() {
        String written = host.contains(":") ? "[" + host + "]" : host;
        return port == (tls ? HTTPS : HTTP) ? written : written + ":" + port;
    }

    /** As a URL. */
    @Override
    public String toString() {
        return (tls ? "https://" : "http://") + authority();
    }
}
