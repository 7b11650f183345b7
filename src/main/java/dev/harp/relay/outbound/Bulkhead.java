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
 * Lets jobs run side by side, so many in all, so many for one receiver, so many of one sender. Whatever has no place waits in its receiver's
 * lane, and a lane is short. So a receiver that never answers holds its own few places and its own lane, and a sender with a
 * thousand receivers that never answer holds no more than one with a single one.
 *
 * <p>One lock, held for a few map operations; jobs run outside of it, each on a virtual thread.
 */
public final class Bulkhead implements AutoCloseable {

    /** What became of a job that was offered. */
    public enum Offer {
        /** It runs, or will. */
        TAKEN,
        /** There is one by that name already: it will run, or runs now and will run once more. */
        KNOWN,
        /** Its lane has no room now. */
        FULL
    }

    private record Job(Object name, Object sender, Runnable work) {}

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
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final Map<Object, Integer> runningOf = new HashMap<>();

    /** Each name's job, and for one that runs, what is to run after it: empty if nothing is. */
    private final Map<Object, Optional<Job>> names = new HashMap<>();

    private final Set<Object> runningNames = new HashSet<>();
    private int running;
    private boolean closed;

    /**
     * Empty lanes.
     *
     * @param threads what the jobs' threads are called
     * @param inAll how many jobs run at once
     * @param maxPerReceiver how many of them for one receiver
     * @param maxPerSender how many of them of one sender
     * @param waitingForOne how many wait for one receiver
     * @param waitingInAll how many wait, for whomever
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

    /** Runs the work, at once or a little later. Its name is free again when it has ended. */
    public synchronized Offer offer(String receiver, Object sender, Object name, Runnable work) {
        if (names.containsKey(name)) {
            // Whoever runs may have looked already at what has changed since.
            if (runningNames.contains(name)) {
                var _ = names.put(name, Optional.of(new Job(name, sender, work)));
            }
            return Offer.KNOWN;
        }
        Lane lane = lanes.getOrDefault(receiver, new Lane());
        if (closed || lane.waiting.size() >= waitingForOne || names.size() - running >= waitingInAll) {
            return Offer.FULL;
        }
        var _ = lanes.putIfAbsent(receiver, lane);
        var _ = names.put(name, Optional.empty());
        lane.waiting.addLast(new Job(name, sender, work));
        startWhatMay();
        return Offer.TAKEN;
    }

    /** Whoever was served goes to the end of the row, so that every lane has its turn. */
    private void startWhatMay() {
        boolean started = true;
        while (started && running < inAll) {
            started = false;
            for (Map.Entry<String, Lane> lane : lanes.entrySet()) {
                started |= running < inAll && startOne(lane.getKey(), lane.getValue());
            }
        }
    }

    private boolean startOne(String receiver, Lane lane) {
        if (lane.running >= maxPerReceiver) {
            return false;
        }
        for (Iterator<Job> jobs = lane.waiting.iterator(); jobs.hasNext(); ) {
            Job job = jobs.next();
            if (runningOf.getOrDefault(job.sender(), 0) < maxPerSender) {
                jobs.remove();
                var _ = runningNames.add(job.name());
                lane.running++;
                running++;
                var _ = runningOf.merge(job.sender(), 1, Integer::sum);
                Thread.ofVirtual().name(threads).start(() -> {
                    try {
                        job.work().run();
                    } finally {
                        ended(receiver, job);
                    }
                });
                return true;
            }
        }
        return false;
    }

    private synchronized void ended(String receiver, Job job) {
        running--;
        var _ = runningNames.remove(job.name());
        Optional<Job> again = names.remove(job.name());
        var _ = runningOf.computeIfPresent(job.sender(), (_, count) -> count == 1 ? null : count - 1);
        Lane lane = lanes.remove(receiver);
        if (lane != null) {
            lane.running--;
            if (again != null && again.isPresent() && !closed) {
                var _ = names.put(job.name(), Optional.empty());
                lane.waiting.addLast(again.get());
            }
            if (lane.running > 0 || !lane.waiting.isEmpty()) {
                lanes.put(receiver, lane);
            }
        }
        startWhatMay();
    }

    /** How many run now. */
    public synchronized int running() {
        return running;
    }

    /** How many wait now. */
    public synchronized int waiting() {
        return names.size() - running;
    }

    /** Starts nothing more. */
    @Override
    public synchronized void close() {
        closed = true;
        lanes.values().forEach(lane -> {
            lane.waiting.forEach(job -> names.remove(job.name()));
            lane.waiting.clear();
        });
    }
}
