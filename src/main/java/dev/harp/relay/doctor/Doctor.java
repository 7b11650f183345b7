package dev.harp.relay.doctor;

import dev.harp.relay.doctor.Finding.Verdict;
import dev.harp.relay.outbound.TargetUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Examines a running relay as its clients reach it, through whatever is in front of it, and prints a line for each
 * check: what was found and, on a fault, what to change where.
 *
 * <p>It leaves behind at most a few revoked pairings, which the relay deletes after its retention time, and makes about
 * ten calls under {@code /v1}. It sends the registration key only over connections that nobody can read, and prints no
 * secrets.
 */
public final class Doctor {
    /** The exit status without faults. */
    public static final int ALL_OK = 0;

    /** The exit status if something should be changed. */
    public static final int FAULTS = 1;

    /** The exit status for a wrong command line or environment. */
    public static final int WRONG = 2;

    /** The length of the long poll: beyond the 60 s after which most proxies give up by default. */
    public static final Duration POLL = Duration.ofSeconds(65);

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._~+/-]{16,256}=*");

    private final Site site;
    private final Duration wait;
    private final PrintStream out;
    private boolean faults;
    private boolean reached = true;

    Doctor(Site site, Duration wait, PrintStream out) {
        this.site = site;
        this.wait = wait;
        this.out = out;
    }

    @FunctionalInterface
    private interface Check {
        Finding look() throws Failed;
    }

    /**
     * Runs all checks and prints their results.
     *
     * @param url where clients reach the relay; if empty, this machine and the port in {@code PORT}
     * @param ca a file of PEM certificates to trust instead of those that come with Java
     * @param wait the length of the long poll, whole seconds
     * @param environment may contain {@code PORT} and {@code REGISTRATION_KEY}
     * @return the exit status
     */
    public static int run(
            Optional<String> url,
            Optional<Path> ca,
            Duration wait,
            Map<String, String> environment,
            PrintStream out,
            PrintStream err) {
        String port = environment.getOrDefault("PORT", "");
        String there = url.orElse("http://127.0.0.1:" + (port.isBlank() ? "8787" : port));
        Optional<TargetUrl> target = target(there);
        if (target.isEmpty()) {
            return wrong(
                    err,
                    (url.isPresent() ? "the URL is '" + Finding.ok(there).text() + "'" : "PORT is no port to call")
                            + "; allowed: http://HOST[:PORT], https://HOST[:PORT]");
        }
        Optional<String> key =
                Optional.of(environment.getOrDefault("REGISTRATION_KEY", "")).filter(text -> !text.isBlank());
        if (key.isPresent() && !KEY.matcher(key.get()).matches()) {
            return wrong(err, "REGISTRATION_KEY is not of the form that the relay accepts");
        }
        Trust trust;
        try {
            trust = ca.isPresent() ? Trust.of(ca.get()) : Trust.ofJava();
        } catch (IOException e) {
            return wrong(
                    err,
                    "--ca: '" + Finding.ok(ca.map(Path::toString).orElse("")).text()
                            + "' is no readable file with PEM certificates");
        }
        Site site = new Site(target.get(), trust, key, PATIENCE, InstantSource.system(), System::nanoTime);
        return new Doctor(site, wait, out).look();
    }

    /**
     * Parses {@code http://HOST[:PORT]} or {@code https://HOST[:PORT]}; empty if the text is anything else, or more.
     */
    static Optional<TargetUrl> target(String text) {
        return TargetUrl.parse(text) instanceof TargetUrl.Good(TargetUrl url)
                        && url.target().equals("/")
                ? Optional.of(url)
                : Optional.empty();
    }

    private static int wrong(PrintStream err, String line) {
        err.println("harp-relay doctor: " + line);
        return WRONG;
    }

    /** Runs all checks, first those that others depend on, and last the one that takes long. */
    int look() {
        BasicChecks basic = new BasicChecks(site);
        ClientChecks client = new ClientChecks(site);
        PairingChecks pairing = new PairingChecks(site, wait);
        out.println(site.target() + ", with a long poll of " + wait.toSeconds() + " s at the end");
        check("tls", basic::tls);
        reached &= check("health", basic::health).verdict() == Verdict.OK;
        check("api", basic::api);
        check("address", basic::address);
        check("app", new AppCheck(site)::page);
        check("push", basic::push);
        check("clock", basic::clock);
        check("keep-alive", basic::keepAlive);
        check("client", client::arrives);
        check("forgery", client::forged);
        check("body", pairing::body);
        check("poll", pairing::poll);
        out.println(faults ? "there is something to change" : "all is well");
        return faults ? FAULTS : ALL_OK;
    }

    private Finding check(String name, Check check) {
        Finding finding = reached ? found(check) : Finding.skip("not checked, because of the above");
        faults |= finding.isFault();
        out.printf("%-4s  %-10s  %s%n", finding.word(), name, finding.text());
        out.flush();
        return finding;
    }

    private Finding found(Check check) {
        try {
            return check.look();
        } catch (Failed e) {
            reached &= e.kind() != Failed.Kind.NOT_CONNECTED && e.kind() != Failed.Kind.OLD_VERSION;
            return Finding.fail(e.words());
        }
    }
}
