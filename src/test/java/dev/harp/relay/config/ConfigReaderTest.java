package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.log.Logs;
import dev.harp.relay.net.AddressFormat;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.file.Sync;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values that options accept, and the errors of those that they do not. */
class ConfigReaderTest extends ConfigRig {
    @Test
    void theStoreIsInMemoryOrInADirectory() throws InvalidConfig {
        assertThat(read(Map.of()).storage(), is(new Storage.InMemory()));
        assertThat(
                read(Map.of("STORE", "file:/var/lib/relay", "FSYNC", "interval"))
                        .storage(),
                is(new Storage.InFile(Path.of("/var/lib/relay"), Sync.INTERVAL)));
        assertThat(
                read(Map.of("STORE", "file:data")).lines().toString(),
                containsString("STORE: file:data, FSYNC: always"));
        for (String wrong : List.of("file:", "file", "disk:/var", "file:\0")) {
            assertThat(refused(Map.of("STORE", wrong)).toString(), containsString("STORE: given '"));
        }
    }

    @Test
    void theDefaultsAreThoseOfTheProtocol() throws InvalidConfig {
        RelayConfig config = read(Map.of());
        assertThat(config.server().port(), is(8787));
        assertThat(config.server().host(), is("0.0.0.0"));
        assertThat(config.admin(), is(new RelayConfig.Admin("127.0.0.1", 8788)));
        assertThat(config.server().trustedProxies(), hasSize(2));
        assertThat(config.server().maxConnections(), is(20_000));
        assertThat(config.server().maxBody(), is(131_072));
        assertThat(config.limits().submissionsPerMinute(), is(10));
        assertThat(config.limits().callsPerMinute(), is(100));
        assertThat(config.limits().maxWait(), is(Duration.ofSeconds(540)));
        assertThat(config.limits().waiters(), is(20_000 - 256));
        assertThat(config.limits().registrationKey(), is(Optional.empty()));
        assertThat(config.terms().retention(), is(Duration.ofSeconds(300)));
        assertThat(config.terms().maxCiphertext(), is(65_536));
        assertThat(config.terms().maxOpenRequests(), is(100));
        assertThat(config.capacity().bytes(), is(HeapBudget.of(HEAP, true).records(20_000)));
        assertThat(config.warnings(), empty());
        assertThat(config.log(), is(new RelayConfig.Log(Level.INFO, Logs.Format.AUTO, AddressFormat.TRUNCATED)));
    }

    @Test
    void theLogCanBeConfigured() throws InvalidConfig {
        assertThat(
                read(Map.of("LOG_LEVEL", "debug", "LOG_FORMAT", "json", "LOG_CLIENT", "none"))
                        .log(),
                is(new RelayConfig.Log(Level.DEBUG, Logs.Format.JSON, AddressFormat.NONE)));
    }

