package dev.harp.relay.crash;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.testing.RedisServer;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A Redis that holds its connections and answers nothing, as one does whose machine hangs, and then goes on. */
@Tag("long")
@Isolated("loads the machine")
@Timeout(600)
class PausedRedisIT {
    private static final PrintStream OUT = System.out;

    /** {@code -Dharp.crash.pause=10} pauses for longer than the everyday build has time for ({@code bench/crash}). */
    private static final Duration PAUSE = Duration.ofSeconds(Integer.getInteger("harp.crash.pause", 5));

    private static final int COUPLES = 16;
    private static final int PARKED = 20;

    @TempDir
    Path folder;

    /**
     * Calls are answered within bounds meanwhile, what was acknowledged stays, and all that waits is answered
     * afterwards.
     */
    @Test
    void callsAreAnsweredAndPollsSurvive() throws Exception {
        ClientLedger lifecycle = new ClientLedger();
        Tally tally = new Tally();
        Tally parked = new Tally();
        try (RedisServer redis = RedisServer.startDurable();
                RelayNode relay =
                        new RelayNode(Map.of("STORE", redis.url())).start().awaitReady();
                PatientClient working =
                        new PatientClient(relay.uri(), Optional.empty(), tally, Duration.ofMillis(100));
                PatientClient waiting =
                        new PatientClient(relay.uri(), Optional.empty(), parked, Duration.ofSeconds(1));
                Approvals approvals = new Approvals(waiting, PARKED)) {
            approvals.pairUp();
            approvals.ask();
            Load load = Load.start(working, lifecycle, COUPLES, new Random().nextLong());
            load.awaitMore(100);
            Map<String, Long> before = tally.counts();

            redis.pause();
            long paused = System.nanoTime();
            relay.awaitReady(false);
            Duration noticed = since(paused);
            Thread.sleep(
                    PAUSE.compareTo(noticed) > 0
                            ? PAUSE.minus(noticed)
                            : Duration.ZERO); // how long Redis is away is the subject
            Map<String, Long> during = difference(tally.counts(), before);

            Duration stopped = since(paused);
            redis.resume();
            long resumed = System.nanoTime();
            load.awaitMore(1);
            Duration first = since(resumed);
            relay.awaitReady();
            Duration ready = since(resumed);
            approvals.decide(PARKED).await();
            List<String> ends = approvals.ends();
            Duration served = since(resumed);
            load.awaitMore(100);
            load.finish();
            Findings findings = Audit.of(lifecycle, working::get, InstantSource.system(), tally.unknown());

            OUT.println("Redis stopped for " + stopped.toMillis() + " ms: /ready said so after " + noticed.toMillis()
                    + " ms, answers and failures meanwhile " + during + ", slowest answer "
                    + tally.slowest().toMillis() + " ms; after it went on: first success after " + first.toMillis()
                    + " ms, /ready after " + ready.toMillis() + " ms, all " + PARKED + " waiting approvals after "
                    + served.toMillis() + " ms, met by them " + parked.retries());
            OUT.println(findings.lifecycle("redis stopped", "stops 1"));
            assertThat(load.failures(), is(empty()));
            assertThat(approvals.failures(), is(empty()));
            assertThat(ends.size(), is(PARKED));
            assertThat(ends, everyItem(is("responded")));
            assertThat(during, hasKey("503 store_unavailable"));
            assertThat(tally.counts(), not(hasKey("timed out")));
            assertThat(parked.counts(), not(hasKey("timed out")));
            assertThat(findings.missing(), is(empty()));
            assertThat(findings.contradicted(), is(empty()));
            assertThat(approvals.audit().contradicted(), is(empty()));
            assertThat(approvals.audit().missing(), is(empty()));
        }
    }

    private static Duration since(long nanoTime) {
        return Duration.ofNanos(System.nanoTime() - nanoTime);
    }

    private static Map<String, Long> difference(Map<String, Long> after, Map<String, Long> before) {
        Map<String, Long> all = new TreeMap<>(after);
        before.forEach((kind, count) -> all.merge(kind, -count, Long::sum));
        all.values().removeIf(count -> count == 0);
        return all;
    }
}
