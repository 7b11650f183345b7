package dev.harp.relay.push;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The notifications that wait for Expo, and the threads that make the calls.
 *
 * <p>There are {@value #CALLS} threads, which is the number of calls that Expo asks its clients to keep to. One that is
 * idle sends a notification at once. Those that arrive while all are busy wait, and are sent together, at most
 * {@value #BATCH} a call and {@value #A_SECOND} a second. Expo counts by project and a relay for itself: several relays
 * of one project have that rate each.
 */
final class ExpoQueue {
    private static final Logger LOG = System.getLogger(ExpoQueue.class.getName());
    private static final int QUEUE = 10_000;
    private static final int BATCH = 100;
    private static final int CALLS = 6;
    private static final int PARTS = 24;
    private static final int A_SECOND = 600;

    private final CircuitBreaker breaker;
    private final Timer timer;
    private final Consumer<Batch> call;
    private final Pacer pacer;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(QUEUE);
    private final List<Thread> threads;
    private volatile boolean closed;

    /** A notification, and who is told its outcome. */
    record Waiting(PushNotification push, Consumer<PushOutcome> told) {

        void tell(PushOutcome outcome) {
            try {
                told.accept(outcome);
            } catch (RuntimeException e) {
                // A failure for one must not affect the others of its batch.
                LOG.log(Level.ERROR, "the outcome of a push notification could not be stored", e);
            }
        }
    }

    /** The content of one call. All parts of a batch share the number of calls that are left to it. */
    record Batch(List<Waiting> content, AtomicInteger callsLeft) {

        void tell(PushOutcome outcome) {
            content.forEach(waiting -> waiting.tell(outcome));
        }
    }

    /**
     * An empty queue.
     *
     * @param call makes a call for the batch, and returns when it has ended
     */
    ExpoQueue(CircuitBreaker breaker, Timer timer, LongSupplier nanoTime, Consumer<Batch> call) {
        this.breaker = breaker;
        this.timer = timer;
        this.call = call;
        this.pacer = new Pacer(A_SECOND, BATCH, nanoTime);
        this.threads = Stream.generate(
                        () -> Thread.ofVirtual().name("push-expo").start(this::run))
                .limit(CALLS)
                .toList();
    }

    /** Whether there was room. */
    boolean offer(Waiting waiting) {
        return !closed && breaker.admits() && queue.offer(waiting);
    }

    private void run() {
        while (!closed) {
            List<Waiting> content = new ArrayList<>();
            try {
                content.add(queue.take());
                queue.drainTo(content, BATCH - 1);
                send(new Batch(content, new AtomicInteger(PARTS)));
            } catch (InterruptedException _) {
                return; // close() has interrupted the thread
            } catch (RuntimeException e) {
                LOG.log(Level.ERROR, "push notifications failed inside the relay", e);
            }
        }
    }

    /** Sends the batch when its time has come, or turns it away when the provider is found to be unavailable. */
    private void send(Batch batch) throws InterruptedException {
        while (breaker.admits()) {
            long early = pacer.take(batch.content().size());
            if (early > 0) {
                CountDownLatch rested = new CountDownLatch(1);
                timer.after(Duration.ofNanos(early), rested::countDown);
                rested.await();
            } else if (breaker.begin()) {
                call.accept(batch);
                return;
            }
        }
        batch.tell(new PushOutcome.NotNow("provider unavailable", Optional.of(breaker.pause())));
    }

    /**
     * Sends a batch again in parts, within the call for the whole. Each is smaller than the whole, so this ends, and
     * the number of calls is bounded.
     */
    void split(Batch whole, List<List<Waiting>> groups) {
        if (whole.callsLeft().addAndGet(-groups.size()) < 0) {
            whole.tell(new PushOutcome.NotNow("too many calls for one batch", Optional.empty()));
            return;
        }
        try {
            for (List<Waiting> group : groups) {
                send(new Batch(group, whole.callsLeft()));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** How many notifications wait; those that a thread has taken do not count. */
    int waiting() {
        return queue.size();
    }

    boolean closed() {
        return closed;
    }

    /** Discards what waits, and ends the calls. */
    void close() {
        closed = true;
        queue.clear();
        threads.forEach(Thread::interrupt);
    }
}
