package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.client.Outcome;
import dev.harp.client.Platform;
import dev.harp.client.Platform.Progress;
import dev.harp.client.Platform.Sent;
import dev.harp.client.Platform.Submission;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RequestJournal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToIntFunction;

/** Asks one question of one pairing, and waits for its end; a signal withdraws it. */
final class Asking {
    /** How long a signal waits for the relay: longer than an answer takes, shorter than a person's patience. */
    private static final Duration LAST_CALL = Duration.ofSeconds(5);

    private final Context context;
    private final Terminal terminal;
    private final PlatformCredentials credentials;
    private final String name;
    private final OpenJournal journal;

    /**
     * How a request has ended.
     *
     * @param requestId nothing if the relay did not take it
     */
    record End(Outcome outcome, Optional<String> requestId) {}

    Asking(Context context, String name) {
        this(context, name, context.home().journal(name));
    }

    /** With a journal of the caller's, which has to keep what that of the home folder keeps. */
    Asking(Context context, String name, RequestJournal journal) {
        this.context = context;
        this.terminal = context.terminal();
        this.name = name;
        this.credentials = context.home().pairing(name);
        this.journal = new OpenJournal(journal);
    }

    private Platform platform() {
        return new Platform(
                credentials,
                journal,
                context.environment(),
                () -> context.home().find(name));
    }

    /** Sends it, and first forgets what a killed process has left that has expired since. */
    private Submission submit(Platform platform, Ask ask) throws InterruptedException {
        context.home().forgetExpired(context.environment().clock().instant().getEpochSecond());
        return platform.submit(ask);
    }

    /** Sends what nobody waits for; the outcome if the relay does not take it. */
    Submission send(Ask ask) throws InterruptedException {
        try (Platform platform = platform()) {
            Submission made = submit(platform, ask);
            if (made instanceof Platform.Accepted(Sent sent)) {
                journal.closed(sent.requestId());
            }
            return made;
        }
    }

    /** Asks, waits, and tells the end; the exit code. If a signal comes first, it tells that end. */
    int ask(Ask ask, ToIntFunction<End> tell) throws InterruptedException {
        return told(platform -> submit(platform, ask), tell);
    }

    /** Takes up a request that an earlier process left open. */
    int resume(String requestId, ToIntFunction<End> tell) throws InterruptedException {
        return told(
                platform ->
                        new Platform.Accepted(platform.resume(requestId).orElseThrow(() -> noSuchRequest(requestId))),
                tell);
    }

    static Failure noSuchRequest(String requestId) {
        return Failure.usage("there is no open request '" + Printable.line(requestId) + "'");
    }

    private int told(Opening opening, ToIntFunction<End> tell) throws InterruptedException {
        End end;
        try (Interrupts interrupts = Interrupts.during(() -> ExitCode.ENDED)) {
            end = end(opening, interrupts, tell);
        }
        return tell.applyAsInt(end);
    }

    /** The end, for callers that do more than tell it. */
    End end(Ask ask, Interrupts interrupts, ToIntFunction<End> atSignal) throws InterruptedException {
        return end(platform -> submit(platform, ask), interrupts, atSignal);
    }

    /** What makes an open request. */
    @FunctionalInterface
    private interface Opening {
        Submission open(Platform platform) throws InterruptedException;
    }

    private End end(Opening opening, Interrupts interrupts, ToIntFunction<End> atSignal) throws InterruptedException {
        CompletableFuture<Submission> submission = new CompletableFuture<>();
        // Before the relay can have it, so that no signal leaves an open request behind.
        interrupts.now(() -> atSignal.applyAsInt(withdrawn(submission)));
        try (Platform platform = platform()) {
            Submission made = opening.open(platform);
            submission.complete(made);
            return switch (made) {
                case Platform.Rejected(Outcome outcome) -> new End(outcome, Optional.empty());
                case Platform.Accepted(Sent sent) -> new End(last(platform, sent), Optional.of(sent.requestId()));
            };
        }
    }

    /** Another process may have withdrawn it before the relay had it: then the relay does not know of that. */
    private Outcome last(Platform platform, Sent sent) throws InterruptedException {
        return journal.find(sent.requestId()).isEmpty() ? platform.withdraw(sent) : await(platform, sent);
    }

    /** Withdraws what another process has open; nothing if nobody has it open any more. */
    Optional<Outcome> withdraw(String requestId) throws InterruptedException {
        try (Platform platform = platform()) {
            Optional<Sent> sent = platform.resume(requestId);
            return sent.isEmpty() ? Optional.empty() : Optional.of(platform.withdraw(sent.get()));
        }
    }

    private Outcome await(Platform platform, Sent sent) throws InterruptedException {
        terminal.say("Request " + sent.requestId() + " is sent.");
        try (Countdown countdown = new Countdown(terminal, "Sent", () -> left(sent))) {
            return platform.await(sent, progress -> {
                if (progress == Progress.DELIVERED) {
                    countdown.now("Delivered to the device");
                }
            });
        }
    }

    private Duration left(Sent sent) {
        long seconds = sent.question().expiresAt()
                - context.environment().clock().instant().getEpochSecond();
        return Duration.ofSeconds(Math.max(0, seconds));
    }

    /** Waits for the relay's word on the submission, since a withdrawal must not overtake it. */
    private End withdrawn(CompletableFuture<Submission> submission) {
        FutureTask<End> withdrawal = new FutureTask<>(() -> switch (submission.get()) {
            case Platform.Rejected(Outcome outcome) -> new End(outcome, Optional.empty());
            case Platform.Accepted(Sent sent) -> new End(withdraw(sent), Optional.of(sent.requestId()));
        });
        Thread.ofPlatform().daemon().name("withdrawal").start(withdrawal);
        try {
            return withdrawal.get(LAST_CALL.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException | InterruptedException e) {
            // Whatever the relay has, nobody reads it again.
            journal.closeAll();
            return new End(
                    new Outcome.Unreachable(
                            "the relay could not be told to withdraw; if it has the request, it ends by itself"),
                    Optional.empty());
        }
    }

    /** By a platform of its own: the one that waits is in use. */
    private Outcome withdraw(Sent sent) throws InterruptedException {
        try (Platform platform = platform()) {
            return platform.withdraw(sent);
        }
    }
}
