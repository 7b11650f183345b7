package dev.harp.relay.protocol;

import static dev.harp.relay.protocol.Samples.T0;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.sameInstance;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The notices to a platform, their order and their times ({@code docs/protocol.md}, section 7.11). */
class WebhookScheduleTest {
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final Callback CALLBACK = new Callback("https://good.example/", "a secret of a platform");
    private static final Pairing PAIRING = Samples.active(1, 1, T0);

    private Instant now = T0;
    private Request request =
            Samples.open(Samples.key(1, 1), 1, T0, TTL).withWebhook(Optional.of(WebhookState.of(CALLBACK)));
    private final List<String> told = new ArrayList<>();

    private void happens(RequestEvent event) {
        request = Transitions.apply(PAIRING, request, event, now).record();
    }

    private WebhookNotice due() {
        return WebhookSchedule.due(request, now).orElseThrow();
    }

    private void tell() {
        while (WebhookSchedule.due(request, now).isPresent()) {
            told.add(due().number() + " " + due().state());
            request = WebhookSchedule.over(request, due(), now);
        }
    }

    @Test
    void newRequestHasNoNotice() {
        assertThat(WebhookSchedule.due(request, now), is(Optional.empty()));
        assertThat(Samples.TERMS.dueAt(request), is(T0.plus(TTL)));
        happens(new RequestEvent.Tick());
        assertThat(WebhookSchedule.due(request, now), is(Optional.empty()));
    }

    /** A queue of thousands holds no answers; who claims the notice has it from the record. */
    @Test
    void aNoticeIsClaimedWithoutItsAnswer() {
        happens(new RequestEvent.Respond(Samples.answer(1)));
        WebhookNotice queued = due().withoutAnswer();
        assertThat(queued.answer(), is(Optional.empty()));
        Request claimed =
                WebhookSchedule.claimed(request, queued, Optional.empty(), now).orElseThrow();
        assertThat(WebhookSchedule.next(claimed).orElseThrow().answer(), is(Optional.of(Samples.answer(1))));
        assertThat(WebhookSchedule.claimed(claimed, queued, Optional.empty(), now), is(Optional.empty()));
    }

    @Test
    void deliveredThenResponded() {
        happens(new RequestEvent.Read());
        tell();
        happens(new RequestEvent.Respond(Samples.answer(1)));
        assertThat(due().answer(), is(Optional.of(Samples.answer(1))));
        tell();
        assertThat(told, is(List.of("0 delivered", "1 responded")));
        happens(new RequestEvent.Tick());
        assertThat(WebhookSchedule.due(request, now.plus(TTL)), is(Optional.empty()));
    }

    /** The first notice is still being attempted when the second arises. */
    @Test
    void endIsNotSentBeforeDelivered() {
        happens(new RequestEvent.Read());
        request = WebhookSchedule.claimed(request, now).orElseThrow();
        happens(new RequestEvent.Cancel());
        assertThat(WebhookSchedule.due(request, now), is(Optional.empty()));
        now = now.plus(WebhookSchedule.CLAIM);
        assertThat(due().state(), is("delivered"));
        tell();
        assertThat(told, is(List.of("0 delivered", "1 cancelled")));
    }

    @Test
    void unreadRequestHasOneNotice() {
        now = T0.plus(TTL).plusSeconds(5);
        happens(new RequestEvent.Tick());
        assertThat(due().at(), is(T0.plus(TTL)));
        tell();
        assertThat(told, is(List.of("0 expired")));
    }

    @Test
    void threeAttemptsFiveSecondsApart() {
        happens(new RequestEvent.Cancel());
        for (int attempt = 1; attempt < WebhookSchedule.ATTEMPTS; attempt++) {
            request = WebhookSchedule.failed(request, due(), Optional.empty(), now);
            assertThat(Samples.TERMS.dueAt(request), is(now.plus(WebhookSchedule.BETWEEN)));
            now = now.plus(WebhookSchedule.BETWEEN);
        }
        request = WebhookSchedule.failed(request, due(), Optional.empty(), now);
        assertThat(WebhookSchedule.due(request, now.plus(TTL)), is(Optional.empty()));
        assertThat(request.webhook().orElseThrow().told(), is(1));
    }

    @Test
    void receiverMayAskForABoundedPause() {
        happens(new RequestEvent.Cancel());
        assertThat(pause(Duration.ofSeconds(1)), is(WebhookSchedule.BETWEEN));
        assertThat(pause(Duration.ofSeconds(30)), is(Duration.ofSeconds(30)));
        assertThat(pause(Duration.ofDays(1)), is(WebhookSchedule.LONGEST_PAUSE));
    }

    private Duration pause(Duration asked) {
        return Duration.between(
                now, Samples.TERMS.dueAt(WebhookSchedule.failed(request, due(), Optional.of(asked), now)));
    }

    /** A slow relay, whose claim another one has taken over, changes nothing. */
    @Test
    void lateOutcomeChangesNothing() {
        happens(new RequestEvent.Read());
        WebhookNotice late = due();
        tell();
        happens(new RequestEvent.Cancel());
        assertThat(WebhookSchedule.over(request, late, now), is(sameInstance(request)));
        assertThat(WebhookSchedule.failed(request, late, Optional.empty(), now), is(sameInstance(request)));
    }

    @Test
    void afterGoneThereAreNoNotices() {
        happens(new RequestEvent.Read());
        request = WebhookSchedule.abandoned(request);
        happens(new RequestEvent.Cancel());
        assertThat(WebhookSchedule.due(request, now), is(Optional.empty()));
    }

    @Test
    void noSecretIsPrinted() {
        happens(new RequestEvent.Cancel());
        assertThat((request + " " + due()).contains("secret of"), is(false));
        assertThat((request + " " + due()).contains("good.example"), is(false));
    }

    @Test
    void callbackCountsInTheFootprint() {
        long without = Footprint.of(Samples.open(Samples.key(1, 1), 1, T0, TTL), Samples.TERMS);
        assertThat(
                Footprint.of(request, Samples.TERMS) - without,
                is((long) CALLBACK.url().length() + CALLBACK.secret().length()));
    }
}
