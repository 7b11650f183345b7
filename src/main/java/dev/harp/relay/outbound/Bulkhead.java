package dev.harp.relay.outbound;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Runs jobs side by side within limits: in total, for one receiver, and of one sender. A job without a place waits in
 * the queue of its receiver, which is short. So a receiver that never answers occupies its own few places and its own
 * queue, and a sender with a thousand such receivers occupies no more places than one with a single one.
 *
 * <p>One lock, held for a few map operations. Jobs run outside of it, each on a virtual thread.
 */
public final class Bulkhead implements AutoCloseable {

    /** The outcome of an offer. */
    public enum Offer {
        /** The job runs, or will. */
        TAKEN,
        /** A job of the same name waits and will run; or it is running, and the new work runs afterwards. */
        KNOWN,
        /** The receiver's queue is full. */
        FULL
    }

    private static final class Job {
        final String receiver;
        final Object sender;
        final Object name;
        final Runnable work;
        boolean started;

        /** The job that takes the place of this one when it has ended. */
        Optional<Job> successor = Optional.empty();

        Job(String receiver, Object sender, Object name, Runnable work) {
            this.receiver = receiver;
            this.sender = sender;
            this.name = name;
            this.work = work;
        }
    }

    private static final class Lane {
        final Deque<Job> waiting = new ArrayDeque<>();
        int running;
    }

    private final String threads;
    private final int inAll;
    private final int maxPerReceiver;
    private final int maxPerSender;
    private final int waitingForOne;
    private final int waitingInAll;

    /** By receiver, those served longest ago first. */
    private final Map<String, Lane> lanes = new LinkedHashMap<>();

    private final Map<Object, Integer> runningOf = new HashMap<>();
    private final Map<Object, Job> jobs = new HashMap<>();
    private int running;
    private boolean closed;

    /**
     * Creates an empty bulkhead.
     *
     * @param threads the name of the jobs' threads
     * @param inAll how many jobs run at once
     * @param maxPerReceiver how many of them for one receiver
     * @param maxPerSender how many of them of one sender
     * @param waitingForOne how many jobs wait for one receiver
     * @param waitingInAll how many jobs wait in total
     */
    public Bulkhead(
            String threads, int inAll, int maxPerReceiver, int maxPerSender, int waitingForOne, int waitingInAll) {
        this.threads = threads;
        this.inAll = inAll;
        this.maxPerReceiver = maxPerReceiver;
        this.maxPerSender = maxPerSender;
        this.waitingForOne = waitingForOne;
        this.waitingInAll = waitingInAll;
    }

    /** Runs the work now or later. Its name is free again when it has ended. */
    public synchronized Offer offer(String receiver, Object sender, Object name, Runnable work) {
        Job known = jobs.get(name);
        if (known != null) {
            // A running job may already have read what has changed since.
            if (known.started) {
                known.successor = Optional.of(new Job(known.receiver, sender, name, work));
            }
            return Offer.KNOWN;
        }
        Lane lane = lanes.getOrDefault(receiver, new Lane());
        if (closed || lane.waiting.size() >= waitingForOne || waiting() >= waitingInAll) {
            return Offer.FULL;
        }
        var _ = lanes.putIfAbsent(receiver, lane);
        add(new Job(receiver, sender, name, work), lane);
        startWaiting();
        return Offer.TAKEN;
    }

    private void add(Job job, Lane lane) {
        jobs.put(job.name, job);
        lane.waiting.addLast(job);
    }

    private void startWaiting() {
        boolean started = true;
        while (started && running < inAll) {
            started = false;
            for (Lane lane : lanes.values()) {
                started |= running < inAll && startOne(lane);
            }
        }
    }

    private boolean startOne(Lane lane) {
        if (lane.running >= maxPerReceiver) {
            return false;
        }
        for (Iterator<Job> waiting = lane.waiting.iterator(); waiting.hasNext(); ) {
            Job job = waiting.next();
            if (runningOf.getOrDefault(job.sender, 0) < maxPerSender) {
                waiting.remove();
                start(job, lane);
                return true;
            }
        }
        return false;
    }

    private void start(Job job, Lane lane) {
        job.started = true;
        lane.running++;
        running++;
        var _ = runningOf.merge(job.sender, 1, Integer::sum);
        Thread.ofVirtual().name(threads).start(() -> {
            try {
                job.work.run();
            } finally {
                ended(job, lane);
            }
        });
    }

    private synchronized void ended(Job job, Lane lane) {
        running--;
        lane.running--;
        var _ = runningOf.computeIfPresent(job.sender, (_, count) -> count == 1 ? null : count - 1);
        var _ = jobs.remove(job.name);
        job.successor.filter(_ -> !closed).ifPresent(successor -> add(successor, lane));
        var _ = lanes.remove(job.receiver);
        if (lane.running > 0 || !lane.waiting.isEmpty()) {
            lanes.put(job.receiver, lane); // at the end, so that each lane has its turn
        }
        startWaiting();
    }

    /** How many jobs are running. */
    public synchronized int running() {
        return running;
    }

    /** How many jobs are waiting. */
    public synchronized int waiting() {
        return jobs.size() - running;
    }

    /** Discards the waiting jobs, and starts no others. */
    @Override
    public synchronized void close() {
        closed = true;
        lanes.values().forEach(lane -> {
            lane.waiting.forEach(job -> jobs.remove(job.name));
            lane.waiting.clear();
        });
    }
}
