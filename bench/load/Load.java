package load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import load.Calls.Pair;

/**
 * The loads, for one server or for two on one store. A load ends only when each of its calls is answered.
 *
 * <p>The times include the generator's own, on the same cores.
 */
public final class Load implements AutoCloseable {
    /** Connections that submit; so many that a server that stops for a moment does not stop the next submission. */
    private static final int WAKERS = 256;

    private final Loop loop = new Loop();
    private final Calls calls;
    private final InetSocketAddress platforms;
    private final InetSocketAddress devices;

    private List<Pair> busy = List.of();
    private final List<Connection> clients = new ArrayList<>();
    private final Deque<Poll> parked = new ArrayDeque<>();
    private final List<Connection> streams = new ArrayList<>();

    /** What happens next to a poll that is answered. */
    private Consumer<Poll> woken = _ -> {};

    /**
     * @param platforms where platforms call
     * @param devices where devices call, possibly the same
     */
    public Load(Calls calls, InetSocketAddress platforms, InetSocketAddress devices) throws IOException {
        this.calls = calls;
        this.platforms = platforms;
        this.devices = devices;
    }

    /** How many there were, in how many seconds, and how long each took if that was measured. */
    public record Ran(long count, double seconds, Times times) {
        /** A second. */
        public double rate() {
            return count / seconds;
        }
    }

    /** A pairing that has one approval after another. */
    private record Pipe(Pair pair, Connection platform, Connection device) {}

    /** A device whose poll is parked, and when it was sent what it waits for. */
    private static final class Poll {
        final Pair pair;
        final Connection connection;
        long sentAt;

        Poll(Pair pair, Connection connection) {
            this.pair = pair;
            this.connection = connection;
        }
    }

    /** Whole approvals of so many pairings at a time. */
    public Ran approvals(int pairs, double seconds) throws IOException {
        if (busy.isEmpty()) {
            busy = pairs(pairs);
        }
        List<Pipe> pipes = new ArrayList<>();
        for (Pair pair : busy) {
            pipes.add(new Pipe(pair, loop.connect(platforms), loop.connect(devices)));
        }
        Approvals run = new Approvals(after(seconds));
        long begin = System.nanoTime();
        pipes.forEach(run::next);
        loop.run(() -> run.active == 0);
        Ran ran = new Ran(run.count, since(begin), new Times());
        for (Pipe pipe : pipes) {
            pipe.platform.close();
            pipe.device.close();
        }
        return ran;
    }

    private final class Approvals {
        private final long end;
        private int active;
        private long count;

        Approvals(long end) {
            this.end = end;
        }

        void next(Pipe pipe) {
            active++;
            Pair pair = pipe.pair;
            String request = Calls.uuid7();
            int[] open = {2};
            pipe.device.send(calls.deviceWaits(pair), got -> {
                calls.deviceGot(pair, got.ok());
                pipe.device.send(calls.respond(pair, request), taken -> {
                    taken.ok();
                    ended(pipe, open);
                });
            });
            pipe.platform.send(calls.submit(pair, request), stored -> {
                stored.ok();
                pipe.platform.send(calls.platformWaits(pair, request), got -> {
                    calls.platformGot(pair, got.ok());
                    ended(pipe, open);
                });
            });
        }

        private void ended(Pipe pipe, int[] open) {
            if (--open[0] == 0) {
                count++;
                active--;
                if (System.nanoTime() < end) {
                    next(pipe);
                }
            }
        }
    }

    /** {@code GET /health} by so many connections. */
    public Ran health(int connections, double seconds) throws IOException {
        byte[] request = Calls.http("GET", "/health", "", "", "");
        Times times = new Times();
        long end = after(seconds);
        int[] active = {connections};
        long begin = System.nanoTime();
        for (Connection client : clients(connections)) {
            new Runnable() {
                @Override
                public void run() {
                    long sent = System.nanoTime();
                    client.send(request, reply -> {
                        reply.ok();
                        times.since(sent);
                        if (System.nanoTime() < end) {
                            run();
                        } else {
                            active[0]--;
                        }
                    });
                }
            }.run();
        }
        loop.run(() -> active[0] == 0);
        return new Ran(times.count(), since(begin), times);
    }

