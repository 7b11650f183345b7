package dev.harp.relay.config;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.lessThanOrEqualTo;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What fits into a heap, and what is said to an operator who asks for more. */
class HeapBudgetTest {
    private static final long MEBIBYTE = 1 << 20;

    /** What {@code Runtime.maxMemory()} says with {@code -Xmx256m} and the serial collector. */
    private static final long SMALL = 259_522_560;

    private static RelayConfig read(long heap, String... options) throws InvalidConfig {
        Map<String, String> environment = new java.util.HashMap<>();
        for (int i = 0; i < options.length; i += 2) {
            environment.put(options[i], options[i + 1]);
        }
        return ConfigReader.read(Optional.empty(), new ConfigReader.Environment(environment, heap, 1_000_000));
    }

    private static long needed(RelayConfig config) {
        return HeapBudget.BASE
                + config.server().maxConnections() * HeapBudget.CONNECTION
                + config.capacity().bytes()
                + config.buffers();
    }

    @Test
    void aSmallHeapHasNoTinyBounds() throws InvalidConfig {
        RelayConfig config = read(SMALL);
        assertThat(config.server().maxConnections(), is(greaterThanOrEqualTo(2_000)));
        assertThat(config.limits().waiters(), is(greaterThanOrEqualTo(1_500)));
        assertThat(config.capacity().bytes(), is(greaterThanOrEqualTo(48_000_000L)));
        assertThat(config.buffers(), is(greaterThanOrEqualTo(16 * MEBIBYTE)));
        assertThat(config.warnings(), empty());
    }

    @Test
    void aLargeHeapHasTheUsualNumberOfConnections() throws InvalidConfig {
        RelayConfig config = read(16L << 30);
        assertThat(config.server().maxConnections(), is(20_000));
        assertThat("at most half of the heap", config.capacity().bytes(), is(8L << 30));
    }

    @ParameterizedTest
    @ValueSource(longs = {64, 96, 128, 200, 256, 333, 512, 1024, 2048, 3000, 4096, 8192, 32_000})
    void whatIsGivenFits(long mebibytes) throws InvalidConfig {
        long heap = mebibytes * MEBIBYTE;
        for (RelayConfig config : new RelayConfig[] {
            read(heap),
            read(heap, "MAX_CONNECTIONS", "1000000"),
            read(heap, "MAX_CONNECTIONS", "16"),
            read(heap, "MAX_STORED_BYTES", "" + MEBIBYTE),
            read(heap, "MAX_STORED_BYTES", "" + HeapBudget.of(heap, true).mostRecords()),
            read(heap, "MAX_STORED_BYTES", "" + HeapBudget.of(heap, true).mostRecords(), "MAX_CONNECTIONS", "1000000")
        }) {
            assertThat(needed(config), is(lessThanOrEqualTo(heap / 10 * 7)));
            assertThat(config.capacity().bytes(), is(greaterThanOrEqualTo(MEBIBYTE)));
            assertThat(config.server().maxConnections(), is(greaterThanOrEqualTo(16)));
        }
    }

    @Test
    void connectionsThatDoNotFitAreLoweredAndTheHeapTheyNeedIsNamed() throws InvalidConfig {
        RelayConfig config = read(SMALL, "MAX_CONNECTIONS", "10000");
        assertThat(config.warnings(), hasSize(1));
        String warning = config.warnings().getFirst();
        assertThat(
                warning,
                startsWith("MAX_CONNECTIONS: lowered from 10000 to "
                        + config.server().maxConnections()
                        + ", because more do not fit into a Java heap of 247 MiB; 10000 need -Xmx"));
        long xmx = Long.parseLong(warning.replaceAll(".*-Xmx(\\d+)m.*", "$1"));
        assertThat(read(xmx * MEBIBYTE / 30 * 29, "MAX_CONNECTIONS", "10000").warnings(), empty());
        assertThat(
                read((xmx - 4) * MEBIBYTE / 30 * 29, "MAX_CONNECTIONS", "10000").warnings(), hasSize(1));
    }

    @Test
    void recordsThatTheOperatorAsksForComeBeforeConnections() throws InvalidConfig {
        RelayConfig config = read(SMALL, "MAX_STORED_BYTES", "80000000", "MAX_CONNECTIONS", "2000");
        assertThat(config.capacity().bytes(), is(80_000_000L));
        assertThat(config.warnings(), hasSize(1));
        assertThat(
                config.warnings().getFirst(),
                allOf(startsWith("MAX_CONNECTIONS: lowered"), containsString("or a smaller MAX_STORED_BYTES")));
    }

    @Test
    void recordsThatDoNotFitAreRefusedWithWhatIsAllowed() throws InvalidConfig {
        String error = assertThrows(InvalidConfig.class, () -> read(SMALL, "MAX_STORED_BYTES", "200000000"))
                .lines()
                .getFirst();
        assertThat(error, startsWith("MAX_STORED_BYTES: given 200000000; allowed: 0 for what the Java heap has room"));
        String most = error.replaceAll(".* to (\\d+) with this heap of 247 MiB", "$1");
        assertThat(read(SMALL, "MAX_STORED_BYTES", most).capacity().bytes(), is(Long.parseLong(most)));
    }

    /** Redis keeps records elsewhere: there may be as many as it has room for, and connections have their place. */
    @Test
    void recordsInRedisTakeNoHeap() throws InvalidConfig {
        RelayConfig config = read(SMALL, "STORE", "redis://redis.example.org", "MAX_STORED_BYTES", "50000000000");
        assertThat(config.capacity().bytes(), is(50_000_000_000L));
        assertThat(config.server().maxConnections(), is(greaterThanOrEqualTo(3_000)));
        assertThat(config.warnings(), empty());
    }

    /** The more are noted, the more approvals a second give their room back after the retention time. */
    @Test
    void aLargerHeapNotesMoreFetchedAnswers() throws InvalidConfig {
        assertThat(read(SMALL).fetchedAnswers(), is(20_000));
        assertThat(read(6L << 30).fetchedAnswers(), is(429_496));
    }

    @Test
    void moreWaitersThanConnectionsAreLowered() throws InvalidConfig {
        RelayConfig config = read(SMALL, "MAX_CONNECTIONS", "1000", "MAX_WAITERS", "5000");
        assertThat(config.limits().waiters(), is(1000));
        assertThat(
                config.warnings().getFirst(),
                is("MAX_WAITERS: lowered from 5000 to 1000, because each takes one of the 1000 connections"
                        + " (MAX_CONNECTIONS)"));
    }

    @Test
    void aHeapThatIsTooSmallIsRefused() {
        String error = assertThrows(InvalidConfig.class, () -> read(32 * MEBIBYTE))
                .lines()
                .toString();
        assertThat(error, allOf(containsString("a Java heap of 32 MiB"), containsString("-Xmx")));
    }
}
