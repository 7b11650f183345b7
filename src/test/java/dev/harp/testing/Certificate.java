package dev.harp.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate for this machine, as files where nginx looks for them.
 *
 * @param folder where {@code fullchain.pem} and {@code privkey.pem} are
 * @param trusted a context that trusts it and nothing else
 */
public record Certificate(Path folder, SSLContext trusted) {

    /** Makes one for two days with the {@code openssl} of this machine. */
    public static Certificate make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        return make(folder, 2);
    }

    /** Makes one for so many days. */
    public static Certificate make(Path folder, int days)
            throws IOException, InterruptedException, GeneralSecurityException {
        return make(folder, days, "IP:127.0.0.1,DNS:localhost");
    }

    /** Makes one for other names, in the form of {@code subjectAltName}. */
    public static Certificate make(Path folder, int days, String names)
            throws IOException, InterruptedException, GeneralSecurityException {
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-days",
                        Integer.toString(days),
                        "-subj",
                        "/CN=localhost",
                        "-addext",
                        "subjectAltName=" + names,
                        "-keyout",
                        "privkey.pem",
                        "-out",
                        "fullchain.pem")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        if (openssl.waitFor() != 0) {
            throw new IOException(Files.readString(folder.resolve("openssl.log")));
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(folder.resolve("fullchain.pem"))) {
            store.setCertificateEntry(
                    "nginx", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return new Certificate(folder, context);
    }
}
