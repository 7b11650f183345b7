package dev.harp.relay;

import static dev.harp.relay.RelayCalls.NO_TOKEN;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.net.FileDescriptors;
import dev.harp.testing.RedisServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * A relay with every bound used up at once lives, and works when its clients have let go. {@code bench/full} runs it
 * with larger heaps.
 */
@Tag("long")
@Isolated("loads the machine")
@Timeout(600)
class FullRelayIT {
    private static final int SMALL = 256;

    /** The heap in MiB. */
    private static final int HEAP = Integer.getInteger("harp.full.heap", SMALL);

    private static final String CONNECTIONS = System.getProperty("harp.full.connections", "0");

    @TempDir
    Path folder;

    @Test
    void memory() throws Exception {
        lives("memory");
    }

    @Test
    void file() throws Exception {
        lives("file:" + folder.resolve("data"));
    }

    @Test
    void redis() throws Exception {
        try (RedisServer redis = RedisServer.start("--save", "")) {
            lives(redis.url());
        }
    }

    /** The numbers are for a heap of 256 MiB, and together fewer than the nine tenths at which room is made. */
    private static void lives(String store) throws Exception {
        Assumptions.assumeTrue(FileDescriptors.limit() >= 2048L * HEAP / SMALL + 1024, "needs more open files");
        Map<String, String> options = Map.of("MAX_CONNECTIONS", CONNECTIONS);
        try (FullRelay relay = new FullRelay(store, HEAP + "m", options)) {
            relay.approve();
            relay.pairs(of(400));
            int requests = relay.fillStore(of(2400));
            int large = relay.parkPolls(of(750));
            relay.parkStreams(of(700), of(750));
            relay.manyFields(of(1000));
            relay.unfinishedHeads(of(210));
            relay.listsNotRead(of(40));
            relay.streamsNotRead(of(16));
            relay.filesNotRead(of(100));
            relay.slowBodies(of(30));
            long first = health(relay);
            long slowest = 0;
            for (int i = 0; i < 10; i++) {
                slowest = Math.max(slowest, health(relay));
            }
            System.out.printf(
                    "%s, -Xmx%dm: %d requests of 64 KiB; %d calls wait, %d of them with heads of 15 KB; %d connections;"
                            + " %d KB of messages under way; /health after %d ms, then within %d ms%n",
                    store.replaceAll("[:/].*", ""),
                    HEAP,
                    requests,
                    relay.metric("harp_relay_waiters "),
                    large,
                    relay.metric("harp_relay_connections "),
                    relay.metric("harp_relay_in_flight_bytes ") / 1000,
                    first,
                    slowest);
            relay.letGo();
            relay.approve();
            assertThat(relay.death(), is(Optional.empty()));
        }
    }

    /** How long the answer takes, in milliseconds; the first one waits behind all that has just been asked for. */
    private static long health(FullRelay relay) throws IOException {
        long before = System.nanoTime();
        relay.call("GET", "/health", NO_TOKEN, "").is(200);
        return (System.nanoTime() - before) / 1_000_000;
    }

    private static int of(int small) {
        return small * HEAP / SMALL;
    }
}
