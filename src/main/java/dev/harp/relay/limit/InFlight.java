package dev.harp.relay.limit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Memory for what is being read from clients and written to them, in bytes: bounded in all, and for each holder to a
 * quarter of that, and to half of what is free. So clients that do not read what they are sent, or send slowly, leave
 * something to others, however many they are: each further one gets half of what the one before has left.
 *
 * @param <K> a holder
 */
public final class InFlight<K> {
    private static final int HOLDERS = 4;

    /** Pages are read and written within a moment, unless clients are slow. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final long most;
    private final long patience;
    private final SharedBound<K> bound;
    private volatile int waiting;

    /** @param most the most that all holders together may hold */
    public InFlight(long most) {
        this(most, PATIENCE);
    }

    /**
     * @param most the most that all holders together may hold
     * @param patience for how long a caller of {@link Allowance#hold(long, long)} waits at most
     */
    public InFlight(long most, Duration patience) {
        this.most = most;
        this.patience = patience.toNanos();
        this.bound = new SharedBound<>(most);
    }

    /** An allowance of the holder, which holds nothing yet. */
    public Allowance of(K holder) {
        return new Held(holder);
    }

    /** How much is held. */
    public long held() {
        return bound.held();
    }

    /** How much may be held. */
    public long most() {
        return most;
    }

    /** How many callers wait for memory. */
    int waiting() {
        return waiting;
    }

    /** After the return: who waits has counted itself before it tried, and tries and waits under the lock. */
    private void returned() {
        if (waiting > 0) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    private final class Held implements Allowance {
        private final K holder;
        private long held;

        Held(K holder) {
            this.holder = holder;
        }

        @Override
        public boolean hold(long bytes) {
            long wanted = Math.min(bytes, most / HOLDERS);
            if (wanted > held) {
                return take(wanted);
            }
            if (wanted < held) {
                bound.release(held - wanted, shares());
                held = wanted;
                returned();
            }
            return true;
        }

        private boolean take(long wanted) {
            boolean taken = bound.take(wanted - held, shares()) == SharedBound.Outcome.TAKEN;
            held = taken ? wanted : held;
            return taken;
        }

        @Override
        public long hold(long least, long wanted) {
            close();
            long first = Math.min(wanted, most / HOLDERS);
            for (long size = first; size > least; size /= 2) {
                if (take(size)) {
                    return size;
                }
            }
            return takeSoon(Math.min(least, first)) ? held : 0;
        }

        private boolean takeSoon(long wanted) {
            if (take(wanted)) {
                return true;
            }
            long end = System.nanoTime() + patience;
            synchronized (InFlight.this) {
                waiting++;
                try {
                    while (!take(wanted)) {
                        long left = end - System.nanoTime();
                        if (left <= 0) {
                            return false;
                        }
                        TimeUnit.NANOSECONDS.timedWait(InFlight.this, left);
                    }
                    return true;
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return false;
                } finally {
                    waiting--;
                }
            }
        }

        private List<SharedBound.Share<K>> shares() {
            return List.of(new SharedBound.Share<>(holder, Math.min(most / HOLDERS, (most - bound.held()) / 2)));
        }
    }
}
