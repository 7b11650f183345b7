package dev.harp.relay.outbound;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs jobs side by side within limits: in total, for one receiver, and of one sender. A job without a place waits in
 * the queue of its receiver, which is short. So a receiver that never answers occupies its own few places and its own
 * queue, and a sender with a thousand such receivers occupies no more places than one with a single one.
 *
 * <p>One lock, held for a few map operations. Jobs run outside of it, each on a virtual thread.
 */
public final class Bulkhead implements AutoCloseable {

    private record Job(String receiver, Object sender, Object name, Runnable work) {}

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

    /** The names of the jobs that wait. */
    private final Set<Object> waiting = new HashSet<>();

    /** By the name of each job that runs: the job that takes its place when it has ended. */
    private final Map<Object, Optional<Job>> running = new HashMap<>();

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

    /**
     * Runs the work now or later. If work of the same name waits, that is run instead; if it is running, the new one
     * runs afterwards. A name always has the same receiver.
     *
     * @return whether there was room
     */
    public synchronized boolean offer(String receiver, Object sender, Object name, Runnable work) {
        Job job = new Job(receiver, sender, name, work);
        // A running job may already have read what has changed since.
        if (waiting.contains(name) || running.computeIfPresent(name, (_, _) -> Optional.of(job)) != null) {
            return true;
        }
        Lane lane = lanes.getOrDefault(receiver, new Lane());
        if (closed || lane.waiting.size() >= waitingForOne || waiting() >= waitingInAll) {
            return false;
        }
        var _ = lanes.putIfAbsent(receiver, lane);
        add(job, lane);
        startWaiting();
        return true;
    }

    private void add(Job job, Lane lane) {
        waiting.add(job.name);
        lane.waiting.addLast(job);
    }

    private void startWaiting() {
        boolean started = true;
        while (started && running.size() < inAll) {
            started = false;
            for (Lane lane : lanes.values()) {
                started |= running.size() < inAll && startOne(lane);
            }
        }
    }

    private boolean startOne(Lane lane) {
        if (lane.running >= maxPerReceiver) {
            return false;
        }
        for (Iterator<Job> jobs = lane.waiting.iterator(); jobs.hasNext(); ) {
            Job job = jobs.next();
            if (runningOf.getOrDefault(job.sender, 0) < maxPerSender) {
                jobs.remove();
                start(job, lane);
                return true;
            }
        }
        return false;
    }

    private void start(Job job, Lane lane) {
        waiting.remove(job.name);
        running.put(job.name, Optional.empty());
        lane.running++;
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
        lane.running--;
        var _ = runningOf.computeIfPresent(job.sender, (_, count) -> count == 1 ? null : count - 1);
        Optional<Job> successor = running.remove(job.name);
        if (successor != null && !closed) {
            successor.ifPresent(next -> add(next, lane));
        }
        var _ = lanes.remove(job.receiver);
        if (lane.running > 0 || !lane.waiting.isEmpty()) {
            lanes.put(job.receiver, lane); // at the end, so that each lane has its turn
        }
        startWaiting();
    }

    /** How many jobs are running. */
    public synchronized int running() {
        return running.size();
    }

    /** How many jobs are waiting. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** Discards the waiting jobs, and starts no others. */
    @Override
    public synchronized void close() {
        closed = true;
        lanes.values().forEach(lane -> lane.waiting.clear());
        waiting.clear();
    }
}