    /** Pairings for {@link #park} and {@link #streams}. */
    public List<Pair> pairs(int count) throws IOException {
        return calls.pairs(count, loop, platforms);
    }

    /** Parks a poll for each pairing, and waits until the server must have parked it, and watches its client. */
    public void park(List<Pair> pairs) throws IOException {
        for (Pair pair : pairs) {
            park(new Poll(pair, loop.connect(devices)));
        }
        rest(2.5);
    }

    private void park(Poll poll) {
        parked.add(poll);
        poll.connection.send(calls.deviceWaits(poll.pair), got -> {
            calls.deviceGot(poll.pair, got.ok());
            woken.accept(poll);
        });
    }

    /** Closes the connections of all polls but so many. */
    public void leave(int count) throws IOException {
        while (parked.size() > count) {
            parked.removeLast().connection.close();
        }
        rest(1);
    }

    /** Wakes so many of the parked polls a second, those first that have waited longest; each then parks again. */
    public Ran wakes(int perSecond, double seconds) throws IOException {
        Deque<Connection> free = new ArrayDeque<>(clients(WAKERS));
        Times times = new Times();
        long total = Math.round(perSecond * seconds);
        long[] sent = {0};
        woken = poll -> {
            times.since(poll.sentAt);
            park(poll);
        };
        long begin = System.nanoTime();
        loop.run(() -> times.count() == total && free.size() == WAKERS, () -> {
            long due = Math.min(total, (long) (since(begin) * perSecond) + 1);
            while (sent[0] < due && !free.isEmpty() && !parked.isEmpty()) {
                sent[0]++;
                submit(free.remove(), parked.remove(), free::add);
            }
        });
        return new Ran(total, since(begin), times);
    }

    /** Sends what a poll waits for. */
    private void submit(Connection client, Poll poll, Consumer<Connection> answered) {
        poll.sentAt = System.nanoTime();
        client.send(calls.submit(poll.pair, Calls.uuid7()), stored -> {
            stored.ok();
            answered.accept(client);
        });
    }

    /** Wakes all parked polls as fast as so many connections submit: the seconds until all are answered. */
    public double release(int connections) throws IOException {
        List<Poll> waiting = List.copyOf(parked);
        parked.clear();
        Deque<Poll> left = new ArrayDeque<>(waiting);
        int[] open = {waiting.size(), waiting.size()};
        double[] took = {0};
        long begin = System.nanoTime();
        woken = _ -> {
            if (--open[0] == 0) {
                took[0] = since(begin);
            }
        };
        Consumer<Connection> next = new Consumer<>() {
            @Override
            public void accept(Connection client) {
                if (!left.isEmpty()) {
                    submit(client, left.remove(), answered -> {
                        open[1]--;
                        accept(answered);
                    });
                }
            }
        };
        clients(connections).forEach(next);
        loop.run(() -> open[0] == 0 && open[1] == 0);
        waiting.forEach(this::park);
        rest(2.5);
        return took[0];
    }

    /** Opens a stream of events for each pairing. */
    public void streams(List<Pair> pairs) throws IOException {
        for (Pair pair : pairs) {
            Connection connection = loop.connect(devices);
            streams.add(connection);
            connection.stream(calls.stream(pair));
        }
        rest(2.5);
        if (!streams.stream().allMatch(Connection::streams)) {
            throw new IOException("a stream has not begun");
        }
    }

    private List<Connection> clients(int count) throws IOException {
        clients.removeIf(client -> !client.isOpen());
        while (clients.size() < count) {
            clients.add(loop.connect(platforms));
        }
        return clients.subList(0, count);
    }

    /** Lets the server rest, so that what is measured next is not what went before. */
    public void rest(double seconds) throws IOException {
        long end = after(seconds);
        loop.run(() -> System.nanoTime() >= end);
    }

    private static long after(double seconds) {
        return System.nanoTime() + (long) (seconds * 1e9);
    }

    private static double since(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    @Override
    public void close() throws IOException {
        loop.close();
    }
}
