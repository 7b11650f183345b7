package dev.harp.relay.proxies;

import static dev.harp.testing.ConfigText.replaced;

import dev.harp.testing.Certificate;
import dev.harp.testing.NpmPackages;
import dev.harp.testing.ProxyProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A kind of proxy, with its configuration. The strangers' ones speak plain HTTP to clients, the shipped ones TLS. */
enum Proxy {
    NGINX_THAT_COMPRESSES("nginx", "nginx-light") {
        @Override
        List<String> configure(Path folder, Ports ports, Certificate certificate, Change change) throws IOException {
            Path file = write(folder, change.of(strangers("nginx.conf", folder, ports)));
            return List.of(program(), "-p", folder + "/", "-c", file.toString());
        }
    },

    CADDY_THAT_COMPRESSES("caddy", "caddy") {
        @Override
        List<String> configure(Path folder, Ports ports, Certificate certificate, Change change) throws IOException {
            return caddy(write(folder, change.of(strangers("Caddyfile", folder, ports))));
        }
    },

    HAPROXY_THAT_COMPRESSES("haproxy", "haproxy") {
        @Override
        List<String> configure(Path folder, Ports ports, Certificate certificate, Change change) throws IOException {
            return haproxy(write(folder, change.of(strangers("haproxy.cfg", folder, ports))));
        }
    },

    NODE_THAT_COMPRESSES("node", "nodejs") {
        @Override
        List<String> configure(Path folder, Ports ports, Certificate certificate, Change change)
                throws IOException, InterruptedException {
            Path script = NpmPackages.installed("proxies").resolve("compressing.js");
            return List.of(
                    program(), script.toString(), Integer.toString(ports.proxy()), "http://127.0.0.1:" + ports.relay());
        }
    },

    CADDY("caddy", "caddy") {
        @Override
        List<String> configure(Path folder, Ports ports, Certificate certificate, Change change) throws IOException {
            String tls =
                    "\n\ttls " + certificate.folder() + "/fullchain.pem " + certificate.folder() + "/privkey.pem\n";
            String file = change.of(Files.readString(SHIPPED.resolve("Caddyfile")));
            file = replaced(
                    file, 1, "\nhttp://relay.example.org {", "\nhttp://:" + ports.plain() + " {\n\tbind 127.0.0.1\n");
            file = replaced(
                    file,
                    1,
                    "\nrelay.example.org {",
                    "\nhttps://127.0.0.1:" + ports.proxy() + " {\n\tbind 127.0.0.1" + tls);
            file = replaced(file, 1, RELAY, "127.0.0.1:" + ports.relay());
            return caddy(write(folder, "{\n\tadmin off\n\tauto_https disable_redirects\n}\n" + file));
        }
    },

    HAPROXY("haproxy", "haproxy") {
        @Override
        List<String> configure(Path folder, Ports ports, Certificate certificate, Change change) throws IOException {
            Path pem = folder.resolve("relay.pem");
            Files.writeString(
                    pem,
                    Files.readString(certificate.folder().resolve("fullchain.pem"))
                            + Files.readString(certificate.folder().resolve("privkey.pem")));
            String file = change.of(Files.readString(SHIPPED.resolve("haproxy.cfg")));
            file = replaced(file, 1, "bind :80\n", "bind 127.0.0.1:" + ports.plain() + "\n");
            file = replaced(file, 1, "bind :443 ", "bind 127.0.0.1:" + ports.proxy() + " ");
            file = replaced(file, 1, "crt /etc/haproxy/certs/relay.example.org.pem", "crt " + pem);
            file = replaced(file, 1, "maxconn 20000", "maxconn 1000");
            file = replaced(file, 1, RELAY, "127.0.0.1:" + ports.relay());
            return haproxy(write(folder, file));
        }
    };

    private static final Path STRANGERS = Path.of("src", "test", "proxies");
    private static final Path SHIPPED = Path.of("deploy", "proxies");
    private static final String RELAY = "127.0.0.1:8787";

    private final String command;
    private final String debian;

    /** Ports of this machine; that for plain HTTP is of the shipped ones only. */
    record Ports(int proxy, int plain, int relay) {}

    /** What a test changes in the configuration. */
    interface Change {
        String of(String file);
    }

    Proxy(String command, String debian) {
        this.command = command;
        this.debian = debian;
    }

    boolean shipped() {
        return this == CADDY || this == HAPROXY;
    }

    /** Without the program a test is skipped, and a line says so; on CI, which has to have it, the test fails. */
    boolean canRun() {
        return ProxyProcess.canRun(command, missing());
    }

    /** Writes what it needs into the folder; the command that runs it. */
    abstract List<String> configure(Path folder, Ports ports, Certificate certificate, Change change)
            throws IOException, InterruptedException;

    final String program() {
        return ProxyProcess.mustHave(command, missing()).toString();
    }

    private String missing() {
        return "there is no " + command + " here: apt-get install " + debian;
    }

    final List<String> caddy(Path file) {
        return List.of(program(), "run", "--config", file.toString(), "--adapter", "caddyfile");
    }

    final List<String> haproxy(Path file) {
        return List.of(program(), "-db", "-f", file.toString());
    }

    private static String strangers(String name, Path folder, Ports ports) throws IOException {
        return Files.readString(STRANGERS.resolve(name))
                .replace("FOLDER", folder.toString())
                .replace("PORT", Integer.toString(ports.proxy()))
                .replace("RELAY", Integer.toString(ports.relay()));
    }

    private static Path write(Path folder, String file) throws IOException {
        return Files.writeString(folder.resolve("configuration"), file);
    }
}
