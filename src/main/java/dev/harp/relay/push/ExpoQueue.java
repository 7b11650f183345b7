package dev.harp.relay.push;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * The notifications that wait for Expo, and the calls that take them.
 *
 * <p>A notification is sent at once while fewer than {@value #CALLS} calls are under way, which is the number that Expo
 * asks its clients to keep to. Those that arrive meanwhile wait, and are sent together, at most {@value #BATCH} a call
 * and {@value #A_SECOND} a second. Expo counts by project and a relay for itself: several relays of one project have
 * that rate each.
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
    private final Deque<Waiting> queue = new ArrayDeque<>();

    /** Parts of batches that were not accepted as a whole. */
    private final Deque<Batch> parts = new ArrayDeque<>();

    private int calls;
    private boolean resting;
    private boolean closed;

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
    }

    /** Whether there was room. */
    synchronized boolean offer(Waiting waiting) {
        if (closed || queue.size() >= QUEUE || !breaker.admits()) {
            return false;
        }
        queue.addLast(waiting);
        startCalls();
        return true;
    }

    /**
     * Sends a batch again in parts. Each is smaller than the whole, so this ends, and the number of calls is bounded.
     */
    void split(Batch whole, List<List<Waiting>> groups) {
        if (whole.callsLeft().addAndGet(-groups.size()) < 0) {
            whole.tell(new PushOutcome.NotNow("too many calls for one batch", Optional.empty()));
        } else {
            synchronized (this) {
                groups.forEach(group -> parts.addLast(new Batch(group, whole.callsLeft())));
            }
        }
    }

    private synchronized void startCalls() {
        while (!closed && calls < CALLS && !(queue.isEmpty() && parts.isEmpty())) {
            if (!breaker.admits()) {
                turnAway();
                return;
            }
            Batch next = parts.isEmpty() ? gather() : parts.removeFirst();
            long early = pacer.take(next.content().size());
            if (early > 0) {
                parts.addFirst(next);
                rest(early);
                return;
            }
            var _ = breaker.begin();
            calls++;
            Thread.ofVirtual().name("push-expo").start(() -> run(next));
        }
    }

    private Batch gather() {
        List<Waiting> content = new ArrayList<>();
        while (content.size() < BATCH && !queue.isEmpty()) {
            content.add(queue.removeFirst());
        }
        return new Batch(content, new AtomicInteger(PARTS));
    }

    private void rest(long nanos) {
        if (!resting) {
            resting = true;
            timer.after(Duration.ofNanos(nanos), () -> {
                synchronized (this) {
                    resting = false;
                    startCalls();
                }
            });
        }
    }

    /** Empties the queue when the provider turns out to be unavailable; the outcomes are told outside the lock. */
    private void turnAway() {
        parts.addFirst(new Batch(List.copyOf(queue), new AtomicInteger()));
        List<Batch> away = List.copyOf(parts);
        queue.clear();
        parts.clear();
        PushOutcome later = new PushOutcome.NotNow("provider unavailable", Optional.of(breaker.pause()));
        Thread.ofVirtual().name("push-expo").start(() -> away.forEach(batch -> batch.tell(later)));
    }

    private void run(Batch batch) {
        try {
            call.accept(batch);
        } finally {
            synchronized (this) {
                calls--;
                startCalls();
            }
        }
    }

    /** How many notifications wait; those of calls under way do not count. */
    synchronized int waiting() {
        return queue.size()
                + parts.stream().mapToInt(part -> part.content().size()).sum();
    }

    synchronized boolean closed() {
        return closed;
    }

    /** Discards what waits, and starts no calls. */
    synchronized void close() {
        closed = true;
        queue.clear();
        parts.clear();
    }
}
