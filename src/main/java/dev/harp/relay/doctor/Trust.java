package dev.harp.relay.doctor;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Whose certificates are believed. There is no way to believe any: what a client would refuse, this refuses, too. */
final class Trust {
    private final X509ExtendedTrustManager anchors;

    private Trust(X509ExtendedTrustManager anchors) {
        this.anchors = anchors;
    }

    /** The certificate authorities that come with Java. */
    static Trust ofJava() {
        try {
            return of((KeyStore) null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java's own certificate authorities cannot be read", e);
        }
    }

    /**
     * The certificates in the file, PEM, and no others.
     *
     * @throws IOException if it cannot be read, or holds none
     */
    static Trust of(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + number++, each);
            }
            if (number == 0) {
                throw new IOException("no certificate in it");
            }
            return of(store);
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificate in PEM form", e);
        }
    }

    private static Trust of(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return new Trust(Stream.of(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow());
    }

    /** A handshake to come. Made before there is a connection, because the server does not wait for long until it begins. */
    Handshake prepare() {
        Watched watched = new Watched(anchors);
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {watched}, null);
            return new Handshake(context.getSocketFactory(), watched);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /** One handshake. */
    static final class Handshake {
        private final SSLSocketFactory sockets;
        private final Watched watched;

        private Handshake(SSLSocketFactory sockets, Watched watched) {
            this.sockets = sockets;
            this.watched = watched;
        }

        /** Does it, and checks certificate and name as clients do. */
        SSLSocket over(Socket connected, Target target) throws IOException {
            SSLSocket socket = (SSLSocket) sockets.createSocket(connected, target.host(), target.port(), true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return socket;
        }

        /** What the server has shown, its own certificate first; empty before it has. */
        List<X509Certificate> chain() {
            return watched.chain;
        }
    }

    /** Remembers what was shown before it is judged, so that a refused certificate can be described. */
    private static final class Watched extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager anchors;
        private volatile List<X509Certificate> chain = List.of();

        Watched(X509ExtendedTrustManager anchors) {
            this.anchors = anchors;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String type, Socket socket)
                throws CertificateException {
            chain = List.of(shown);
            anchors.checkServerTrusted(shown, type, socket);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("no engine is used here");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] shown, String type) throws CertificateException {
            throw new CertificateException("a check without the server's name is none");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] shown, String type) throws CertificateException {
            throw new CertificateException("this is a client");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return anchors.getAcceptedIssuers();
        }
    }
}
