package dev.harp.relay.nginx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.doctor.Doctor;
import dev.harp.testing.Certificate;
import dev.harp.testing.Ports;
import dev.harp.testing.RelayProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code harp-relay doctor} against the relay behind {@code deploy/nginx}, as shipped and with one thing wrong at a
 * time: it names that, and nothing else. The relay's product as a process, and the real nginx; only the long poll is
 * shorter. Doctor runs as a process where its command line matters, and within this one elsewhere.
 *
 * <p>Without an nginx it is skipped, and says so; on CI, which has to have one, it fails.
 */
@Tag("long")
@Timeout(300)
@EnabledIf(value = "dev.harp.relay.nginx.NginxSite#canRun", disabledReason = NginxSite.NO_NGINX)
class DoctorIT {
    private static final String KEY = "canary-registration-key";
    private static final Duration WAIT = Duration.ofSeconds(2);
    private static final String FORWARDED = "    proxy_set_header X-Forwarded-For $remote_addr;";

    @TempDir
    static Path folder;

    private static final List<AutoCloseable> PARTS = new ArrayList<>();
    private static Certificate certificate;
    private static RelayProcess relay;

    private record Examined(int exit, List<String> lines) {

        /** The lines that ask for a change. */
        List<String> faults() {
            return lines.stream().filter(line -> line.matches("(warn|FAIL) .*")).toList();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        NginxSite.mustHaveNginx();
        certificate = Certificate.make(Files.createDirectory(folder.resolve("tls")), 90);
        relay = relay(Map.of("TRUSTED_PROXIES", "127.0.0.1", "RATE_LIMIT_CLIENT", "0"));
    }

    @AfterAll
    static void stop() throws Exception {
        for (AutoCloseable part : PARTS.reversed()) {
            part.close();
        }
    }

    @Test
    void asShipped() throws Exception {
        Nginx nginx = nginx("good", NginxFiles.asShipped(), relay);
        Examined examined = process(Map.of(), arguments(nginx, certificate));
        assertThat(examined.faults(), is(empty()));
        List<String> checks = examined.lines().subList(1, examined.lines().size() - 1);
        assertThat(
                checks.stream().filter(line -> !line.startsWith("ok ")).toList(), contains(startsWith("skip  push ")));
        assertThat(examined.lines().getLast(), startsWith("all is well, after "));
        assertThat(examined.exit(), is(0));
    }

    /** The one that most set-ups have: a read timeout that is shorter than a poll. */
    @Test
    void readTimeout() throws Exception {
        finds(
                NginxFiles.asShipped().with(1, "proxy_read_timeout 600s;", "proxy_read_timeout 1s;"),
                allOf(startsWith("FAIL  poll"), containsString("504"), containsString("proxy_read_timeout 600s")));
    }

    /** Then nginx passes on what clients write, too. */
    @Test
    void noForwardedHeader() throws Exception {
        Examined examined = examine(nginx("silent", NginxFiles.asShipped().with(1, FORWARDED, ""), relay));
        assertThat(
                examined.faults(),
                contains(
                        allOf(startsWith("FAIL  client"), containsString(FORWARDED.strip())),
                        allOf(startsWith("FAIL  forgery"), containsString(FORWARDED.strip()))));
        assertThat(examined.exit(), is(1));
    }

    @Test
    void forgedHeaderBelieved() throws Exception {
        finds(
                NginxFiles.asShipped()
                        .with(1, FORWARDED, FORWARDED.replace("$remote_addr", "$proxy_add_x_forwarded_for")),
                allOf(startsWith("FAIL  forgery"), containsString(FORWARDED.strip())));
    }

    @Test
    void proxyNotTrusted() throws Exception {
        RelayProcess doubting = relay(Map.of("TRUSTED_PROXIES", "192.0.2.1"));
        Examined examined = examine(nginx("doubted", NginxFiles.asShipped(), doubting));
        assertThat(
                examined.faults(),
                contains(allOf(
                        startsWith("FAIL  client"), containsString("127.0.0.1"), containsString("TRUSTED_PROXIES"))));
        assertThat(examined.exit(), is(1));
    }

    @Test
    void smallBodyLimit() throws Exception {
        finds(
                NginxFiles.asShipped().with(1, "client_max_body_size 128k;", "client_max_body_size 16k;"),
                allOf(startsWith("FAIL  body"), containsString("client_max_body_size 128k")));
        finds(
                NginxFiles.asShipped().with(1, "client_max_body_size 128k;", "client_max_body_size 100k;"),
                allOf(startsWith("warn  body"), containsString("client_max_body_size 128k")));
    }

    @Test
    void noKeepAlive() throws Exception {
        finds(
                NginxFiles.asShipped().with(1, "keepalive_timeout 75s;", "keepalive_timeout 0;"),
                allOf(startsWith("warn  keep-alive"), containsString("keepalive_timeout 75s")));
    }

    @Test
    void oldHttpToTheRelay() throws Exception {
        finds(
                NginxFiles.asShipped().with(1, "proxy_http_version 1.1;", "proxy_http_version 1.0;"),
                allOf(startsWith("FAIL  api"), containsString("proxy_http_version 1.1")));
    }

    @Test
    void pagesOfTheProxysOwn() throws Exception {
        finds(
                NginxFiles.asShipped()
                        .with(
                                1,
                                "error_page 413 @too_large;",
                                "error_page 413 @too_large;\nproxy_intercept_errors on;"
                                        + "\nerror_page 404 = @own;\nlocation @own { return 404; }"),
                allOf(startsWith("FAIL  api"), containsString("proxy_intercept_errors")));
    }

