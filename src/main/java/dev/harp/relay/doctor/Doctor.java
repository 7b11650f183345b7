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
 * <p>It makes about 35 calls under {@code /v1}, among them a whole approval. What it opens for that it removes, or
 * names if it cannot; revoked pairings stay until the relay deletes them after its retention time. It sends the
 * registration key only over connections that nobody can read, and prints no secrets.
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

    /** The longest time of everything but the long poll. */
    static final Duration LONGEST = Duration.ofMinutes(2);

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9_-]+)*?(?<!/v1|/app|/health)/?");
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
     * @param url where clients reach the relay, with the path that a proxy puts before its own; if empty, this machine
     *     and the port in {@code PORT}
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
                            + "; allowed: http://HOST[:PORT][/PATH], https://HOST[:PORT][/PATH], with the path that a"
                            + " proxy puts before /v1, /app and /health");
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
        long end = System.nanoTime() + wait.plus(LONGEST).toNanos();
        Site site = new Site(target.get(), trust, key, PATIENCE, InstantSource.system(), System::nanoTime, end);
        return new Doctor(site, wait, out).look();
    }

    /**
     * Parses {@code http://HOST[:PORT][/PATH]} or the same with https; empty if the text is anything else, or if the
     * path is one of the relay's own.
     */
    static Optional<TargetUrl> target(String text) {
        return TargetUrl.parse(text) instanceof TargetUrl.Good(TargetUrl url)
                        && PATH.matcher(url.target()).matches()
                ? Optional.of(url)
                : Optional.empty();
    }

    private static int wrong(PrintStream err, String line) {
        err.println("harp-relay doctor: " + line);
        return WRONG;
    }

    /** Runs all checks, first those that others depend on, and last the one that takes long. */
    int look() {
        long begin = site.nanoTime().getAsLong();
        BasicChecks basic = new BasicChecks(site);
        ClientChecks client = new ClientChecks(site);
        WireChecks wire = new WireChecks(site);
        Records records = new Records(site);
        ApprovalChecks approval = new ApprovalChecks(site, records);
        PairingChecks pairing = new PairingChecks(site, records, wait);
        out.println(site + ", with a long poll of " + wait.toSeconds() + " s at the end, in at most "
                + wait.plus(LONGEST).toSeconds() + " s");
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
        check("headers", wire::headers);
        reached &= !check("methods", wire::methods).isFault();
        check("cors", wire::cors);
        Finding opened = check("pairing", approval::pairing);
        reached &= opened.verdict() != Verdict.FAIL;
        boolean large = !check("body", pairing::body).isFault();
        reached &= !opened.isFault();
        check("events", approval::events);
        check("approval", () -> approval.approval(large));
        check("poll", pairing::poll);
        print("removal", records.removal());
        out.println((faults ? "there is something to change" : "all is well") + ", after "
                + Advice.seconds(site.since(begin)));
        return faults ? FAULTS : ALL_OK;
    }

    private Finding check(String name, Check check) {
        if (!reached) {
            return print(name, Finding.skip("not checked, because of the above"));
        }
        if (!site.left().isPositive()) {
            reached = false;
            return print(name, Finding.fail("not checked, and nothing below: the time is over; each answer is late"));
        }
        return print(name, found(check));
    }

    private Finding print(String name, Finding finding) {
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
