package dev.harp.relay.nginx;

import dev.harp.testing.Certificate;
import dev.harp.testing.Ports;
import dev.harp.testing.ProxyProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One nginx with the shipped files, which are changed only as much as it takes to run beside another: addresses, ports,
 * paths, user.
 */
public final class Nginx implements AutoCloseable {
    public static final String MISSING = "there is no nginx here: apt-get install nginx-light";

    private static final String PROGRAM = "nginx";

    private final ProxyProcess process;
    private final Path folder;
    private final int tlsPort;
    private final int plainPort;

    private Nginx(ProxyProcess process, Path folder, int tlsPort, int plainPort) {
        this.process = process;
        this.folder = folder;
        this.tlsPort = tlsPort;
        this.plainPort = plainPort;
    }

    /** Without an nginx a test is skipped, and says so; on CI, which has to have one, it fails. */
    public static boolean canRun() {
        return ProxyProcess.canRun(PROGRAM, MISSING);
    }

    static Path program() {
        return ProxyProcess.mustHave(PROGRAM, MISSING);
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
        List<String> command =
                List.of(program().toString(), "-p", folder + "/", "-c", folder + "/nginx.conf", "-g", "daemon off;");
        return new Nginx(ProxyProcess.start(folder, command, tls), folder, tls, plain);
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
        return (Files.exists(log) ? Files.readString(log) : "") + process.output();
    }

    /** Ends it and its workers. */
    @Override
    public void close() {
        process.close();
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
