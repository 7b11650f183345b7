package dev.harp.relay.nginx;

import static dev.harp.testing.ConfigText.replaced;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What an operator copies: the two files of {@code deploy/nginx}, as text. */
record NginxFiles(String main, String relay) {
    private static final String SERVER = "server 127.0.0.1:8787";
    private static final Pattern SIZE = Pattern.compile("([0-9]+)k");
    private static final Pattern SECONDS = Pattern.compile("([0-9]+)s");

    static NginxFiles asShipped() throws IOException {
        Path folder = Path.of("deploy", "nginx");
        return new NginxFiles(
                Files.readString(folder.resolve("nginx.conf")), Files.readString(folder.resolve("harp-relay.conf")));
    }

    /** These files with the relay on another port of this machine. */
    NginxFiles reaching(int relayPort) {
        return with(1, SERVER + ";", "server 127.0.0.1:" + relayPort + ";");
    }

    /** These files with the lines for several relays in force, instead of the one for a single relay. */
    NginxFiles reaching(List<Integer> relayPorts) {
        List<String> template =
                relay.lines().filter(line -> line.contains("#" + SERVER + " ")).toList();
        if (template.size() != 1) {
            throw new IllegalStateException("lines like " + SERVER + " for several relays: " + template);
        }
        String servers = relayPorts.stream()
                .map(port -> template.getFirst().replace("#" + SERVER, "server 127.0.0.1:" + port))
                .collect(Collectors.joining("\n"));
        return with(1, template.getFirst(), servers)
                .with(1, "#server 127.0.0.1:8789 ", "# ")
                .with(1, "#zone harp_relay_upstream ", "zone harp_relay_upstream ")
                .with(1, "#least_conn;", "least_conn;")
                .with(1, "    " + SERVER + ";\n", "");
    }

    /** These files with {@code text} replaced, which has to occur in {@code harp-relay.conf} exactly {@code times}. */
    NginxFiles with(int times, String text, String replacement) {
        return new NginxFiles(main, replaced(relay, times, text, replacement));
    }

    /** These files with {@code text} replaced, which has to occur in {@code nginx.conf} exactly once. */
    NginxFiles withMain(String text, String replacement) {
        return new NginxFiles(replaced(main, 1, text, replacement), relay);
    }

    /** The relay's file without the lines that hold {@code text}. */
    NginxFiles without(String text) {
        List<String> kept = relay.lines().filter(line -> !line.contains(text)).toList();
        return new NginxFiles(main, String.join("\n", kept));
    }

    /** The duration that the relay's file gives for {@code name} in the block that begins with {@code block}. */
    Duration seconds(String block, String name) {
        return Duration.ofSeconds(Long.parseLong(value(relay, block, name, SECONDS)));
    }

    /** The size in bytes that the relay's file gives for {@code name}. */
    long bytes(String name) {
        return 1024 * Long.parseLong(value(relay, "server {\n    listen 443", name, SIZE));
    }

    /** How long {@code nginx.conf} lets old workers finish after a reload. */
    Duration workerShutdownTimeout() {
        return Duration.ofSeconds(Long.parseLong(value(main, "", "worker_shutdown_timeout", SECONDS)));
    }

    /** The number that {@code nginx.conf} gives for {@code name}. */
    long number(String name) {
        return Long.parseLong(value(main, "", name, Pattern.compile("([0-9]+)")));
    }

    private static String value(String file, String block, String name, Pattern form) {
        int from = file.indexOf(block);
        int to = file.indexOf("\n}", from);
        Matcher line = Pattern.compile("(?m)^ *" + name + " " + form + ";").matcher(file);
        if (from < 0
                || !line.region(from, block.isEmpty() || to < 0 ? file.length() : to)
                        .find()) {
            throw new IllegalStateException("no " + name + " in " + block);
        }
        return line.group(1);
    }
}
