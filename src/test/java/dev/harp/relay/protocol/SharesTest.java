package dev.harp.relay.protocol;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;

import dev.harp.relay.protocol.Shares.Measure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code docs/protocol.md}, section 9.8: how large a share is. */
class SharesTest {
    @ParameterizedTest
    @CsvSource({
        "10, PAIRINGS, 100000, 10000, 20000, 30000",
        "10, DEVICES, 100000, 10000, 20000, 30000",
        "10, DEVICES, 5000, 1000, 2000, 2500",
        "10, PAIRINGS, 3000, 1500, 1500, 1500",
        "10, PAIRINGS, 1, 1, 1, 1",
        "10, WAITERS, 1500, 512, 750, 750",
        "10, BYTES, 134217728, 16777216, 33554432, 50331648",
        "40, PAIRINGS, 100000, 40000, 50000, 50000",
        "1, PAIRINGS, 10000000, 100000, 200000, 300000",
        "99, PAIRINGS, 100000, 50000, 50000, 50000",
        "100, PAIRINGS, 100000, 100000, 100000, 100000",
    })
    void ofANetwork(int percent, Measure measure, long bound, long of64, long of56, long of48) {
        Shares shares = new Shares(percent);
        assertThat(shares.ofNetwork(measure, bound, "4-0123456789abcdef"), is(of64));
        assertThat(shares.ofNetwork(measure, bound, "64-0123456789abcdef"), is(of64));
        assertThat(shares.ofNetwork(measure, bound, "56-0123456789abcdef"), is(of56));
        assertThat(shares.ofNetwork(measure, bound, "48-0123456789abcdef"), is(of48));
    }

    @ParameterizedTest
    @CsvSource({
        "10, BYTES, 134217728, 8388608",
        "10, BYTES, 1048576, 262144",
        "50, BYTES, 2147483648, 21474836",
        "10, WAITERS, 1500, 64",
        "10, WAITERS, 20000, 200",
        "10, WAITERS, 3, 1",
        "100, WAITERS, 1500, 1500",
    })
    void ofAPairing(int percent, Measure measure, long bound, long share) {
        assertThat(new Shares(percent).ofPairing(measure, bound), is(share));
    }

    @ParameterizedTest
    @EnumSource(Measure.class)
    void withinItsBoundWhateverThatIs(Measure measure) {
        for (long bound : new long[] {1, 2, 3, 99, 100, 1000, 1L << 31, 1L << 53}) {
            for (int percent = 1; percent <= 100; percent++) {
                Shares shares = new Shares(percent);
                for (String network : new String[] {"4-0", "64-0", "56-0", "48-0"}) {
                    long share = shares.ofNetwork(measure, bound, network);
                    assertThat(share, greaterThanOrEqualTo(1L));
                    assertThat(share, lessThanOrEqualTo(percent == 100 ? bound : Math.max(1, bound / 2)));
                }
                assertThat(shares.ofPairing(measure, bound), lessThanOrEqualTo(bound));
            }
        }
    }

    @Test
    void noneIsEverything() {
        assertThat(Shares.NONE.ofNetwork(Measure.BYTES, 0, "4-0"), is(0L));
        assertThat(Shares.NONE.ofPairing(Measure.BYTES, 0), is(0L));
    }
}
