package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.client.Platform;
import dev.harp.client.Platform.Sent;
import dev.harp.client.Platform.Submission;
import dev.harp.client.PlatformCredentials;
import dev.harp.message.Intent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The requests of one pairing that this process has open, and the ends of those that no call has told yet. Each is
 * withdrawn when the call that waits for it is cancelled, or runs at {@link #close}. One that no call waits for, as its
 * call has answered {@code pending}, stays open: another process can take it up by its id.
 */
final class HumanRequests implements AutoCloseable {
    /** The most requests that no call waits for: those that are open, with the last ones that have ended. */
    static final int MAX = 64;

    /** Within the four seconds after which clients kill a server that they have closed. */
    private static final Duration LAST_CALL = Duration.ofSeconds(3);

    private final Context context;
    private final OpenJournal journal;
    private final Platform platform;
    private final Duration maxBlock;
    private final Duration step;

    private final ReentrantLock lock = new ReentrantLock();

    /** A request stands here once for each call that waits for it. */
    private final List<HumanRequest> attended = new ArrayList<>();

    /** Those of which a call has told the id, the eldest first. */
    private final Map<String, HumanRequest> told = new LinkedHashMap<>();

    private boolean closed;

    /** What a call has come to. */
    sealed interface Result {}

    /** The request has ended. */
    record Ended(Asking.End end) implements Result {}

    /** The relay has taken what nobody waits for. */
    record Informed(String requestId) implements Result {}

    /** The request is open, and the time of the call is over. */
    record Pending(String requestId) implements Result {}

    /** The relay has not answered within the time of the call; if it has the request, that is withdrawn. */
    record NotTaken() implements Result {}

    /** The client has cancelled the call; the request is withdrawn. */
    record Cancelled() implements Result {}

    /**
     * @param name of the pairing
     * @param maxBlock how long a call may wait
     * @param step the time between two progress notifications of a call
     */
    HumanRequests(Context context, String name, Duration maxBlock, Duration step) {
        PlatformCredentials credentials = context.home().pairing(name);
        this.context = context;
        this.journal = new OpenJournal(context.home().journal(name));
        this.platform = new Platform(
                credentials,
                journal,
                context.environment(),
                () -> context.home().find(name));
        this.maxBlock = maxBlock;
        this.step = step;
    }

    /** Asks, and waits for the end within the time of a call. */
    Result ask(Ask ask, McpCall call) throws InterruptedException {
        return attend(() -> opened(true, () -> submit(ask)), call);
    }

    /** Tells something, and waits for the relay only. */
    Result inform(Ask ask, McpCall call) throws InterruptedException {
        HumanRequest.Opening opening = () -> {
            Submission made = submit(ask);
            if (made instanceof Platform.Accepted(Sent sent)) {
                journal.closed(sent.requestId());
            }
            return made;
        };
        return attend(() -> opened(false, opening), call);
    }

    /**
     * Goes on waiting for a request that a call has left open, of this process or an earlier one.
     *
     * @throws Failure if there is none of this id
     */
    Result resume(String requestId, McpCall call) throws InterruptedException {
        return attend(() -> Optional.ofNullable(told.get(requestId)).orElseGet(() -> taken(requestId)), call);
    }

    private HumanRequest taken(String requestId) {
        Sent sent = platform.resume(requestId)
                .filter(found -> found.question().intent() != Intent.INFORM)
                .orElseThrow(() -> Asking.noSuchRequest(requestId));
        HumanRequest request = opened(true, () -> new Platform.Accepted(sent));
        told.put(requestId, request);
        return request;
    }

    private HumanRequest opened(boolean awaited, HumanRequest.Opening opening) {
        forgetEnded();
        if (told.size() >= MAX) {
            throw new Failure(
                    ExitCode.FAILED,
                    MAX + " requests are open that no call waits for, and no more are allowed; wait for one of them");
        }
        return HumanRequest.start(platform, awaited, opening);
    }

    /** Of the ended ones the newest stay, as the model may ask again. */
    private void forgetEnded() {
        Iterator<HumanRequest> eldest = told.values().iterator();
        while (told.size() >= MAX && eldest.hasNext()) {
            if (eldest.next().isOver()) {
                eldest.remove();
            }
        }
    }

    private Submission submit(Ask ask) throws InterruptedException {
        context.home().forgetExpired(context.environment().clock().instant().getEpochSecond());
        return platform.submit(ask);
    }

    private Result attend(Supplier<HumanRequest> find, McpCall call) throws InterruptedException {
        HumanRequest request = enter(find);
        try {
            return attend(request, call);
        } catch (ExecutionException e) {
            throw new Failure(
                    ExitCode.FAILED, "harp has failed (" + Printable.line(String.valueOf(e.getCause())) + ")");
        } finally {
            locked(() -> attended.remove(request));
        }
    }

    private HumanRequest enter(Supplier<HumanRequest> find) {
        return locked(() -> {
            if (closed) {
                throw new Failure(ExitCode.ENDED, "the server is ending");
            }
            HumanRequest request = find.get();
            attended.add(request);
            return request;
        });
    }

    private <T> T locked(Supplier<T> step) {
        lock.lock();
        try {
            return step.get();
        } finally {
            lock.unlock();
        }
    }

    private Result attend(HumanRequest request, McpCall call) throws InterruptedException, ExecutionException {
        long begun = context.environment().nanoTime().getAsLong();
        String last = "";
        boolean stepOver = true;
        while (!request.isOver()) {
            if (call.isCancelled()) {
                request.withdraw();
                return new Cancelled();
            }
            Duration waited = Duration.ofNanos(context.environment().nanoTime().getAsLong() - begun);
            Duration left = maxBlock.minus(waited);
            if (!left.isPositive()) {
                return outOfTime(request);
            }
            String status = request.status();
            if (stepOver || !status.equals(last)) {
                call.progress(status + " (" + waited.toSeconds() + " s)");
                last = status;
            }
            stepOver = !isNews(CompletableFuture.anyOf(request.news(), call.cancelled()), left);
        }
        return request.end()
                .<Result>map(Ended::new)
                .orElseGet(() -> new Informed(request.id().orElseThrow()));
    }

    /** Whether something has come within the step, or within the time that is left. */
    private boolean isNews(CompletableFuture<?> news, Duration left) throws InterruptedException {
        Duration wait = left.compareTo(step) < 0 ? left : step;
        try {
            news.get(wait.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // the request has failed, which its end says
        }
    }

    private Result outOfTime(HumanRequest request) {
        Optional<String> id = request.id();
        if (id.isEmpty()) {
            // The relay may have it nevertheless, or take it later.
            Thread.ofVirtual().name("withdrawal").start(() -> finish(request::withdraw));
            return new NotTaken();
        }
        locked(() -> {
            told.put(id.get(), request);
            return request;
        });
        return new Pending(id.get());
    }

    @FunctionalInterface
    private interface Last {
        void run() throws InterruptedException;
    }

    private static void finish(Last last) {
        try {
            last.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Withdraws what calls wait for, within three seconds. */
    @Override
    public void close() {
        Set<HumanRequest> abandoned = locked(() -> {
            closed = true;
            return Set.copyOf(attended);
        });
        CountDownLatch left = new CountDownLatch(abandoned.size());
        abandoned.forEach(request -> Thread.ofVirtual().name("withdrawal").start(() -> {
            finish(request::abandon);
            left.countDown();
        }));
        finish(() -> left.await(LAST_CALL.toMillis(), TimeUnit.MILLISECONDS));
        // Whatever the relay has of the others, nobody reads it again.
        journal.closeAllBut(locked(() -> told.entrySet().stream()
                .filter(each -> !each.getValue().isOver() && !abandoned.contains(each.getValue()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet())));
        platform.close();
    }
}
