package dev.harp.relay.nginx;

import dev.harp.testing.Certificate;
import dev.harp.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One nginx with the shipped files, which are changed only as much as it takes to run beside another: addresses, ports,
 * paths, user.
 *
 * <p>It lives in the foreground as a child of this process and is ended by its process id.
 */
public final class Nginx implements AutoCloseable {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Process process;
    private final Path folder;
    private final int tlsPort;
    private final int plainPort;

    private Nginx(Process process, Path folder, int tlsPort, int plainPort) {
        this.process = process;
        this.folder = folder;
        this.tlsPort = tlsPort;
        this.plainPort = plainPort;
    }

    /** The program, if this machine has one. Debian keeps it where only root's path leads. */
    public static Optional<Path> program() {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.concat(Stream.of(path.split(":", -1)), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "nginx"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param folder an empty folder of its own
     * @param relayPort where on this machine the relay listens
     */
    static Nginx start(Path folder, NginxFiles files, Certificate certificate, int relayPort)
            throws IOException, InterruptedException {
        return start(folder, files.reaching(relayPort), certificate);
    }

    /**
     * Starts it with the shipped files for several relays, and waits until it listens.
     *
     * @param folder an empty folder of its own
     * @param relayPorts where on this machine the relays listen
     */
    public static Nginx start(Path folder, Certificate certificate, List<Integer> relayPorts)
            throws IOException, InterruptedException {
        return start(folder, NginxFiles.asShipped().reaching(relayPorts), certificate);
    }

    private static Nginx start(Path folder, NginxFiles files, Certificate certificate)
            throws IOException, InterruptedException {
        int tls = Ports.free();
        int plain = Ports.free();
        boolean root = System.getProperty("user.name").equals("root");
        NginxFiles local = files.without("listen [::]:")
                .with(1, "listen 80;", "listen 127.0.0.1:" + plain + ";")
                .with(1, "listen 443 ssl http2;", "listen 127.0.0.1:" + tls + " ssl http2;")
                .with(2, "/etc/letsencrypt/live/relay.example.org/", certificate.folder() + "/")
                .with(1, "/var/log/nginx/", folder + "/")
                .with(1, "/var/www/html", folder + "/www")
                .withMain("user www-data;", root ? "user root;" : "")
                .withMain("/run/nginx.pid", folder + "/nginx.pid")
                .withMain("/var/log/nginx/", folder + "/")
                .withMain("/etc/nginx/conf.d/*.conf", folder + "/harp-relay.conf")
                .withMain("http {", "http {\n" + temporaryPaths(folder));
        Files.writeString(folder.resolve("nginx.conf"), local.main());
        Files.writeString(folder.resolve("harp-relay.conf"), local.relay());
        Files.createDirectories(folder.resolve("www/.well-known/acme-challenge"));
        Process process = new ProcessBuilder(
                        program().orElseThrow().toString(),
                        "-p",
                        folder + "/",
                        "-c",
                        folder + "/nginx.conf",
                        "-g",
                        "daemon off;")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("stderr.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
        Nginx nginx = new Nginx(process, folder, tls, plain);
        nginx.awaitListening();
        return nginx;
    }

    public int tlsPort() {
        return tlsPort;
    }

    int plainPort() {
        return plainPort;
    }

    /** The folder that port 80 serves challenges from. */
    Path challenges() {
        return folder.resolve("www/.well-known/acme-challenge");
    }

    /** The access log. Complete once this has been closed. */
    String accessLog() throws IOException {
        return Files.readString(folder.resolve("harp-relay.log"));
    }

    public String errorLog() throws IOException {
        Path log = folder.resolve("error.log");
        return (Files.exists(log) ? Files.readString(log) : "") + Files.readString(folder.resolve("stderr.log"));
    }

    /** Ends it and its workers. */
    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    private void awaitListening() throws IOException, InterruptedException {
        SocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), tlsPort);
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                return;
            } catch (IOException e) {
                if (process.waitFor(20, TimeUnit.MILLISECONDS) || System.nanoTime() - end > 0) {
                    close();
                    throw new IOException("nginx does not start: " + errorLog(), e);
                }
            }
        }
    }

    private static String temporaryPaths(Path folder) {
        StringBuilder lines = new StringBuilder();
        for (String kind : new String[] {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"}) {
            lines.append("    ")
                    .append(kind)
                    .append("_temp_path ")
                    .append(folder)
                    .append("/")
                    .append(kind)
                    .append(";\n");
        }
        return lines.toString();
    }
}
