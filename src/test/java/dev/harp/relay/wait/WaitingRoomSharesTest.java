package dev.harp.relay.wait;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.limit.SharedBound.Outcome;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code docs/protocol.md}, section 8.4: strangers who take all the places that they can get. */
@Timeout(300)
class WaitingRoomSharesTest {
    private static final int PLACES = 5_200;

    /** A tenth. */
    private static final int NETWORK = 520;

    /** A hundredth is less than what a busy agent needs. */
    private static final int PAIRING = 64;

    private static final Opener GREEDY = new Opener(List.of("4-1111111111111111"));
    private static final Opener OTHER = new Opener(List.of("4-2222222222222222"));

    private final WaitingRoom room =
            new WaitingRoom(4, PLACES, new Shares(10), () -> 0, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);
    private final List<Waiter> inside = new ArrayList<>();
    private int topics;

    private Topic device(int number) {
        return new Topic.OfDevice(Samples.device(number));
    }

    private Outcome enter(Topic topic, Opener opener) {
        WaitingRoom.Entry entry = room.enter(topic, opener);
        entry.waiter().ifPresent(inside::add);
        return entry.outcome();
    }

    /** How many more calls of the client get a place, each with a device of its own. */
    private int fill(Opener opener) {
        int more = 0;
        while (enter(device(++topics), opener) == Outcome.TAKEN) {
            more++;
        }
        return more;
    }

    @Test
    void oneAddressTakesItsShareAndAnotherStillWaits() {
        assertThat(fill(GREEDY), is(NETWORK));
        assertThat(enter(device(100_000), GREEDY), is(Outcome.SHARE_HELD));
        assertThat(fill(OTHER), is(NETWORK));
        assertThat(room.holders(), is(Map.of("4-1111111111111111", 520L, "4-2222222222222222", 520L)));
        inside.removeFirst().close();
        assertThat("what was given back is free", fill(GREEDY), is(1));
        inside.forEach(Waiter::close);
        assertThat(room.holders(), is(Map.of()));
        assertThat(room.waiters(), is(0));
    }

    @Test
    void aHostWithAWholePrefixTakesThreeShares() {
        int all = 0;
        for (int i = 0; i < 8; i++) {
            all += fill(new Opener(List.of("64-" + i, "56-" + i / 4, "48-1")));
        }
        assertThat(all, is(3 * NETWORK));
        assertThat(fill(new Opener(List.of("64-9", "56-9", "48-9"))), is(NETWORK));
    }

    @Test
    void onePairingTakesItsShareOnWhateverItWaitsFor() {
        int taken = 0;
        while (enter(new Topic.OfRequest(Samples.key(1, taken)), Opener.NONE) == Outcome.TAKEN) {
            taken++;
        }
        assertThat(taken, is(PAIRING));
        assertThat(enter(new Topic.OfPairing(Samples.pair(1)), Opener.NONE), is(Outcome.SHARE_HELD));
        assertThat(enter(new Topic.OfHistory(Samples.pair(1)), Opener.NONE), is(Outcome.SHARE_HELD));
        assertThat(enter(new Topic.OfPairing(Samples.pair(2)), Opener.NONE), is(Outcome.TAKEN));
    }

    /** Two addresses must not hold more than their two shares by displacing each other's calls. */
    @Test
    void aPlaceThatIsTakenOverCountsForTheOneThatWaitsNow() {
        Topic topic = device(++topics);
        for (int i = 0; i < 4; i++) {
            assertThat(enter(topic, GREEDY), is(Outcome.TAKEN));
        }
        assertThat(enter(topic, OTHER), is(Outcome.TAKEN));
        assertThat(inside.getFirst().await(0), is(WakeReason.DISPLACED));
        assertThat(room.holders(), is(Map.of("4-1111111111111111", 3L, "4-2222222222222222", 1L)));
        assertThat(fill(OTHER), is(NETWORK - 1));
        assertThat("it has its share", enter(topic, OTHER), is(Outcome.SHARE_HELD));
        assertThat("so nobody was displaced", inside.get(1).await(0), is(WakeReason.DEADLINE));
        assertThat(fill(GREEDY), is(NETWORK - 3));
        assertThat("its own oldest call makes way", enter(topic, GREEDY), is(Outcome.TAKEN));
        assertThat(inside.get(1).await(0), is(WakeReason.DISPLACED));
        inside.forEach(Waiter::close);
        assertThat(room.holders(), is(Map.of()));
    }

    /** A client that comes back at once, as after a lost connection, is not refused for the place that it left. */
    @Test
    void aFullRoomLetsACallTakeOverItsOwnPlace() {
        WaitingRoom small = new WaitingRoom(1, 1, Shares.NONE, () -> 0, WaitingRoom.NEVER, _ -> {}, ClientWatch.NONE);
        assertThat(small.enter(device(1), GREEDY).outcome(), is(Outcome.TAKEN));
        assertThat(small.enter(device(2), OTHER).outcome(), is(Outcome.ALL_HELD));
        assertThat(small.enter(device(1), OTHER).outcome(), is(Outcome.TAKEN));
        assertThat(small.holders(), is(Map.of("4-2222222222222222", 1L)));
    }
}
