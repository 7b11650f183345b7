package dev.harp.relay.doctor;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Describes a server's certificates. */
final class Certificates {
    private static final int SOON_DAYS = 21;
    private static final String RENEW =
            "renew it: certbot renew, and look at certbot's timer and at the hook that reloads nginx";

    private Certificates() {}

    /** Until when accepted certificates are valid: the end of the first to expire. */
    static Finding time(List<X509Certificate> chain, String protocol, Instant now) {
        Optional<Instant> end = chain.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .min(Comparator.naturalOrder());
        if (end.isEmpty()) {
            return Finding.fail("the server has shown no certificate");
        }
        long days = Duration.between(now, end.get()).toDays();
        String until = protocol + ", the certificate is valid until " + day(end.get()) + ", " + days + " days from now";
        return days < SOON_DAYS ? Finding.warn(until + ": " + RENEW) : Finding.ok(until);
    }

    /**
     * Why certificates were refused.
     *
     * @param chain the certificates shown, the server's own first; may be empty
     * @param words the message of Java's exception
     */
    static String fault(List<X509Certificate> chain, String host, Instant now, String words) {
        for (X509Certificate each : chain) {
            if (each.getNotAfter().toInstant().isBefore(now)) {
                return "a certificate has expired on " + day(each.getNotAfter().toInstant()) + ": " + RENEW;
            }
            if (each.getNotBefore().toInstant().isAfter(now)) {
                return "a certificate is valid only from "
                        + day(each.getNotBefore().toInstant())
                        + " on: is the clock of this machine right?";
            }
        }
        if (words.contains("No subject alternative") || words.contains("No name matching")) {
            return "the certificate is for " + names(chain) + " and not for " + host
                    + ": call the relay by the right name, or get a certificate for this one (nginx: ssl_certificate of"
                    + " the server block with this server_name)";
        }
        if (!chain.isEmpty()
                && chain.getFirst()
                        .getIssuerX500Principal()
                        .equals(chain.getFirst().getSubjectX500Principal())) {
            return "the certificate is self-signed, and no client trusts it: get one from an authority (certbot), or"
                    + " name it with --ca FILE if all clients have it";
        }
        return "the certificate is not signed by an authority that is trusted here: nginx's ssl_certificate has to be"
                + " the full chain (fullchain.pem); name an authority of your own with --ca FILE (" + words + ")";
    }

    private static String names(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return "another name";
        }
        try {
            Collection<List<?>> names = Optional.ofNullable(chain.getFirst().getSubjectAlternativeNames())
                    .orElse(List.of());
            return names.stream()
                    .limit(5)
                    .map(name -> String.valueOf(name.get(1)))
                    .collect(Collectors.joining(", "));
        } catch (CertificateParsingException e) {
            return "another name";
        }
    }

    private static String day(Instant instant) {
        return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }
}
