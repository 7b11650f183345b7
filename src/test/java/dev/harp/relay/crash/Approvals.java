package dev.harp.relay.crash;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Approvals that are all under way: each platform waits for its end, each phone has shown its request to somebody, and
 * waits for the next. They are decided as the test says.
 */
final class Approvals implements AutoCloseable {
    private static final Duration LIST_WAIT = Duration.ofSeconds(20);
    private static final int TTL = 300;

    private final ClientLedger lifecycle = new ClientLedger();
    private final PatientClient client;
    private final int count;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Pair> pairs = new ArrayList<>();
    private final Queue<Asked> undecided = new ArrayDeque<>();
    private final List<Future<String>> platforms = new ArrayList<>();
    private final LinkedBlockingQueue<Asked> shown = new LinkedBlockingQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** Decisions on their way. */
    record Deciding(List<Future<?>> all) {

        /** Waits until each has arrived. */
        void await() throws InterruptedException, ExecutionException {
            for (Future<?> each : all) {
                each.get();
            }
        }
    }

    Approvals(PatientClient client, int count) {
        this.client = client;
        this.count = count;
    }

    private Acts acts() {
        return new Acts(client, lifecycle, new Random());
    }

    /** Registers all phones, which list from then on, and pairs them. */
    void pairUp() throws InterruptedException, ExecutionException {
        List<Future<Pair>> pairing = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairing.add(threads.submit(() -> {
                Acts acts = acts();
                Phone phone = acts.register();
                threads.execute(() -> show(phone));
                return acts.pair(phone);
            }));
        }
        for (Future<Pair> each : pairing) {
            pairs.add(each.get());
        }
    }

    /**
     * Asks once in every pairing, and returns when each request is on its phone; from then on polls wait on both sides.
     */
    void ask() throws InterruptedException, ExecutionException {
        List<Future<Asked>> asking = new ArrayList<>();
        for (Pair pair : pairs) {
            asking.add(threads.submit(() -> {
                Acts acts = acts();
                Asked asked = acts.asking(pair, TTL, false);
                acts.submit(asked);
                return asked;
            }));
        }
        for (Future<Asked> each : asking) {
            Asked asked = each.get();
            platforms.add(threads.submit(() -> acts().awaitEnd(asked)));
        }
        while (undecided.size() < count) {
            undecided.add(shown.take());
        }
    }

    /** The phone's list, polled for ever. */
    private void show(Phone phone) {
        Optional<String> cursor = Optional.empty();
        Set<Asked> seen = new HashSet<>();
        try {
            while (true) {
                Acts.Inbox inbox = acts().list(phone, cursor, LIST_WAIT);
                cursor = Optional.of(inbox.cursor());
                inbox.open().stream().filter(seen::add).forEach(shown::add);
            }
        } catch (InterruptedException _) {
            // The end.
        } catch (IOException | Forgotten | RuntimeException e) {
            if (!threads.isShutdown()) {
                failures.add(e);
            }
        }
    }

    /** So many people decide now; the answers are on their way when this returns. */
    Deciding decide(int people) {
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < people; i++) {
            Asked asked = undecided.remove();
            all.add(threads.submit(() -> {
                Acts acts = acts();
                acts.respond(asked, acts.answer());
                return null;
            }));
        }
        return new Deciding(all);
    }

    /** Waits for the platforms: what each has seen as the end. */
    List<String> ends() throws InterruptedException {
        List<String> ends = new ArrayList<>();
        for (Future<String> each : platforms) {
            try {
                ends.add(each.get());
            } catch (ExecutionException e) {
                failures.add(e);
            }
        }
        return ends;
    }

    /** Clients that could not go on. */
    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    Findings audit() throws InterruptedException {
        return Audit.of(
                lifecycle, client::get, InstantSource.system(), client.tally().unknown());
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