    @Test
    void noRelayBehind() throws Exception {
        Nginx alone = Nginx.start(
                Files.createDirectory(folder.resolve("alone")), NginxFiles.asShipped(), certificate, Ports.free());
        PARTS.add(alone);
        Examined examined = examine(alone);
        assertThat(examined.faults(), contains(allOf(startsWith("FAIL  health"), containsString("502"))));
        assertThat(examined.exit(), is(1));
    }

    /** A certificate that clients refuse: nothing is sent over such a connection. */
    @Test
    void certificates() throws Exception {
        Nginx nginx = nginx("tls-good", NginxFiles.asShipped(), relay);
        Examined unknown = process(Map.of("REGISTRATION_KEY", KEY), "https://127.0.0.1:" + nginx.tlsPort());
        assertThat(unknown.faults(), contains(allOf(startsWith("FAIL  tls"), containsString("self-signed"))));
        assertThat(unknown.exit(), is(1));

        Certificate stranger =
                Certificate.make(Files.createDirectory(folder.resolve("stranger")), 90, "DNS:other.example");
        Nginx wrongName = Nginx.start(
                Files.createDirectory(folder.resolve("name")), NginxFiles.asShipped(), stranger, relay.port());
        PARTS.add(wrongName);
        Examined named = examine(wrongName, stranger);
        assertThat(
                named.faults(), contains(matchesPattern("FAIL  tls .*is for other.example and not for 127.0.0.1: .*")));

        Certificate old = Certificate.make(Files.createDirectory(folder.resolve("old")), 2);
        Nginx ending =
                Nginx.start(Files.createDirectory(folder.resolve("ending")), NginxFiles.asShipped(), old, relay.port());
        PARTS.add(ending);
        Examined soon = examine(ending, old);
        assertThat(soon.faults(), contains(matchesPattern("warn  tls .*, 1 days from now: renew it: .*")));
        assertThat(soon.exit(), is(1));
    }

    @Test
    void registrationKey() throws Exception {
        RelayProcess closed =
                relay(Map.of("TRUSTED_PROXIES", "127.0.0.1", "RATE_LIMIT_CLIENT", "0", "REGISTRATION_KEY", KEY));
        Nginx nginx = nginx("closed-nginx", NginxFiles.asShipped(), closed);
        Examined without = examine(nginx);
        assertThat(without.faults(), contains(allOf(startsWith("warn  pairing"), containsString("REGISTRATION_KEY"))));
        Examined with = process(Map.of("REGISTRATION_KEY", KEY), arguments(nginx, certificate));
        assertThat(with.faults(), is(empty()));
        assertThat(with.exit(), is(0));
        for (Examined each : List.of(without, with)) {
            assertThat(String.join("\n", each.lines()), not(containsString(KEY)));
        }
    }

    @Test
    void withoutProxy() throws Exception {
        Examined examined = process(Map.of("PORT", Integer.toString(relay.port())), "--wait", "1");
        assertThat(examined.faults(), is(empty()));
        assertThat(examined.exit(), is(0));
    }

    @Test
    void wrongCommand() throws Exception {
        Examined examined = process(Map.of(), "relay.example.org");
        assertThat(
                examined.lines(), contains(startsWith("harp-relay doctor: the URL is 'relay.example.org'; allowed: ")));
        assertThat(examined.exit(), is(2));
    }

    // --- the parts

    private static void finds(NginxFiles files, org.hamcrest.Matcher<String> line) throws Exception {
        Examined examined = examine(nginx("nginx" + PARTS.size(), files, relay));
        assertThat(examined.faults(), contains(line));
        assertThat(examined.exit(), is(1));
    }

    private static RelayProcess relay(Map<String, String> options) throws IOException, InterruptedException {
        RelayProcess started = RelayProcess.ofProduct(options, RelayProcess.SMALL_PRODUCT);
        PARTS.add(started);
        return started;
    }

    private static Nginx nginx(String name, NginxFiles files, RelayProcess behind)
            throws IOException, InterruptedException {
        Nginx started = Nginx.start(Files.createDirectory(folder.resolve(name)), files, certificate, behind.port());
        PARTS.add(started);
        return started;
    }

    private static Examined examine(Nginx nginx) {
        return examine(nginx, certificate);
    }

    private static Examined examine(Nginx nginx, Certificate trusted) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exit = Doctor.run(
                Optional.of(url(nginx)),
                Optional.of(pem(trusted)),
                WAIT,
                Map.of(),
                new PrintStream(out, true, UTF_8),
                System.err);
        return new Examined(exit, out.toString(UTF_8).lines().toList());
    }

    private static String url(Nginx nginx) {
        return "https://127.0.0.1:" + nginx.tlsPort();
    }

    private static Path pem(Certificate trusted) {
        return trusted.folder().resolve("fullchain.pem");
    }

    private static String[] arguments(Nginx nginx, Certificate trusted) {
        return new String[] {url(nginx), "--ca", pem(trusted).toString(), "--wait", "1"};
    }

    private static Examined process(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(RelayProcess.SMALL_PRODUCT);
        command.addAll(List.of(
                "-jar",
                Optional.ofNullable(System.getProperty("harp.relay.product")).orElseThrow(),
                "doctor"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().keySet().removeAll(List.of("PORT", "REGISTRATION_KEY"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        return new Examined(process.waitFor(), lines);
    }
}
