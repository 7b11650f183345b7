import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import load.Calls;

/**
 * The pairs of a measurement that lasts: they are opened once, so that nothing but what is measured changes from one
 * turn to the next. Every connection is one of {@link Bench}.
 */
final class Load implements AutoCloseable {
    private static final long SECOND = 1_000_000_000L;

    private final InetSocketAddress relay;
    private final List<Approver> approvers = new ArrayList<>();
    private final List<Sleeper> sleepers = new ArrayList<>();
    private final LongAdder approvals = new LongAdder();
    private int next;
    private volatile boolean closed;
    private volatile Optional<Exception> failure = Optional.empty();

    /** A pair that makes one approval after another. */
    private record Approver(Bench.Pair pair) {

        void approve(Bench.Connection platform, Bench.Connection device) throws IOException {
            String request = Calls.uuid7();
            device.send("GET", "/v1/devices/" + pair.device() + "/requests?wait=60", pair.phone(), "");
            Bench.expect(201, platform.call("POST", "/v1/requests", pair.platform(), pair.submission(request)));
            platform.send("GET", "/v1/requests/" + request + "?wait=60", pair.platform(), "");
            Bench.expect(200, device.receive());
            Bench.expect(
                    200, device.call("PUT", "/v1/requests/" + request + "/response", pair.phone(), Bench.response()));
            Bench.expect(200, platform.receive());
        }
    }

    /** A pair whose device has a long poll parked, except for the moment after each wake. */
    private final class Sleeper {
        final Bench.Connection platform = new Bench.Connection(relay);
        final Bench.Connection device = new Bench.Connection(relay);
        final Bench.Pair pair = Bench.Pair.open(platform);
        volatile boolean parked;
        volatile long sent;
        volatile String request = "";
        volatile LatencyList wakes = new LatencyList(0);

        Sleeper() throws IOException {}

        void run() {
            try {
                while (!closed) {
                    device.send("GET", "/v1/devices/" + pair.device() + "/requests?wait=300", pair.phone(), "");
                    parked = true;
                    boolean woken = Bench.expect(200, device.receive()).body().contains("request_id");
                    long now = System.nanoTime();
                    parked = false;
                    if (woken) {
                        wakes.add(now - sent);
                        Bench.expect(201, platform.receive());
                        String path = "/v1/requests/" + request + "/response";
                        Bench.expect(200, device.call("PUT", path, pair.phone(), Bench.response()));
                    }
                }
            } catch (IOException | RuntimeException e) {
                failure = closed ? failure : Optional.of(e);
            }
        }

        void wake(LatencyList into) throws IOException {
            parked = false;
            wakes = into;
            request = Calls.uuid7();
            String body = pair.submission(request);
            sent = System.nanoTime();
            platform.send("POST", "/v1/requests", pair.platform(), body);
        }
    }

    /** Times in nanoseconds, added by many threads. */
    static final class LatencyList {
        private final long[] nanos;
        private final AtomicInteger count = new AtomicInteger();

        LatencyList(int capacity) {
            nanos = new long[capacity];
        }

        void add(long took) {
            nanos[count.getAndIncrement()] = took;
        }

        /** Milliseconds of this part of all, 0 to 1. */
        double at(double part) {
            long[] sorted = Arrays.copyOf(nanos, count.get());
            Arrays.sort(sorted);
            return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * part))] / 1e6;
        }
    }

    Load(InetSocketAddress relay, int approving, int parked) throws IOException {
        this.relay = relay;
        for (int i = 0; i < approving; i++) {
            try (Bench.Connection connection = new Bench.Connection(relay)) {
                approvers.add(new Approver(Bench.Pair.open(connection)));
            }
        }
        for (int i = 0; i < parked; i++) {
            Sleeper sleeper = new Sleeper();
            sleepers.add(sleeper);
            Thread.ofVirtual().start(sleeper::run);
        }
    }

    /** The ids of the pairings that approve. */
    List<String> pairings() {
        return approvers.stream().map(approver -> approver.pair().id()).toList();
    }

    /** How many have been made. */
    long approvals() {
        return approvals.sum();
    }

    /**
     * Makes approvals by all pairs at once. Returns how many.
     *
     * @param aSecond how many all pairs together make, at most; 0 is as many as they can
     */
    long approve(double seconds, int aSecond) throws InterruptedException {
        long before = approvals.sum();
        long begin = System.nanoTime();
        long end = begin + (long) (seconds * SECOND);
        long pause = aSecond == 0 ? 0 : SECOND * approvers.size() / aSecond;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < approvers.size(); i++) {
            Approver approver = approvers.get(i);
            long first = begin + pause * i / approvers.size();
            threads.add(Thread.ofVirtual().start(() -> {
                long due = first;
                try (Bench.Connection platform = new Bench.Connection(relay);
                        Bench.Connection device = new Bench.Connection(relay)) {
                    while (System.nanoTime() < end) {
                        LockSupport.parkNanos(due - System.nanoTime());
                        due += pause;
                        approver.approve(platform, device);
                        approvals.increment();
                    }
                } catch (IOException | RuntimeException e) {
                    failure = Optional.of(e);
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        check();
        return approvals.sum() - before;
    }

    /**
     * Wakes parked devices in turn, so many a second, and measures the time from the submission to the answer of the
     * long poll. A device that is not parked again yet is passed over.
     */
    LatencyList wake(int count, int aSecond) throws Exception {
        LatencyList wakes = new LatencyList(count);
        long begin = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = begin + i * SECOND / aSecond;
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            Sleeper sleeper = sleepers.get(next++ % sleepers.size());
            while (!sleeper.parked) {
                check();
                sleeper = sleepers.get(next++ % sleepers.size());
            }
            sleeper.wake(wakes);
        }
        long late = System.nanoTime() + 60 * SECOND;
        while (wakes.count.get() < count) {
            check();
            if (System.nanoTime() > late) {
                throw new IllegalStateException("only " + wakes.count + " of " + count + " have woken");
            }
            Thread.sleep(5);
        }
        return wakes;
    }

    private void check() {
        failure.ifPresent(thrown -> {
            throw new IllegalStateException("a call has failed: " + thrown);
        });
    }

    @Override
    public void close() throws IOException {
        closed = true;
        for (Sleeper sleeper : sleepers) {
            sleeper.platform.close();
            sleeper.device.close();
        }
    }
}
