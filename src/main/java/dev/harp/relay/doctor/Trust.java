package dev.harp.relay.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** The trusted certificate authorities. There is no option to trust all: what clients refuse, doctor refuses. */
final class Trust {
    private final X509TrustManager anchors;

    private Trust(@Nullable KeyStore authorities) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(authorities);
        anchors = (X509TrustManager) factory.getTrustManagers()[0];
    }

    /** The certificate authorities that come with Java. */
    static Trust ofJava() {
        try {
            return new Trust(null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java's own certificate authorities cannot be read", e);
        }
    }

    /**
     * The certificates in the PEM file, and no others.
     *
     * @throws IOException if the file cannot be read, or contains none
     */
    static Trust of(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + store.size(), each);
            }
            if (store.size() == 0) {
                throw new IOException("no certificate in it");
            }
            return new Trust(store);
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificate in PEM form", e);
        }
    }

    /** Prepares one handshake, which has to check the server's name by the endpoint identification of its socket. */
    Handshake prepare() {
        try {
            Recorder shown = new Recorder(anchors);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {shown}, null);
            return new Handshake(context.getSocketFactory(), shown);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /**
     * One handshake to come.
     *
     * @param shown the certificates that the server shows in it
     */
    record Handshake(SSLSocketFactory sockets, Recorder shown) {}

    /**
     * Keeps the certificates that are shown before it lets them be checked, so that refused ones can be described.
     *
     * <p>It is not an {@code X509ExtendedTrustManager}, so the JDK itself checks the server's name after it, as it does
     * for every plain trust manager.
     */
    static final class Recorder implements X509TrustManager {
        private final X509TrustManager anchors;
        private volatile List<X509Certificate> chain = List.of();

        private Recorder(X509TrustManager anchors) {
            this.anchors = anchors;
        }

        /** The server's own certificate first; empty before it has shown any. */
        List<X509Certificate> chain() {
            return chain;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] certificates, String type) throws CertificateException {
            chain = List.of(certificates);
            anchors.checkServerTrusted(certificates, type);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] certificates, String type) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return anchors.getAcceptedIssuers();
        }
    }
}
