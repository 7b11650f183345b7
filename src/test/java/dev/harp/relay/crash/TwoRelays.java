package dev.harp.relay.crash;

import dev.harp.relay.nginx.Nginx;
import dev.harp.testing.Certificate;
import dev.harp.testing.RedisServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Two relays on one Redis behind {@code deploy/nginx}: one relay, for its clients. */
final class TwoRelays implements AutoCloseable {
    private final RedisServer redis;
    private final List<RelayNode> relays;
    private final Certificate certificate;
    private final Nginx nginx;

    TwoRelays(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        redis = RedisServer.startDurable();
        Map<String, String> options = Map.of("STORE", redis.url(), "TRUSTED_PROXIES", "127.0.0.1");
        relays = List.of(new RelayNode(options).start(), new RelayNode(options).start());
        for (RelayNode each : relays) {
            each.awaitReady();
        }
        certificate = Certificate.make(Files.createDirectory(folder.resolve("tls")));
        nginx = Nginx.start(
                Files.createDirectory(folder.resolve("nginx")),
                certificate,
                relays.stream().map(RelayNode::port).toList());
    }

    List<RelayNode> relays() {
        return relays;
    }

    URI uri() {
        return URI.create("https://127.0.0.1:" + nginx.tlsPort());
    }

    Optional<SSLContext> tls() {
        return Optional.of(certificate.trusted());
    }

    @Override
    public void close() {
        nginx.close();
        relays.forEach(RelayNode::close);
        redis.close();
    }
}
