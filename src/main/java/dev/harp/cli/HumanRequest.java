package dev.harp.cli;

import dev.harp.client.Outcome;
import dev.harp.client.Platform;
import dev.harp.client.Platform.Progress;
import dev.harp.client.Platform.Sent;
import dev.harp.client.Platform.Submission;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A request that is sent and waited for on a thread of its own, for as long as it is open: calls look at it, and come
 * and go meanwhile.
 */
final class HumanRequest {
    private final Platform platform;
    private final boolean awaited;
    private final CompletableFuture<Submission> submission = new CompletableFuture<>();
    private final CompletableFuture<Void> delivered = new CompletableFuture<>();
    private final CompletableFuture<Asking.End> end = new CompletableFuture<>();
    private final Thread waiting;

    /** What makes an open request. */
    @FunctionalInterface
    interface Opening {
        Submission open() throws InterruptedException;
    }

    private HumanRequest(Platform platform, boolean awaited, Opening opening) {
        this.platform = platform;
        this.awaited = awaited;
        this.waiting = Thread.ofVirtual().name("request").unstarted(() -> run(opening));
    }

    /** @param awaited whether the request is over when it has ended; if not, when the relay has taken it */
    static HumanRequest start(Platform platform, boolean awaited, Opening opening) {
        HumanRequest request = new HumanRequest(platform, awaited, opening);
        request.waiting.start();
        return request;
    }

    private void run(Opening opening) {
        try {
            Submission made = opening.open();
            submission.complete(made);
            switch (made) {
                case Platform.Rejected(Outcome outcome) -> end.complete(new Asking.End(outcome, Optional.empty()));
                case Platform.Accepted(Sent sent) -> {
                    if (awaited) {
                        end.complete(end(sent, platform.await(sent, this::progress)));
                    }
                }
            }
        } catch (Throwable e) {
            // An Error too: whoever looks would wait for ever.
            submission.completeExceptionally(e);
            end.completeExceptionally(e);
        }
    }

    private void progress(Progress progress) {
        if (progress == Progress.DELIVERED) {
            delivered.complete(null);
        }
    }

    private static Asking.End end(Sent sent, Outcome outcome) {
        return new Asking.End(outcome, Optional.of(sent.requestId()));
    }

    /** Whether there is nothing more to wait for. */
    boolean isOver() {
        return end.isDone() || (!awaited && submission.isDone());
    }

    /**
     * How the request has ended; nothing for one that is not waited for, and that the relay has taken. To be asked when
     * it is over.
     *
     * @throws ExecutionException if it has failed on this machine
     */
    Optional<Asking.End> end() throws ExecutionException, InterruptedException {
        return end.isDone() || awaited || !(submission.get() instanceof Platform.Accepted)
                ? Optional.of(end.get())
                : Optional.empty();
    }

    /** The request's id, if the relay has taken it. */
    Optional<String> id() {
        return submission.isDone()
                        && !submission.isCompletedExceptionally()
                        && submission.join() instanceof Platform.Accepted(Sent sent)
                ? Optional.of(sent.requestId())
                : Optional.empty();
    }

    /** How far the request has come, in words. */
    String status() {
        if (id().isEmpty()) {
            return "The relay has not answered yet";
        }
        return delivered.isDone() ? "On the device; waiting for the person" : "Sent; the device has not fetched it yet";
    }

    /** Completed by the next change of the status, or by the end. */
    CompletableFuture<?> news() {
        List<CompletableFuture<?>> open = new ArrayList<>(List.of(end));
        if (!submission.isDone()) {
            open.add(submission);
        } else if (!delivered.isDone()) {
            open.add(delivered);
        }
        return CompletableFuture.anyOf(open.toArray(CompletableFuture[]::new));
    }

    /**
     * Takes the request back, so that its card goes from the device. Waits for the relay's word on the submission,
     * which a withdrawal must not overtake. An end that is there already stays.
     */
    void withdraw() throws InterruptedException {
        try {
            if (submission.get() instanceof Platform.Accepted(Sent sent) && !end.isDone()) {
                end.complete(end(sent, platform.withdraw(sent)));
                waiting.interrupt();
            }
        } catch (ExecutionException e) {
            // It was not sent, and whoever waits for its end hears that.
        }
    }

    /** Does what is left when nobody waits any more: withdraws what asks for an answer, and lets the rest be sent. */
    void abandon() throws InterruptedException {
        if (awaited) {
            withdraw();
            return;
        }
        try {
            submission.get();
        } catch (ExecutionException e) {
            // It was not sent.
        }
    }
}
