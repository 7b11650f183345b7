package dev.harp.relay.doctor;

import dev.harp.relay.doctor.Finding.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Looks at a running relay as its clients reach it, through whatever stands in front of it, and prints a line for each thing that it looks
 * at: what it has found and, on a fault, what to change where.
 *
 * <p>It leaves nothing behind but a revoked pairing or two, which the relay forgets after its retention time; it makes about ten calls under
 * {@code /v1}. It sends the registration key only where a client would be right to, and prints nothing that is secret.
 */
public final class Doctor {
    /** Everything is as it should be. */
    public static final int ALL_OK = 0;

    /** There is something to change. */
    public static final int FAULTS = 1;

    /** It was called in a wrong way. */
    public static final int WRONG = 2;

    /** How long the long poll is: beyond the minute after which most proxies, as they come, give up. */
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

    /** One thing to look at. */
    @FunctionalInterface
    private interface Check {
        Finding look() throws Failed, Unexpected;
    }

    /**
     * Looks and prints.
     *
     * @param url where clients reach the relay; if empty, this machine and the port in {@code PORT}
     * @param ca a file of PEM certificates to trust instead of those that come with Java
     * @param wait how long the long poll is, whole seconds
     * @param environment may hold {@code PORT} and {@code REGISTRATION_KEY}
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
        Optional<Target> target = Target.parse(there);
        if (target.isEmpty()) {
            return wrong(
                    err,
                    (url.isPresent() ? "the URL is '" + Finding.ok(there).text() + "'" : "PORT is no port to call")
                            + "; allowed: http://HOST[:PORT], https://HOST[:PORT]");
        }
        Optional<String> key =
                Optional.of(environment.getOrDefault("REGISTRATION_KEY", "")).filter(text -> !text.isBlank());
        if (key.isPresent() && !KEY.matcher(key.get()).matches()) {
            return wrong(err, "REGISTRATION_KEY is not of the form that the relay takes");
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
        LongSupplier nanoTime = System::nanoTime;
        Site site = new Site(target.get(), trust, key, PATIENCE, InstantSource.system(), nanoTime);
        return new Doctor(site, wait, out).look();
    }

    private static int wrong(PrintStream err, String line) {
        err.println("harp-relay doctor: " + line);
        return WRONG;
    }

    /** All checks in turn, those first on which others stand, and the one that takes long last. */
    int look() {
        BasicChecks basic = new BasicChecks(site);
        ClientChecks client = new ClientChecks(site);
        PairingChecks pairing = new PairingChecks(site, wait);
        out.println(site.target() + ", with a long poll of " + wait.toSeconds() + " s at the end");
        check("tls", basic::tls);
        reached &= check("health", basic::health).verdict() == Verdict.OK;
        check("api", basic::api);
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
        Finding finding = reached ? found(check) : Finding.skip("not looked at, because of the above");
        faults |= finding.isFault();
        out.printf("%-4s  %-10s  %s%n", finding.verdict().word(), name, finding.text());
        out.flush();
        return finding;
    }

    private Finding found(Check check) {
        try {
            return check.look();
        } catch (Failed e) {
            reached &= e.kind() != Failed.Kind.NOT_CONNECTED;
            return Finding.fail(e.words());
        } catch (Unexpected e) {
            return Finding.fail(Advice.on(e.answer()));
        }
    }
}
