package dev.harp.relay.proxies;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.config.ConfigReader;
import dev.harp.relay.config.InvalidConfig;
import dev.harp.relay.config.RelayConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The times of {@code deploy/proxies} fit those of {@code application.yaml}. */
class ProxyConfigTest {
    private static final Duration MARGIN = Duration.ofSeconds(10);

    private final RelayConfig relay;

    ProxyConfigTest() throws InvalidConfig {
        relay = ConfigReader.read(
                Optional.of(Path.of("application.yaml")), new ConfigReader.Environment(Map.of(), 1L << 30, 1_000_000));
    }

    /** Whoever closes an idle connection first must be the proxy: it knows whether it is about to use it. */
    @Test
    void proxiesCloseIdleConnectionsWellBeforeTheRelayDoes() throws IOException {
        Duration most = relay.server().idleTimeout().minus(MARGIN);
        assertThat(seconds("Caddyfile", "keepalive "), lessThanOrEqualTo(most));
        assertThat(seconds("traefik.yaml", "idleConnTimeout: "), lessThanOrEqualTo(most));
        // It halves the number of idle connections at each purge.
        assertThat(seconds("haproxy.cfg", "pool-purge-delay ").multipliedBy(10), lessThanOrEqualTo(most));
    }

    @Test
    void aLongPollEndsBeforeAProxyLosesPatience() throws IOException {
        Duration wait = relay.limits().maxWait();
        assertThat(seconds("haproxy.cfg", "timeout server "), greaterThan(wait));
        assertThat(seconds("haproxy.cfg", "timeout client "), greaterThan(wait));
        assertThat(seconds("traefik.yaml", "readTimeout: "), greaterThan(wait));
        for (String setting : new String[] {"\tresponse_header_timeout ", "\tread_timeout ", "\twrite_timeout "}) {
            assertThat(file("Caddyfile"), not(containsString("\n\t\t" + setting)));
        }
    }

    @Test
    void whatIsNotTestedSaysSo() throws IOException {
        assertThat(file("traefik.yaml"), startsWith("# NOT TESTED."));
    }

    private static String file(String name) throws IOException {
        return Files.readString(Path.of("deploy", "proxies", name));
    }

    private static Duration seconds(String name, String setting) throws IOException {
        Matcher line =
                Pattern.compile("(?m)^[^#\n]*\\b" + setting + "([0-9]+)s$").matcher(file(name));
        if (!line.find()) {
            throw new IllegalStateException("no " + setting + "in " + name);
        }
        return Duration.ofSeconds(Long.parseLong(line.group(1)));
    }
}
