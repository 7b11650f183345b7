package dev.harp.relay.crash;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import javax.net.ssl.SSLContext;

/** Clients at work while something is killed again and again, and the audit of what they were told. */
final class CrashRun implements AutoCloseable {
    /** {@code -Dharp.crash.kills=20} kills more often than the everyday build has time for ({@code bench/crash}). */
    static final int KILLS = Integer.getInteger("harp.crash.kills", 3);

    private static final PrintStream OUT = System.out;
    private static final int COUPLES = 24;
    private static final int PROGRESS = 150;
    private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

    private final String name;
    private final ClientLedger lifecycle = new ClientLedger();
    private final Tally tally = new Tally();
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private final PatientClient client;

    /** Kills something and brings it back. */
    interface Kill {
        void again() throws Exception;
    }

    /** @param name of the ledger that is printed */
    CrashRun(String name, URI relay, Optional<SSLContext> tls) {
        this.name = name;
        this.client = new PatientClient(relay, tls, tally, LONGEST_PAUSE);
    }

    CrashRun(String name, URI relay) {
        this(name, relay, Optional.empty());
    }

    /** Lets clients work. */
    Load load() {
        return Load.start(client, lifecycle, COUPLES, seed);
    }

    /** Waits until clients were told some more, a little less or more each time. */
    void awaitProgress(Load load) throws InterruptedException {
        load.awaitMore(PROGRESS + random.nextInt(PROGRESS));
    }

    /** Kills while clients work, once more when they are done, and reads back: all is there, and as they were told. */
    void losesNothing(Kill kill) throws Exception {
        Load load = load();
        for (int i = 1; i < KILLS; i++) {
            awaitProgress(load);
            kill.again();
        }
        awaitProgress(load);
        load.finish();
        kill.again();
        Findings findings = findings("kills " + KILLS);
        assertThat(load.failures(), is(empty()));
        assertThat(findings.missing(), is(empty()));
        assertThat(findings.contradicted(), is(empty()));
        assertThat(findings.found(), is(findings.acknowledged()));
        assertThat(findings.acknowledged(), is(greaterThan((long) KILLS * PROGRESS)));
    }

    /**
     * Reads back, and prints the ledger.
     *
     * @param what has been done to the relay
     */
    Findings findings(String what) throws InterruptedException {
        Findings findings = Audit.of(lifecycle, client::get, InstantSource.system(), tally.unknown());
        OUT.println(findings.lifecycle(name, what));
        OUT.println("  " + name + ": seed " + seed + ", answers and failures met: " + tally.counts());
        return findings;
    }

    @Override
    public void close() {
        client.close();
    }
}
