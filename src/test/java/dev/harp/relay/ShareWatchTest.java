package dev.harp.relay;

import static dev.harp.relay.TestRelay.NO_BODY;
import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.relay.TestRelay.Phone;
import dev.harp.testing.LogCapture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The operator is told of a network that holds half of its share, long before that network is refused. */
class ShareWatchTest extends AdminRig {
    private static final String[] SMALL = {
        "NETWORK_SHARE=10", "MAX_DEVICES=16", "MAX_WAITERS=8", "TRUSTED_PROXIES=127.0.0.1"
    };

    private final LogCapture log = LogCapture.of("dev.harp");

    @AfterEach
    void endCapture() {
        log.close();
    }

    /** At most half of 16 devices are one network's, and half of that is told. */
    @Test
    void halfOfAShareIsAWarningOnceAnHour() {
        TestRelay relay = frozen(SMALL);
        for (int i = 0; i < 3; i++) {
            relay.call("POST", "/v1/devices", "", "{}", "X-Forwarded-For: 203.0.113.7")
                    .is(201);
        }
        relay.call("POST", "/v1/devices", "", "{}", "X-Forwarded-For: 203.0.113.8")
                .is(201);
        relay.relay().watchShares();
        assertThat(log.events("share_half"), hasSize(0));
        shows(relay, "harp_relay_share_used_ratio{measure=\"devices\"} 0.375");
        relay.call("POST", "/v1/devices", "", "{}", "X-Forwarded-For: 203.0.113.7")
                .is(201);
        for (int minute = 0; minute < 61; minute++) {
            relay.relay().watchShares();
            relay.pass(Duration.ofMinutes(1));
        }
        List<String> told = log.events("share_half");
        assertThat(told, hasSize(2));
        assertThat(
                told.getFirst(), startsWith("WARNING a network holds half of its share; if it is a proxy, TRUSTED_P"));
        assertThat(told.getFirst(), containsString("measure=devices, held=4, share=8}"));
        assertThat(told.getFirst(), containsString("{network=4-"));
        assertThat("no address", log.text(), not(containsString("203.0.113.7,")));
        shows(relay, "harp_relay_share_used_ratio{measure=\"devices\"} 0.5");
    }

    @Test
    void waitingCallsCountToo() {
        TestRelay relay = start(SMALL);
        Phone phone = relay.phone();
        for (int i = 1; i <= 2; i++) {
            int waiting = i;
            CompletableFuture<?> poll = CompletableFuture.supplyAsync(
                    () -> relay.call(
                            "GET",
                            "/v1/devices/" + phone.id() + "/requests?wait=500",
                            phone.token(),
                            NO_BODY,
                            "X-Forwarded-For: 203.0.113.7"),
                    RelayCalls.THREADS);
            until(() -> relay.relay().waiters() == waiting || poll.isDone());
        }
        relay.relay().watchShares();
        assertThat(log.events("share_half").getFirst(), containsString("measure=waiters, held=2, share=4}"));
        // Which ends the polls: otherwise the test lasts until their clients give up.
        relay.call("DELETE", "/v1/devices/" + phone.id(), phone.token(), NO_BODY)
                .is(204);
    }
}
