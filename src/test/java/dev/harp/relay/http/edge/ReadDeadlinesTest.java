package dev.harp.relay.http.edge;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The time that a client has to take an answer. */
class ReadDeadlinesTest {
    private static final Duration BODY = Duration.ofSeconds(20);

    private final AtomicLong nanoTime = new AtomicLong(-5);
    private final ReadDeadlines deadlines =
            new ReadDeadlines(new Timeouts(Duration.ofSeconds(10), BODY, Duration.ofSeconds(60)), nanoTime::get);

    private Duration left(int bytes) {
        deadlines.startWrite(bytes);
        return Duration.ofNanos(deadlines.current().due() - nanoTime.get());
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }

    @Test
    void theWritesOfOneAnswerShareItsTime() {
        assertThat(left(0), is(BODY));
        pass(Duration.ofSeconds(15));
        deadlines.done();
        assertThat(left(0), is(Duration.ofSeconds(5)));
        deadlines.done();
        assertThat("each write has its size", left(ReadDeadlines.SLOWEST_READER), is(Duration.ofSeconds(6)));
        pass(Duration.ofSeconds(6));
        assertThat(deadlines.current().late(nanoTime.get()), is(true));
    }

    /** What the relay itself takes between two writes, as on a stream of events, is not the client's. */
    @Test
    void onlyTheTimeOfWritesCounts() {
        assertThat(left(0), is(BODY));
        deadlines.done();
        pass(Duration.ofHours(1));
        assertThat(left(0), is(BODY));
    }

    /** A stream that has sent many megabytes to a client that then stalls. */
    @Test
    void whatWasTakenAtOnceGivesNoCredit() {
        for (int i = 0; i < 100; i++) {
            assertThat(left(ReadDeadlines.SLOWEST_READER), is(BODY.plusSeconds(1)));
            deadlines.done();
        }
        assertThat(left(0), is(BODY));
    }

    @Test
    void theNextAnswerHasItsOwn() {
        assertThat(left(0), is(BODY));
        pass(Duration.ofSeconds(15));
        deadlines.done();
        deadlines.idle();
        assertThat(left(0), is(BODY));
    }
}
