package dev.harp.client;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The proxy that the environment names, as for curl: Java does not use it. Whoever is behind one otherwise sees only
 * that nothing is reached.
 */
final class UnusedProxy {
    private UnusedProxy() {}

    /** What to say where a relay cannot be reached; empty if the environment names no proxy, or Java has one. */
    static String hint(String relay, Map<String, String> environment, Properties properties) {
        URI address = URI.create(relay);
        String scheme = address.getScheme();
        String host = address.getHost();
        if (host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]")) {
            return "";
        }
        Optional<String> named =
                List.of(scheme + "_proxy", scheme.toUpperCase(Locale.ROOT) + "_PROXY", "all_proxy", "ALL_PROXY")
                        .stream()
                        .filter(name -> !environment.getOrDefault(name, "").isBlank())
                        .findFirst();
        return named.isEmpty()
                        || properties.containsKey(scheme + ".proxyHost")
                        || properties.containsKey("java.net.useSystemProxies")
                ? ""
                : "; " + named.get() + " is set, which Java does not use: JAVA_OPTS='-D" + scheme + ".proxyHost=HOST -D"
                        + scheme + ".proxyPort=PORT' names the proxy";
    }
}
