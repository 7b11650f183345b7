package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.NO_WAIT;
import static dev.harp.relay.service.Rig.ok;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThan;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.limit.InFlight;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.memory.MemoryStore;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists and streams while others hold the memory for answers: pages get smaller, and no request is lost. */
class SmallPagesTest {
    private static final int REQUESTS = 12;
    private static final Duration TIME = Duration.ofSeconds(300);
    private static final ProtocolLimits TERMS = new ProtocolLimits(TIME, TIME, REQUESTS, 65_536, 16_384);
    private static final String TEXT = "A".repeat(TERMS.maxCiphertext());
    private static final long ONE = RequestLists.memory(TEXT.length());

    private final Rig rig = new Rig(new MemoryStore(TERMS, Rig.ROOMY), TERMS, 0, 10_000);
    private final Rig.Pair pair = rig.pair();

    /** Of one client, which has a quarter of it. */
    private final InFlight<String> memory = new InFlight<>(4 * 10 * ONE, Duration.ZERO);

    private final Allowance others = memory.of("client");
    private final Allowance mine = memory.of("client");

    @BeforeEach
    void submit() {
        for (int i = 0; i < REQUESTS; i++) {
            Submission large = new Submission(pair.key(rig.id(i)), new Envelope("AAAA", TEXT), Rig.MINUTE);
            var _ = ok(rig.requests.submit(pair.platform(), large).result());
        }
    }

    private Page list(Optional<Cursor> after) {
        return ok(rig.devices.inbox(pair.phone(), after, NO_WAIT, mine));
    }

    @Test
    void aListHoldsWhatItIsAboutToWrite() {
        int entries = list(Optional.empty()).entries().size();
        assertThat(entries, is(greaterThan(2)));
        assertThat(memory.held(), is(entries * ONE));
        mine.close();
        assertThat(memory.held(), is(0L));
    }

    @Test
    void pagesGetSmallerAndLoseNothing() {
        int usual = list(Optional.empty()).entries().size();
        mine.close();
        assertThat(others.hold(7 * ONE), is(true));
        Page page = list(Optional.empty());
        int read = 0;
        while (!page.entries().isEmpty()) {
            assertThat(page.entries().size(), is(lessThan(usual)));
            assertThat(memory.held(), is(lessThanOrEqualTo(10 * ONE)));
            read += page.entries().size();
            mine.close();
            page = list(Optional.of(page.cursor()));
        }
        assertThat(read, is(REQUESTS));
    }

    @Test
    void theLeastPageIsOneRequest() {
        assertThat(others.hold(9 * ONE), is(true));
        assertThat(list(Optional.empty()).entries().size(), is(1));
    }

    /** Nothing is read, so nothing counts as delivered. */
    @Test
    void withoutMemoryNothingIsRead() {
        assertThat(others.hold(10 * ONE), is(true));
        assertThrows(NoRoom.class, () -> list(Optional.empty()));
        assertThat(rig.state(pair, rig.id(0)), is("pending"));
        assertThat(memory.held(), is(10 * ONE));
    }

    /** A stream that finds no memory for its next update has not passed over it. */
    @Test
    void aStreamGoesOnWhereItWas() {
        RequestLists lists = new RequestLists(rig.store, rig.lifecycle, 20, 1 << 18);
        DeviceSource stream = new DeviceSource(lists, pair.phone(), Optional.empty(), mine);
        int read = stream.read(Seen.NOTHING)
                .update()
                .orElseThrow()
                .page()
                .entries()
                .size();
        mine.close();
        assertThat(others.hold(10 * ONE), is(true));
        assertThrows(NoRoom.class, () -> stream.read(Seen.NOTHING));
        others.close();
        while (read < REQUESTS) {
            read += stream.read(Seen.NOTHING)
                    .update()
                    .orElseThrow()
                    .page()
                    .entries()
                    .size();
        }
        assertThat(read, is(REQUESTS));
        assertThat(stream.read(Seen.NOTHING).update().isPresent(), is(false));
        assertThat("a stream that waits holds nothing", memory.held(), is(0L));
    }

    /** The history is read with the questions of open requests, although the platform is not sent them. */
    @Test
    void aHistoryCountsQuestions() {
        RequestLists lists = new RequestLists(rig.store, rig.lifecycle, 20, 1 << 18);
        Page page = lists.history(pair.id(), Optional.empty(), mine);
        assertThat(page.entries().size(), is(lessThan(REQUESTS)));
        assertThat(memory.held(), is(page.entries().size() * ONE));
    }
}
