package dev.harp.relay.doctor;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.outbound.HttpConnection;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.testing.Certificate;
import dev.harp.testing.Receiver;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Handshakes with a TLS server: what is refused, and what is said of it. {@code nginx.DoctorIT} has the whole program.
 */
@Timeout(300)
class TrustTest {
    @TempDir
    static Path folder;

    private static Certificate certificate;
    private static Path pem;

    @BeforeAll
    static void makeCertificate() throws Exception {
        certificate = Certificate.make(folder, 2, "DNS:" + Receiver.HOST);
        pem = folder.resolve("fullchain.pem");
    }

    private static String refusal(Receiver receiver, Trust trust) {
        TargetUrl target = Doctor.target("https://127.0.0.1:" + receiver.port()).orElseThrow();
        Site site = new Site(
                target,
                trust,
                Optional.empty(),
                Duration.ofSeconds(30),
                InstantSource.system(),
                System::nanoTime,
                System.nanoTime() + Duration.ofMinutes(5).toNanos());
        Failed failed = assertThrows(Failed.class, () -> Connection.open(site).close());
        return failed.words();
    }

    /**
     * The chain is trusted, but for another name: the JDK has to check the name, although doctor's trust manager does
     * not.
     */
    @Test
    void certificateOfAnotherNameIsRefused() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate)) {
            assertThat(
                    refusal(receiver, Trust.of(pem)),
                    startsWith("the certificate is for " + Receiver.HOST + " and not for 127.0.0.1"));
        }
    }

    @Test
    void certificateOfNoAuthorityIsRefused() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate)) {
            assertThat(refusal(receiver, Trust.ofJava()), containsString("the certificate is self-signed"));
        }
    }

    @Test
    void trustedCertificateOfTheNameIsAccepted() throws Exception {
        try (Receiver receiver = Receiver.tls(certificate)) {
            TargetUrl target = Doctor.target("https://" + Receiver.HOST + ":" + receiver.port())
                    .orElseThrow();
            Trust.Handshake handshake = Trust.of(pem).prepare();
            try (HttpConnection connection =
                    HttpConnection.open(target.authority(), List.of(InetAddress.getLoopbackAddress()), target.port())) {
                connection.secure(target, handshake.sockets());
                assertThat(connection.protocol(), startsWith("TLSv1."));
                assertThat(handshake.shown().chain(), hasSize(1));
            }
        }
    }
}
