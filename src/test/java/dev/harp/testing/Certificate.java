package dev.harp.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * A self-signed certificate, made with the JDK's keytool.
 *
 * @param folder where {@code fullchain.pem} and {@code privkey.pem} are, as nginx and Redis read them
 * @param context for a server with this certificate
 * @param trusted for a client that trusts this certificate and nothing else
 */
public record Certificate(Path folder, SSLContext context, SSLContext trusted) {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final String ALIAS = "test";
    private static final Base64.Encoder PEM = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII));

    /** Makes one for this machine and two days. */
    public static Certificate make(Path folder) throws IOException, InterruptedException, GeneralSecurityException {
        return make(folder, 2);
    }

    /** Makes one for this machine and this many days. */
    public static Certificate make(Path folder, int days)
            throws IOException, InterruptedException, GeneralSecurityException {
        return make(folder, days, "IP:127.0.0.1,DNS:localhost");
    }

    /** Makes one for other names, in the form of {@code subjectAltName}. */
    public static Certificate make(Path folder, int days, String names)
            throws IOException, InterruptedException, GeneralSecurityException {
        Path file = folder.resolve("certificate.p12");
        Path log = folder.resolve("keytool.log");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD),
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-validity",
                        Integer.toString(days),
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=" + names)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException(Files.readString(log));
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        write(
                folder.resolve("fullchain.pem"),
                "CERTIFICATE",
                keys.getCertificate(ALIAS).getEncoded());
        write(
                folder.resolve("privkey.pem"),
                "PRIVATE KEY",
                keys.getKey(ALIAS, PASSWORD).getEncoded());
        return new Certificate(folder, context(keys), trusted(keys));
    }

    private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static SSLContext trusted(KeyStore keys) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry(ALIAS, keys.getCertificate(ALIAS));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(anchors);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static void write(Path file, String type, byte[] content) throws IOException {
        Files.writeString(
                file,
                "-----BEGIN " + type + "-----\n" + PEM.encodeToString(content) + "\n-----END " + type + "-----\n");
    }
}
