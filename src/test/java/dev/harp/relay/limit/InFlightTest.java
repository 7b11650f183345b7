package dev.harp.relay.limit;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A quarter for each holder, half of what is free, and nothing lost. */
@Timeout(60)
class InFlightTest {
    private final InFlight<String> memory = new InFlight<>(400, Duration.ZERO);

    @Test
    void aHolderHasAQuarter() {
        List<Allowance> held = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            Allowance one = memory.of("a");
            assertThat(one.hold(10), is(true));
            held.add(one);
        }
        assertThat("an eleventh", memory.of("a").hold(10), is(false));
        assertThat("more of one", held.getFirst().hold(11), is(false));
        assertThat("another holder", memory.of("b").hold(10), is(true));
        held.getFirst().close();
        assertThat(memory.of("a").hold(10), is(true));
        assertThat(memory.held(), is(110L));
    }

    @Test
    void eachFurtherHolderLeavesSomethingToTheNext() {
        for (String holder : List.of("a", "b", "c")) {
            assertThat(memory.of(holder).hold(100), is(true));
        }
        assertThat(memory.of("d").hold(51), is(false));
        assertThat(memory.of("d").hold(50), is(true));
        assertThat("a list takes a smaller page", memory.of("e").hold(1, 100), is(25L));
        assertThat(memory.of("e").hold(1), is(false));
        assertThat(memory.of("f").hold(12), is(true));
        assertThat(memory.of("g").hold(6), is(true));
        assertThat(memory.held(), is(393L));
        assertThat("nobody takes the rest", memory.of("g").hold(1), is(false));
    }

    /** Otherwise a message of the largest size that the operator allows could never be read with a small heap. */
    @Test
    void whatIsLargerThanAShareTakesAllOfIt() {
        Allowance large = memory.of("a");
        assertThat(large.hold(1000), is(true));
        assertThat(memory.held(), is(100L));
        assertThat(memory.of("a").hold(1), is(false));
        large.close();
        assertThat(large.hold(500, 1000), is(100L));
    }

    @Test
    void aListTakesWhatThereIs() {
        Allowance other = memory.of("a");
        assertThat(other.hold(70), is(true));
        Allowance list = memory.of("a");
        assertThat(list.hold(10, 80), is(20L));
        assertThat(list.hold(25, 80), is(25L));
        assertThat(list.hold(31, 80), is(0L));
        assertThat("holds nothing then", memory.held(), is(70L));
        assertThat(list.hold(10, 80), is(20L));
        assertThat(list.hold(5), is(true));
        assertThat(memory.held(), is(75L));
        list.close();
        list.close();
        other.close();
        assertThat(memory.held(), is(0L));
    }

    /** Many phones behind one address read at once when a store is back: they come in turns. */
    @Test
    void aListWaitsForTheMemoryOfOthers() {
        InFlight<String> patient = new InFlight<>(400, Duration.ofMinutes(10));
        Allowance other = patient.of("a");
        assertThat(other.hold(100), is(true));
        CompletableFuture<Long> list =
                CompletableFuture.supplyAsync(() -> patient.of("a").hold(50, 100));
        until(() -> patient.waiting() == 1);
        assertThat(list.isDone(), is(false));
        assertThat(other.hold(50), is(true));
        assertThat(list.join(), is(50L));
    }
}
