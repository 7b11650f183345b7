package dev.harp.relay.webhook;

import dev.harp.relay.model.Notice;
import io.helidon.common.tls.Tls;
import java.time.Duration;
import java.time.InstantSource;
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
 * <p>{@link Lanes} say how many at once, and keep those that have to wait. A lane is memory and may be lost: what is in it is stored, too, and due
 * again when the claim of whoever put it there has lapsed.
 */
public final class Webhooks implements AutoCloseable {
    /** How long one attempt may take, from the name's lookup to the answer's head. */
    public static final Duration ATTEMPT = Duration.ofSeconds(10);

    private static final int IN_ALL = 512;
    private static final int FOR_ONE = 8;
    private static final int WAITING_FOR_ONE = 1024;

    private final AddressGuard guard;
    private final Post post;
    private final Duration limit;
    private final InstantSource clock;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Lanes lanes = new Lanes(IN_ALL, FOR_ONE, WAITING_FOR_ONE);

    /** What became of a notice that was offered. */
    public enum Offer {
        /** It will be attempted soon. */
        TAKEN,
        /** It is being attempted, or will be. */
        KNOWN,
        /** There is no room: offer it again later. */
        FULL
    }

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

    /**
     * Runs the work once there is a place for another attempt at the notice's receiver, on a thread of its own. Returns at once.
     *
     * @param work calls {@link #tell}, once
     */
    public Offer offer(Notice notice, Runnable work) {
        String receiver = CallbackUrl.parse(notice.callback().url()) instanceof CallbackUrl.Good(CallbackUrl url)
                ? url.toString()
                : "";
        return switch (lanes.offer(receiver, notice.key().pair(), notice.key(), work)) {
            case TAKEN -> Offer.TAKEN;
            case KNOWN -> Offer.KNOWN;
            case FULL -> Offer.FULL;
        };
    }

    /** How many attempts are being made now. */
    public int attempts() {
        return lanes.running();
    }

    /** How many notices wait for a place. */
    public int waiting() {
        return lanes.waiting();
    }

    /** Makes one attempt, and takes no longer for it than it may. Never throws. */
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

    /** Ends what is being attempted: it counts as failed nowhere, and is due again when its claim has lapsed. */
    @Override
    public void close() {
        lanes.close();
        var _ = threads.shutdownNow();
    }
}
