package dev.harp.relay.webhook;

import dev.harp.relay.model.Notice;
import io.helidon.common.tls.Tls;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Attempts to tell platforms, a few at a time.
 *
 * <p>Whoever wants to tell something takes a {@link Place} first. There are so many in all, so many for one receiver, and so many for one
 * pairing: a receiver that never answers holds its own few and nobody else's, and one pairing with many receivers does no better. Nothing queues
 * here: what finds no place stays where it is stored, and is due again a little later.
 */
public final class Webhooks implements AutoCloseable {
    /** How long one attempt may take, from the name's lookup to the answer's head. */
    public static final Duration ATTEMPT = Duration.ofSeconds(10);

    private static final int IN_ALL = 256;
    private static final int FOR_ONE = 8;

    private final AddressGuard guard;
    private final Post post;
    private final Duration limit;
    private final InstantSource clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<Object, Integer> taken = new HashMap<>();
    private int inAll;

    /**
     * Nothing is being told yet.
     *
     * @param guard says where to connect to
     * @param trust whose certificates are believed; asked once, at the first attempt
     * @param limit how long one attempt may take
     * @param clock for the time that is signed
     */
    public Webhooks(AddressGuard guard, Supplier<Tls> trust, Duration limit, InstantSource clock) {
        this.guard = guard;
        this.post = new Post(trust, limit);
        this.limit = limit;
        this.clock = clock;
    }

    /** Whom any Java program trusts. */
    public static Tls publicTrust() {
        return Tls.builder().build();
    }

    /** What a webhook may call, for whoever takes the URL. */
    public AddressGuard guard() {
        return guard;
    }

    /** Takes a place for an attempt; empty if there is none for this receiver, this pairing, or anybody now. */
    public synchronized Optional<Place> place(Notice notice) {
        String receiver = CallbackUrl.parse(notice.callback().url()) instanceof CallbackUrl.Good(CallbackUrl url)
                ? url.toString()
                : "";
        Object pair = notice.key().pair();
        if (inAll >= IN_ALL || taken.getOrDefault(receiver, 0) >= FOR_ONE || taken.getOrDefault(pair, 0) >= FOR_ONE) {
            return Optional.empty();
        }
        inAll++;
        var _ = taken.merge(receiver, 1, Integer::sum);
        var _ = taken.merge(pair, 1, Integer::sum);
        return Optional.of(new Place(receiver, pair));
    }

    private synchronized void free(Object receiver, Object pair) {
        inAll--;
        var _ = taken.computeIfPresent(receiver, (_, count) -> count == 1 ? null : count - 1);
        var _ = taken.computeIfPresent(pair, (_, count) -> count == 1 ? null : count - 1);
    }

    /** How many attempts are being made now. */
    public synchronized int attempts() {
        return inAll;
    }

    /** The right to make one attempt. Closing gives it back. */
    public final class Place implements AutoCloseable {
        private final Object receiver;
        private final Object pair;

        private Place(Object receiver, Object pair) {
            this.receiver = receiver;
            this.pair = pair;
        }

        /** Makes the attempt, and takes no longer for it than it may. Never throws. */
        public Outcome tell(Notice notice) {
            Future<Outcome> attempt;
            try {
                attempt = threads.submit(() -> attempt(notice));
            } catch (RejectedExecutionException _) {
                return Outcome.Failed.because("the relay stops");
            }
            try {
                return attempt.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException _) {
                return Outcome.Failed.because("no answer in time");
            } catch (ExecutionException e) {
                // The class only: messages quote addresses and names that are the platform's affair.
                return Outcome.Failed.because(innermost(e).getClass().getSimpleName());
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return Outcome.Failed.because("the relay stops");
            } finally {
                // Ends the thread if it still runs: its socket is closed with it.
                var _ = attempt.cancel(true);
            }
        }

        @Override
        public void close() {
            free(receiver, pair);
        }
    }

    private Outcome attempt(Notice notice) {
        return switch (guard.check(notice.callback().url())) {
            case AddressGuard.Allowed allowed ->
                post.send(
                        allowed,
                        notice.callback(),
                        Message.of(notice),
                        clock.instant().getEpochSecond());
            case AddressGuard.Blocked _ -> Outcome.Failed.because("address not allowed");
        };
    }

    private static Throwable innermost(Throwable thrown) {
        Throwable cause = thrown;
        for (int depth = 0; depth < 16 && cause.getCause() != null; depth++) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Ends what is being attempted. */
    @Override
    public void close() {
        var _ = threads.shutdownNow();
    }
}
