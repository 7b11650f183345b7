package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.relay.TestRelay.NO_TOKEN;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.testing.Certificate;
import dev.harp.testing.Ports;
import dev.harp.testing.RawClient;
import dev.harp.testing.RedisServer;
import dev.harp.testing.RelayProcess;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * {@code STORE=rediss://} with a private certificate authority, as in {@code docs/configure.md}: relays as processes,
 * and a real Redis with TLS.
 */
@Timeout(300)
class RedisTlsTest {
    @TempDir
    private Path folder;

    private RedisServer redis(int tlsPort) {
        Optional<RedisServer> redis = RedisServer.startWithTls(tlsPort, folder);
        assumeTrue(
                redis.isPresent(),
                "no redis-server with TLS here: neither the tests' own nor /usr/bin/redis-server has it");
        return redis.get();
    }

    /** The file for {@code -Djavax.net.ssl.trustStore}, with only the certificate. */
    private String trustStore() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (InputStream in = Files.newInputStream(folder.resolve("fullchain.pem"))) {
            store.setCertificateEntry(
                    "redis", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        Path file = folder.resolve("trust.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            store.store(out, "changeit".toCharArray());
        }
        return file.toString();
    }

    private RelayProcess relay(String store) throws Exception {
        return RelayProcess.ofClasses(
                Map.of(
                        "HOST", "127.0.0.1",
                        "PORT", "0",
                        "STORE", store,
                        "MAX_STORED_BYTES", "10000000",
                        "REGISTRATION_KEY", Planter.REGISTRATION_KEY),
                "-Djavax.net.ssl.trustStore=" + trustStore(),
                "-Djavax.net.ssl.trustStorePassword=changeit");
    }

    /** Calls, probes and change signals at two relays, with a user and a password. */
    @Test
    void aWholeApprovalThroughTls() throws Exception {
        Certificate.make(folder);
        int tlsPort = Ports.free();
        try (RedisServer redis = redis(tlsPort);
                Jedis admin = redis.client()) {
            admin.aclSetUser("relay", "on", ">secret", "allkeys", "allchannels", "allcommands");
            String store = "rediss://relay:secret@localhost:" + tlsPort;
            try (RelayProcess one = relay(store);
                    RelayProcess other = relay(store)) {
                Planter planter = new Planter(one.port());
                assertThat(planter.leave().size(), is(2));
                planter.at(other.port()).again();
                assertThat(
                        planter.errors.toString(),
                        planter.errors.stream().noneMatch(error -> error.contains("503")),
                        is(true));
                until("both listen", () -> listeners(admin) == 2);
                one.terminate();
                other.terminate();
                assertThat(one.exit() + other.exit(), is(0));
                assertThat(String.join("\n", one.output()).contains("store_unavailable"), is(false));
            }
        }
    }

    private static long listeners(Jedis admin) {
        return Pattern.compile("user=relay ")
                .matcher(admin.clientList(redis.clients.jedis.args.ClientType.PUBSUB))
                .results()
                .count();
    }

    /**
     * A wrong name, an unknown authority, a server without TLS, and plain text to one with it: no connection, and the
     * log says so.
     */
    @Test
    void anUntrustedServerIsNotUsed() throws Exception {
        Certificate.make(folder, 2, "DNS:elsewhere.example");
        int tlsPort = Ports.free();
        try (RedisServer redis = redis(tlsPort);
                Jedis admin = redis.client()) {
            try (RelayProcess relay = relay("rediss://localhost:" + tlsPort)) {
                try (RawClient wire = new RawClient(relay.port())) {
                    wire.send(TestRelay.request("POST", "/v1/devices", NO_TOKEN, "{}"))
                            .answer()
                            .is(503, "store_unavailable");
                }
                assertThat(String.join("\n", relay.output()), containsString("\"reason\":\"connection\""));
            }
            for (String store : List.of(
                    "rediss://localhost:" + tlsPort,
                    "redis://localhost:" + tlsPort,
                    "rediss://localhost:" + redis.port())) {
                try (TestRelay relay = TestRelay.start("STORE=" + store)) {
                    relay.post("/v1/devices", NO_TOKEN, "{}").is(503, "store_unavailable");
                    relay.get("/health", NO_TOKEN).is(200);
                    relay.call("HEAD", "/health", NO_TOKEN, NO_BODY).is(200);
                }
            }
            assertThat("nothing was stored", admin.dbSize(), is(0L));
        }
    }
}
