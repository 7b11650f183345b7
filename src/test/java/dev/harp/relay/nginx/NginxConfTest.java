package dev.harp.relay.nginx;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.config.ConfigReader;
import dev.harp.relay.config.InvalidConfig;
import dev.harp.relay.config.RelayConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The numbers of {@code deploy/nginx} fit those of {@code application.yaml}. */
class NginxConfTest {
    private static final String TLS_SERVER = "server {\n    listen 443";

    private final NginxFiles files;
    private final RelayConfig relay;

    NginxConfTest() throws IOException, InvalidConfig {
        files = NginxFiles.asShipped();
        relay = ConfigReader.read(
                Optional.of(Path.of("application.yaml")), new ConfigReader.Environment(Map.of(), 1L << 30, 1_000_000));
    }

    /** Whoever closes an idle connection first must be nginx: it knows whether it is about to use it. */
    @Test
    void nginxClosesIdleConnectionsWellBeforeTheRelayDoes() {
        Duration nginx = files.seconds("upstream harp_relay {", "keepalive_timeout");
        assertThat(nginx, lessThanOrEqualTo(relay.server().idleTimeout().minusSeconds(10)));
    }

    @Test
    void aLongPollEndsBeforeNginxLosesPatience() {
        Duration wait = relay.limits().maxWait();
        assertThat(files.seconds(TLS_SERVER, "proxy_read_timeout"), greaterThan(wait));
        assertThat(files.seconds(TLS_SERVER, "proxy_send_timeout"), greaterThan(wait));
        assertThat(
                files.seconds(TLS_SERVER, "proxy_read_timeout"),
                greaterThan(relay.limits().heartbeat()));
        assertThat(files.workerShutdownTimeout(), greaterThan(wait));
    }

    @Test
    void theBodyLimitsAreTheSameAndNoBodyReachesADisk() {
        assertThat(files.bytes("client_max_body_size"), is((long) relay.server().maxBody()));
        assertThat(files.bytes("client_body_buffer_size"), is(files.bytes("client_max_body_size")));
        assertThat(files.relay(), containsString("\n    proxy_buffering off;"));
    }

    /** Two for each poll, on the two workers of a small machine. */
    @Test
    void nginxHasConnectionsForAllPollsThatTheRelayAdmits() {
        long connections = files.number("worker_connections");
        assertThat(2 * connections / 2, greaterThanOrEqualTo(relay.limits().waiters() * 8L / 10));
        assertThat(files.number("worker_rlimit_nofile"), greaterThan(2 * connections));
    }

    /** Each {@code proxy_set_header} in a location would drop all of the server's; so would {@code add_header}. */
    @Test
    void noLocationDropsTheHeadersOfTheServer() {
        String locations = files.relay().substring(files.relay().indexOf("location @too_large"));
        assertThat(locations, not(containsString("proxy_set_header")));
        assertThat(locations, not(containsString("add_header")));
    }

    @Test
    void theLogFormatKnowsNoCredentialAndNoQuery() {
        String format = files.relay().substring(files.relay().indexOf("log_format harp_relay"));
        String line = format.substring(0, format.indexOf(';'));
        for (String leak : new String[] {"authorization", "cookie", "referer", "$request\"", "request_uri", "$args"}) {
            assertThat(line, not(containsString(leak)));
        }
    }
}
