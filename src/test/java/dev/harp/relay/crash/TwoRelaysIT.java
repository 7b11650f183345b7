package dev.harp.relay.crash;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.in;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.nginx.Nginx;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Two relays on one Redis behind a real nginx, killed or restarted in turn.
 *
 * <p>Without an nginx it is skipped, and says so; on CI, which has to have one, it fails.
 */
@Tag("long")
@Isolated("loads the machine")
@Timeout(600)
@EnabledIf(value = "dev.harp.relay.nginx.Nginx#canRun", disabledReason = Nginx.MISSING)
class TwoRelaysIT {
    private static final PrintStream OUT = System.out;
    private static final int APPROVALS = 200;

    @TempDir
    Path folder;

    /** Approvals go on while one relay, then the other, is killed and comes back. */
    @Test
    void killedInTurnTheyLoseNothing() throws Exception {
        try (TwoRelays both = new TwoRelays(folder);
                CrashRun run = new CrashRun("two relays", both.uri(), both.tls())) {
            AtomicInteger turn = new AtomicInteger();
            run.losesNothing(() -> {
                RelayNode next = both.relays().get(turn.getAndIncrement() % 2);
                next.kill();
                next.start().awaitReady();
            });
        }
    }

    /** Polls wait on both sides of 200 approvals while one relay after the other is told to stop, and started again. */
    @Test
    void aRollingRestartFailsNoApproval() throws Exception {
        Tally tally = new Tally();
        try (TwoRelays both = new TwoRelays(folder);
                PatientClient client = new PatientClient(both.uri(), both.tls(), tally, Duration.ofMinutes(1));
                Approvals approvals = new Approvals(client, APPROVALS)) {
            approvals.pairUp();
            approvals.ask();
            Map<String, Long> before = tally.retries();
            List<Integer> exits = new ArrayList<>();
            for (RelayNode each : both.relays()) {
                Approvals.Deciding deciding = approvals.decide(APPROVALS / 4);
                each.terminate();
                exits.add(each.ended());
                each.start().awaitReady();
                deciding.await();
                approvals.decide(APPROVALS / 4).await();
            }
            Map<String, Long> repeated = tally.retries();
            // Every phone still listens.
            approvals.ask();
            approvals.decide(APPROVALS).await();
            List<String> ends = approvals.ends();
            OUT.println("rolling restart: approvals in flight " + APPROVALS + " and afterwards " + APPROVALS
                    + ", ended "
                    + ends.size() + ", failed clients " + approvals.failures().size() + ", calls repeated " + repeated
                    + ", of these before it " + before);
            assertThat(approvals.failures(), is(empty()));
            assertThat(ends.size(), is(2 * APPROVALS));
            assertThat(ends, everyItem(is("responded")));
            assertThat(exits, everyItem(is(0)));
            // What a relay that is busy or on its way out may say, and nothing else: no 502 of the proxy.
            assertThat(
                    tally.retries().keySet(),
                    everyItem(is(in(Set.of("503 shutting_down", "503 store_unavailable", "connection lost")))));
            Findings findings = approvals.audit();
            OUT.println(findings.lifecycle("rolling restart", "restarts 2"));
            assertThat(findings.missing(), is(empty()));
            assertThat(findings.contradicted(), is(empty()));
            assertThat(findings.acknowledged(), is(greaterThan(5L * APPROVALS)));
        }
    }
}
