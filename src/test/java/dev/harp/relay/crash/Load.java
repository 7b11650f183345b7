package dev.harp.relay.crash;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Many {@link Couple}s at the same time. */
final class Load {
    private final ClientLedger lifecycle;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    private Load(ClientLedger lifecycle) {
        this.lifecycle = lifecycle;
    }

    /** Starts so many couples. */
    static Load start(PatientClient client, ClientLedger lifecycle, int couples, long seed) {
        Load load = new Load(lifecycle);
        Random seeds = new Random(seed);
        for (int i = 0; i < couples; i++) {
            Random random = new Random(seeds.nextLong());
            Couple couple =
                    new Couple(new Acts(client, lifecycle, random), lifecycle, random, () -> load.stop.getCount() == 0);
            load.threads.add(Thread.ofVirtual().start(() -> load.run(couple)));
        }
        return load;
    }

    private void run(Couple couple) {
        try {
            Phone phone = couple.register();
            Thread answering = Thread.ofVirtual().start(() -> answer(couple, phone));
            try {
                couple.ask(phone);
            } finally {
                answering.interrupt();
                answering.join();
            }
        } catch (IOException | InterruptedException | Forgotten | RuntimeException e) {
            failures.add(e);
        }
    }

    private void answer(Couple couple, Phone phone) {
        try {
            couple.answer(phone);
        } catch (InterruptedException _) {
            // The platform has no more questions.
        } catch (IOException | Forgotten | RuntimeException e) {
            failures.add(e);
        }
    }

    /** Waits until clients were told so much more. */
    void awaitMore(long acknowledgements) throws InterruptedException {
        if (!lifecycle.awaitMore(acknowledgements, () -> !failures.isEmpty())) {
            throw new IllegalStateException("a client has failed", failures.peek());
        }
    }

    /** No new requests from now on; waits until those that were begun are over. */
    void finish() throws InterruptedException {
        stop.countDown();
        for (Thread each : threads) {
            each.join();
        }
    }

    /** Clients that could not go on. */
    List<Throwable> failures() {
        return List.copyOf(failures);
    }
}
