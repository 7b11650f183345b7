package dev.harp.relay.limit;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.limit.SharedBound.Outcome;
import dev.harp.relay.limit.SharedBound.Share;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SharedBoundTest {
    private static final List<Share<String>> NOBODY = List.of();

    private final SharedBound<String> bound = new SharedBound<>(10);

    @Test
    void noHolderTakesMoreThanItsShareAndAnotherStillGetsSome() {
        assertThat(bound.take(4, share("greedy", 4)), is(Outcome.TAKEN));
        assertThat(bound.take(1, share("greedy", 4)), is(Outcome.SHARE_HELD));
        assertThat(bound.take(4, share("other", 4)), is(Outcome.TAKEN));
        assertThat(bound.take(3, share("third", 4)), is(Outcome.ALL_HELD));
        assertThat(bound.held(), is(8L));
    }

    @Test
    void aWiderHolderIsBoundedWhateverItsPartsAre() {
        assertThat(bound.take(3, List.of(new Share<>("a/64", 4), new Share<>("a/48", 5))), is(Outcome.TAKEN));
        assertThat(bound.take(3, List.of(new Share<>("b/64", 4), new Share<>("a/48", 5))), is(Outcome.SHARE_HELD));
        assertThat("nothing of it was taken", bound.holders(), is(Map.of("a/64", 3L, "a/48", 3L)));
    }

    @Test
    void whatIsPassedOnFitsWhereNothingElseDoes() {
        bound.take(6, share("a", 6));
        bound.take(4, share("b", 4));
        assertThat(bound.passOn(1, share("a", 6), share("b", 4)), is(Outcome.SHARE_HELD));
        assertThat("nothing was passed on", bound.holders(), is(Map.of("a", 6L, "b", 4L)));
        assertThat(bound.passOn(1, share("a", 6), share("a", 6)), is(Outcome.TAKEN));
        assertThat(bound.passOn(1, share("a", 6), share("c", 4)), is(Outcome.TAKEN));
        assertThat(bound.holders(), is(Map.of("a", 5L, "b", 4L, "c", 1L)));
        assertThat(bound.held(), is(10L));
    }

    @Test
    void whatIsGivenBackIsFreeAndItsHolderForgotten() {
        bound.take(10, share("a", 10));
        bound.release(4, share("a", 10));
        assertThat(bound.held("a"), is(6L));
        assertThat(bound.take(4, NOBODY), is(Outcome.TAKEN));
        bound.release(6, share("a", 10));
        assertThat(bound.holders(), is(Map.of()));
        assertThat(bound.held(), is(4L));
    }

    @Test
    void concurrentHoldersNeverExceedTheBound() throws Exception {
        AtomicInteger taken = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1000; i++) {
                String holder = "h" + i % 7;
                var _ = threads.submit(
                        () -> bound.take(1, share(holder, 2)) == Outcome.TAKEN ? taken.incrementAndGet() : 0);
            }
        }
        assertThat(taken.get(), is(10));
        assertThat(bound.held(), is(10L));
    }

    private static List<Share<String>> share(String holder, long most) {
        return List.of(new Share<>(holder, most));
    }
}