    /** The lines of {@code --check-config} are valid options with the same meaning. Secrets are not printed. */
    @Test
    void theEffectiveValuesAreOptions() throws InvalidConfig {
        RelayConfig config = read(Map.of("PUBLIC_URL", "https://relay.example.org"));
        Map<String, String> again = new HashMap<>();
        for (String line : config.lines()) {
            again.put(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).strip().replace("\"", ""));
        }
        assertThat(again.size(), is(Option.values().length));
        assertThat(read(again), is(config));
    }

    @Test
    void theRegistrationKeyIsNotPrinted() throws InvalidConfig {
        String key = "correct-horse-battery-staple";
        String lines = read(Map.of("REGISTRATION_KEY", key)).lines().toString();
        assertThat(lines, containsString("REGISTRATION_KEY: (set, not shown)"));
        assertThat(lines, not(containsString("horse")));
        assertThat(lines, not(containsString(Sha256.of(key).hex().substring(0, 8))));
    }

    @Test
    void theEnvironmentPrintsNoVariable() {
        var environment = new ConfigReader.Environment(
                Map.of("REGISTRATION_KEY", "CANARYcanaryCANARY", "CANARY_OF_OTHERS", "CANARY"), HEAP, FILES);
        assertThat(environment.toString(), is("Environment[2 variables, heap 4294967296, files 65536]"));
    }

    @Test
    void anEnvironmentVariableOverridesTheFile() throws InvalidConfig {
        RelayConfig config = read(Map.of("PORT", "9099", "HOST", "127.0.0.1", "MAX_WAIT", "60"));
        assertThat(config.server().port(), is(9099));
        assertThat(config.server().host(), is("127.0.0.1"));
        assertThat(config.limits().maxWait(), is(Duration.ofSeconds(60)));
    }

    @Test
    void anEmptyVariableCountsAsNotSet() throws InvalidConfig {
        Map<String, String> environment = new HashMap<>();
        for (Option option : Option.values()) {
            environment.put(option.name(), " ");
        }
        assertThat(read(environment).server().port(), is(8787));
    }

    /**
     * Kubernetes sets these for a service named {@code server} and one named {@code admin}. Helidon's own source of
     * environment variables takes the first for {@code server.port}.
     */
    @Test
    void variablesThatKubernetesSetsForServicesAreNotOptions() throws InvalidConfig {
        RelayConfig config = read(Map.of(
                "SERVER_PORT", "tcp://10.0.0.1:80",
                "SERVER_HOST", "10.0.0.1",
                "server.port", "1",
                "server_port", "2",
                "ADMIN_PORT_80_TCP", "tcp://10.0.0.2:80",
                "PATH", "/bin"));
        assertThat(config, is(read(Map.of())));
    }

    /** Helidon's own source of system properties is off as well. */
    @Test
    void systemPropertiesAreNotOptions() throws InvalidConfig {
        System.setProperty("server.port", "1");
        System.setProperty("PORT", "2");
        try {
            assertThat(read(Map.of()).server().port(), is(8787));
        } finally {
            System.clearProperty("server.port");
            System.clearProperty("PORT");
        }
    }

    /** Each line names the option, what was given, and what is allowed; there is no other line. */
    @ParameterizedTest
    @CsvSource({
        "PORT, http, 0 to 65535",
        "PORT, 65536, 0 to 65535",
        "PORT, -1, 0 to 65535",
        "ADMIN_PORT, 65536, 0 to 65535",
        "ADMIN_PORT, off, 0 to 65535",
        "ADMIN_HOST, a b, an address or a host name",
        "PORT, 8787.0, 0 to 65535",
        "HOST, 'a b', host name",
        "TRUSTED_PROXIES, 10.0.0.0/33, networks",
        "TRUSTED_PROXIES, localhost, networks",
        "MAX_CONNECTIONS, 15, 16",
        "MAX_CONNECTIONS, 99999999999999999999, 1000000",
        "HEADER_TIMEOUT, 0, 1 to 300",
        "BODY_TIMEOUT, 301, 1 to 300",
        "IDLE_TIMEOUT, 0, 1 to 3600",
        "DRAIN_TIMEOUT, 61, 0 to 60",
        "RATE_LIMIT_PAIR, ten, 0 to 1000000",
        "RATE_LIMIT_CLIENT, 1e3, 0 to 1000000",
        "MAX_OPEN_REQUESTS, 0, 1 to 10000",
        "MAX_WAITERS, -5, 0 to 1000000",
        "MAX_WAIT, 3601, 1 to 3600",
        "MAX_STREAM, 0, 1 to 86400",
        "STREAM_HEARTBEAT, 301, 1 to 300",
        "CORS_ORIGINS, https://app.example.org/, without a path",
        "CORS_ORIGINS, app.example.org, without a path",
        "CORS_ORIGINS, null, without a path",
        "CORS_ORIGINS, capacitor://, without a path",
        "CORS_ORIGINS, file:///, without a path",
        "CORS_ORIGINS, 'https://*.example.org', without a path",
        "CORS_ORIGINS, 'https://a.example, *', without a path",
        "RETENTION, 29, 30 to 604800",
        "REPLAY_WINDOW, 3601, 30 to 3600",
        "MAX_CIPHERTEXT, 1023, 1024 to",
        "MAX_ANSWER, 16383, 16384 to",
        "MAX_ANSWER, 1048577, 16384 to",
        "MAX_BODY, 4095, 4096 to",
        "MAX_STORED_BYTES, 1024, 0 for what",
        "MAX_PAIRINGS, 0, 1 to 10000000",
        "MAX_DEVICES, 10000001, 1 to 10000000",
        "PAIRING_IDLE, -1, 0 to 3650",
        "PAIRING_IDLE, 3651, 0 to 3650",
        "PAIRING_IDLE, 90d, 0 to 3650",
        "NETWORK_SHARE, 0, 1 to 100",
        "NETWORK_SHARE, 101, 1 to 100",
        "NETWORK_SHARE, 10%, 1 to 100",
        "SHARE_ALLOW, 10.0.0.0/33, networks",
        "SHARE_ALLOW, office.example.org, networks",
        "WEBHOOKS, yes, 'on, off'",
        "WEBHOOK_ALLOW, http://x, host names",
        "WEBHOOK_ALLOW, 10.0.0.0/33, host names",
        "PUSH_ALLOW, http://x, host names",
        "PUSH, apns, expo",
        "PUSH, 'expo,', expo",
        "EXPO_URL, exp.host, http",
        "VAPID_SUBJECT, me, mailto:",
        "LOG_LEVEL, verbose, debug",
        "LOG_LEVEL, INFO, debug",
        "LOG_FORMAT, xml, json",
        "LOG_FORMAT, JSON, json",
        "LOG_CLIENT, half, truncated",
    })
    void aWrongValueIsOneLine(String option, String given, String allowed) {
        List<String> lines = refused(Map.of(option, given));
        assertThat(lines.toString(), lines, hasSize(1));
        assertThat(
                lines.getFirst(),
                allOf(
                        startsWith(option + ": "),
                        containsString(given),
                        containsString("allowed: "),
                        containsString(allowed)));
    }

    @Test
    void everyWrongValueIsNamedAtOnce() {
        assertThat(refused(Map.of("PORT", "x", "MAX_WAIT", "y", "STORE", "z")), hasSize(3));
    }

    @Test
    void theRegistrationKeyIsKeptAsItsDigest() throws InvalidConfig {
        String key = "correct-horse-battery-staple";
        assertThat(read(Map.of("REGISTRATION_KEY", key)).limits().registrationKey(), is(Optional.of(Sha256.of(key))));
    }

    @ParameterizedTest
    @CsvSource({"tooshort", "'with a space in its middle'", "ünïcode-is-not-in-a-header"})
    void aWrongRegistrationKeyIsNotPrinted(String key) {
        List<String> lines = refused(Map.of("REGISTRATION_KEY", key));
        assertThat(lines, hasSize(1));
        assertThat(lines.getFirst(), allOf(startsWith("REGISTRATION_KEY: "), not(containsString(key))));
    }

    @Test
    void aRetentionShorterThanTheReplayWindowIsUnsafe() {
        List<String> lines = refused(Map.of("RETENTION", "299"));
        assertThat(lines, hasSize(1));
        assertThat(lines.getFirst(), allOf(startsWith("RETENTION: "), containsString("299"), containsString("300")));
    }

    @Test
    void theBodyLimitIncludesTheCiphertext() {
        List<String> lines = refused(Map.of("MAX_CIPHERTEXT", "131072"));
        assertThat(lines, hasSize(1));
        assertThat(lines.getFirst(), startsWith("MAX_BODY: "));
    }

    /** A body limit of an earlier version's configuration, which had no bound of its own for answers. */
    @Test
    void theBodyLimitIsRaisedToThatOfAnAnswer() throws InvalidConfig {
        Map<String, String> small = Map.of("MAX_CIPHERTEXT", "2048", "MAX_BODY", "8192");
        RelayConfig config = ConfigReader.read(Optional.empty(), new ConfigReader.Environment(small, HEAP, 65_536));
        assertThat(config.server().maxBody(), is(20_480));
        assertThat(config.warnings().getFirst(), allOf(startsWith("MAX_BODY: "), containsString("8192")));
        assertThat(config.lines(), hasItem("MAX_BODY: 20480"));
    }

    @Test
    void theStoreFitsIntoTheHeap() {
        List<String> lines = refused(Map.of("MAX_STORED_BYTES", String.valueOf(HEAP)));
        assertThat(lines, hasSize(1));
        assertThat(lines.getFirst(), startsWith("MAX_STORED_BYTES: "));
    }

    @Test
    void connectionsAreLoweredToTheOpenFilesWithAWarning() throws InvalidConfig {
        var few = new ConfigReader.Environment(Map.of("MAX_CONNECTIONS", "5000"), HEAP, 1024);
        RelayConfig config = ConfigReader.read(Optional.empty(), few);
        assertThat(config.server().maxConnections(), is(768));
        assertThat(config.warnings(), hasSize(1));
        assertThat(config.warnings().getFirst(), allOf(startsWith("MAX_CONNECTIONS"), containsString("1024")));
    }

    /** The operator did not set it, but has to know that there is less than the default. */
    @Test
    void theDefaultIsLoweredWithAWarningToo() throws InvalidConfig {
        RelayConfig config = ConfigReader.read(Optional.empty(), new ConfigReader.Environment(Map.of(), HEAP, 1024));
        assertThat(config.server().maxConnections(), is(768));
        assertThat(config.warnings(), hasSize(1));
        assertThat(
                config.warnings().getFirst(), startsWith("MAX_CONNECTIONS: lowered from 20000 to 768, because 1024"));
    }
}
