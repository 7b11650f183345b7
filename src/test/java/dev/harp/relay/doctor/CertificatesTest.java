package dev.harp.relay.doctor;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.doctor.Finding.Verdict;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One certificate, valid for a hundred days, at other times and for other names. {@link TrustTest} has handshakes. */
class CertificatesTest {
    private static final String PEM = """
        -----BEGIN CERTIFICATE-----
        MIIBvzCCAWagAwIBAgIUDcTTJxHJYS/H89ZbWtzOih3RAJQwCgYIKoZIzj0EAwIw
        HDEaMBgGA1UEAwwRcmVsYXkuZXhhbXBsZS5vcmcwHhcNMjYxMTI1MDAyMzM1WhcN
        MjcwMzA1MDAyMzM1WjAcMRowGAYDVQQDDBFyZWxheS5leGFtcGxlLm9yZzBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABOzb1ipRKxBOdSkBd66JirYx0LVkg3hMgfp2
        OhW4e9RJBSzo6vVFH3gmuui5G6z2ODA3KkakV0iLy0jMVswZjrmjgYUwgYIwHQYD
        VR0OBBYEFJ1D7UhOs6sosuy9rb22ARSoZzS9MB8GA1UdIwQYMBaAFJ1D7UhOs6so
        suy9rb22ARSoZzS9MA8GA1UdEwEB/wQFMAMBAf8wLwYDVR0RBCgwJoIRcmVsYXku
        ZXhhbXBsZS5vcmeCEW90aGVyLmV4YW1wbGUub3JnMAoGCCqGSM49BAMCA0cAMEQC
        IC5V4vDVI91bmvcXtw5cGzX7KmYlBVYwBxXa71XYi1OEAiBf41NsosEVGxK7IDbi
        00F8dptarjrDFGjV0AL1ahvPjg==
        -----END CERTIFICATE-----
        """;
    private static final String PKIX = "PKIX path building failed";

    private final List<X509Certificate> chain = List.of(certificate());
    private final Instant begin = chain.getFirst().getNotBefore().toInstant();
    private final Instant end = chain.getFirst().getNotAfter().toInstant();

    private static X509Certificate certificate() {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(PEM.getBytes(US_ASCII)));
        } catch (CertificateException e) {
            throw new IllegalStateException(e);
        }
    }

    private Verdict daysBefore(int days) {
        return Certificates.time(chain, "TLSv1.3", end.minus(Duration.ofDays(days)))
                .verdict();
    }

    @Test
    void timeLeft() {
        assertThat(daysBefore(22), is(Verdict.OK));
        assertThat(daysBefore(21), is(Verdict.OK));
        assertThat(daysBefore(20), is(Verdict.WARN));
        assertThat(
                Certificates.time(chain, "TLSv1.3", begin).text(),
                is("TLSv1.3, the certificate is valid until " + end.toString().substring(0, 10)
                        + ", 100 days from now"));
        assertThat(Certificates.time(List.of(), "TLSv1.3", begin).verdict(), is(Verdict.FAIL));
    }

    @Test
    void whyItIsRefused() {
        String host = "relay.example.org";
        assertThat(
                Certificates.fault(chain, host, end.plusSeconds(1), PKIX),
                startsWith("a certificate has expired on " + end.toString().substring(0, 10)));
        assertThat(
                Certificates.fault(chain, host, begin.minusSeconds(1), PKIX),
                containsString("is the clock of this machine right?"));
        assertThat(Certificates.fault(chain, host, begin, PKIX), containsString("self-signed"));
        assertThat(
                Certificates.fault(chain, "a.example", begin, "No name matching a.example found"),
                startsWith("the certificate is for relay.example.org, other.example.org and not for a.example"));
        assertThat(
                Certificates.fault(List.of(), "a.example", begin, "No subject alternative names present"),
                startsWith("the certificate is for another name"));
        assertThat(Certificates.fault(List.of(), host, begin, PKIX), containsString("fullchain.pem"));
    }
}
