import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.Capacity;
import dev.harp.relay.store.Change;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.file.FileStore;
import dev.harp.relay.store.file.Sync;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fills a file store with pairings, their devices, and three open requests of each pairing, by the relay's own classes.
 * {@code bench/growth file} calls it:
 *
 * <pre>
 *   java -cp target/relay/harp-relay-VERSION.jar bench/Fill.java FOLDER RECORDS
 * </pre>
 */
public final class Fill {
    private static final int RECORDS_A_PAIRING = 5;

    /** So many changes share a commit. */
    private static final int WRITERS = 1000;

    private static final String CIPHERTEXT = "A".repeat(500);

    private Fill() {}

    public static void main(String[] arguments) throws InterruptedException {
        int pairings = Integer.parseInt(arguments[1]) / RECORDS_A_PAIRING;
        ProtocolLimits limits =
                new ProtocolLimits(Duration.ofSeconds(300), Duration.ofSeconds(300), RECORDS_A_PAIRING, 65_536, 16_384);
        Capacity capacity = new Capacity(Long.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
        Instant now = Instant.now();
        AtomicInteger next = new AtomicInteger();
        try (FileStore store = FileStore.open(
                Path.of(arguments[0]),
                Sync.INTERVAL,
                limits,
                capacity,
                InstantSource.system(),
                System::nanoTime,
                () -> {})) {
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                writers.add(Thread.ofVirtual().start(() -> {
                    for (int n = next.getAndIncrement(); n < pairings; n = next.getAndIncrement()) {
                        fill(store, n, now);
                    }
                }));
            }
            for (Thread writer : writers) {
                writer.join();
            }
        }
    }

    private static void fill(FileStore store, int number, Instant now) {
        DeviceId device = new DeviceId("dev_%012x".formatted(number));
        PairId pair = new PairId("pair_%012x".formatted(number));
        Device phone = new Device(device, Sha256.of("hdt" + number), Optional.empty(), now, now.plusSeconds(600));
        Pairing pairing = new Pairing(
                pair,
                Sha256.of("hpt" + number),
                Sha256.of("secret" + number),
                now,
                now.plusSeconds(300),
                new Pairing.Active(device, Optional.empty(), now),
                Opener.NONE,
                Optional.of(now));
        stored(() -> store.changeDevice(device, _ -> Change.to(phone, true)));
        stored(() -> store.changePairing(pair, _ -> Change.to(pairing, true)));
        for (int i = 2; i < RECORDS_A_PAIRING; i++) {
            UUID id = new UUID(now.toEpochMilli() << 16 | 0x7000L | i, Long.MIN_VALUE | number);
            RequestKey key = new RequestKey(pair, new RequestId(id));
            Envelope envelope = new Envelope("A".repeat(32), CIPHERTEXT);
            Request request = Request.submitted(key, device, envelope, now, now.plusSeconds(86_400));
            stored(() -> store.changeRequest(key, (_, _, _) -> Change.to(request, true)));
        }
    }

    /** A slow disk takes longer than the store waits; the change is in memory then, and is written nevertheless. */
    private static void stored(Runnable change) {
        while (true) {
            try {
                change.run();
                return;
            } catch (StoreUnavailable e) {
                System.err.println("again: " + e.getMessage());
            }
        }
    }
}
