package dev.harp.relay.protocol;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Until when push notifications are attempted, and when again. */
class PushScheduleTest {
    private static final Instant T0 = Samples.T0;
    private static final Request ASKED = Samples.open(Samples.key(1, 1), 1, T0, Duration.ofSeconds(300));
    private static final Request BEGUN = PushSchedule.begun(ASKED, T0);

    private static Instant dueAt(Request request) {
        return PushSchedule.dueAt(request).orElseThrow();
    }

    @Test
    void submissionClaimsTheFirstAttempt() {
        assertThat(PushSchedule.claimed(BEGUN, T0), is(Optional.empty()));
        assertThat(PushSchedule.claimed(BEGUN, T0.plus(PushSchedule.CLAIM).minusMillis(1)), is(Optional.empty()));
        Request taken = PushSchedule.claimed(BEGUN, T0.plus(PushSchedule.CLAIM)).orElseThrow();
        assertThat(dueAt(taken), is(T0.plus(PushSchedule.CLAIM).plus(PushSchedule.CLAIM)));
    }

    @Test
    void readOrEndedRequestIsNotAttempted() {
        Instant late = T0.plusSeconds(200);
        assertThat(PushSchedule.claimed(BEGUN.delivered(T0), late), is(Optional.empty()));
        for (Request.State end : List.of(new Request.Expired(), new Request.Cancelled(T0))) {
            assertThat(PushSchedule.claimed(BEGUN.ended(end), late), is(Optional.empty()));
        }
        assertThat(PushSchedule.claimed(ASKED, late), is(Optional.empty()));
    }

    /** The outcome of an attempt that was under way still counts, once. */
    @Test
    void firstOutcomeStays() {
        Request read = BEGUN.delivered(T0);
        Request accepted = PushSchedule.over(read, new PushState.Accepted());
        assertThat(accepted.push(), is(new PushState.Accepted()));
        assertThat(PushSchedule.over(accepted, new PushState.Failed()), is(accepted));
        assertThat(PushSchedule.failed(accepted, Optional.empty(), T0), is(accepted));
        assertThat(PushSchedule.over(ASKED, new PushState.Failed()), is(ASKED));
    }

    @Test
    void failuresBackOffAndAreGivenUp() {
        List<Long> pauses = new ArrayList<>();
        Request request = BEGUN;
        Instant now = T0;
        while (request.push() instanceof PushState.Due) {
            request = PushSchedule.failed(request, Optional.empty(), now);
            if (request.push() instanceof PushState.Due) {
                pauses.add(Duration.between(now, dueAt(request)).toSeconds());
                now = dueAt(request);
                request = PushSchedule.claimed(request, now).orElseThrow();
            }
        }
        assertThat(pauses, is(List.of(2L, 10L, 30L, 60L)));
        assertThat(request.push(), is(new PushState.Failed()));
        assertThat(PushSchedule.ATTEMPTS, is(5));
    }

    @Test
    void serviceMayAskForABoundedPause() {
        assertThat(dueAt(PushSchedule.failed(BEGUN, Optional.of(Duration.ofSeconds(1)), T0)), is(T0.plusSeconds(2)));
        assertThat(dueAt(PushSchedule.failed(BEGUN, Optional.of(Duration.ofSeconds(45)), T0)), is(T0.plusSeconds(45)));
        assertThat(
                dueAt(PushSchedule.failed(BEGUN, Optional.of(Duration.ofDays(9)), T0)),
                is(T0.plus(PushSchedule.LONGEST_PAUSE)));
    }

    /** A claim that lapses makes the request due, but not if no notification is needed any more. */
    @Test
    void claimMakesTheRequestDue() {
        ProtocolLimits terms =
                new ProtocolLimits(Duration.ofSeconds(300), Duration.ofSeconds(300), 100, 65_536, 65_536);
        assertThat(terms.dueAt(BEGUN), is(T0.plus(PushSchedule.CLAIM)));
        assertThat(terms.dueAt(BEGUN.delivered(T0)), is(ASKED.expiresAt()));
        assertThat(terms.dueAt(ASKED), is(ASKED.expiresAt()));
    }
}
