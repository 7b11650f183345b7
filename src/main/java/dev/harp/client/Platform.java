package dev.harp.client;

import dev.harp.client.RelayApi.Answer;
import dev.harp.client.RelayException.Kind;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.AskedQuestion;
import dev.harp.message.Assurance;
import dev.harp.message.Checked;
import dev.harp.message.Envelope;
import dev.harp.message.Judgement;
import dev.harp.message.PlatformPairing;
import dev.harp.message.Question;
import dev.harp.message.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The asking side of one pairing. A request is stored in the journal before it is sent, is judged by this machine's
 * clocks alone, and is done at its deadline or its first final state, whichever comes first: what the relay says of it
 * later is not read. Safe for use by many threads; each call blocks its own.
 */
public final class Platform implements AutoCloseable {
    /** The first polls are short, so that a listener hears soon that the device has read the request. */
    private static final Duration FIRST_POLL = Duration.ofSeconds(2);

    private final RelayApi api;
    private final Environment environment;
    private final PlatformCredentials credentials;
    private final RequestJournal journal;
    private final Supplier<Optional<PlatformCredentials>> stored;

    /**
     * A request that is under way.
     *
     * @param begun when it was issued, by the monotonic clock
     */
    public record Sent(AskedQuestion asked, long begun) {
        public String requestId() {
            return asked.question().requestId();
        }

        public Question question() {
            return asked.question();
        }
    }

    /** What became of sending. */
    public sealed interface Submission {}

    /** The relay has it. */
    public record Accepted(Sent sent) implements Submission {}

    /** It is over before it began. */
    public record Rejected(Outcome outcome) implements Submission {}

    /** How far a request that is still open has come. */
    public enum Progress {
        /** The relay has it. */
        SENT,
        /** The device has read it; whether a person has seen it, nobody knows. */
        DELIVERED
    }

    /** For credentials that hold as long as this object is in use. */
    public Platform(PlatformCredentials credentials, RequestJournal journal, Environment environment) {
        this(credentials, journal, environment, () -> Optional.of(credentials));
    }

    /**
     * For credentials that somebody may delete meanwhile: whoever revokes a stolen phone deletes them, and a request
     * that is under way must then not take the thief's answer, whatever the relay knows of it.
     *
     * @param stored what is stored now; nothing, or those of another pairing, if this pairing has been revoked. It is
     *     asked before each request, each poll, and each answer that counts
     */
    public Platform(
            PlatformCredentials credentials,
            RequestJournal journal,
            Environment environment,
            Supplier<Optional<PlatformCredentials>> stored) {
        this.stored = stored;
        this.api = new RelayApi(credentials.relay(), environment);
        this.environment = environment;
        this.credentials = credentials;
        this.journal = journal;
    }

    /** Asks, and waits for the end. If the thread is interrupted, the request stays open: withdraw it. */
    public Outcome ask(Ask ask) throws InterruptedException {
        return switch (submit(ask)) {
            case Accepted(Sent sent) -> await(sent);
            case Rejected(Outcome outcome) -> outcome;
        };
    }

    /** Asks on a virtual thread of its own. Cancelling the future does not withdraw the request. */
    public CompletableFuture<Outcome> askAsync(Ask ask) {
        CompletableFuture<Outcome> future = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                future.complete(ask(ask));
            } catch (Throwable e) {
                // An Error too: whoever waits would wait for ever.
                future.completeExceptionally(e);
            }
        });
        return future;
    }

    /** Stores the question, and sends it. The relay's refusals and its absence are outcomes. */
    public Submission submit(Ask ask) throws InterruptedException {
        return submit(ask, Duration.ZERO);
    }

    private boolean isStored() {
        return stored.get()
                .filter(now ->
                        now.pairing().transcript().equals(credentials.pairing().transcript()))
                .isPresent();
    }

    private Submission submit(Ask ask, Duration ahead) throws InterruptedException {
        if (!isStored()) {
            return new Rejected(new Outcome.PairingEnded());
        }
        PlatformPairing pairing = credentials.pairing();
        String id = Submissions.newId(environment, ahead);
        Checked<AskedQuestion> sealed = Assurance.choose(ask.assurance(), ask.severity(), pairing.join())
                .flatMap(chosen -> pairing.seal(ask.question(id, environment.now(), chosen), environment.random()));
        return switch (sealed) {
            case Checked.Refused<AskedQuestion>(Reason reason) -> new Rejected(new Outcome.NotSent(reason));
            case Checked.Ok<AskedQuestion>(AskedQuestion asked) -> send(ask, asked, ahead);
        };
    }

    private Submission send(Ask ask, AskedQuestion asked, Duration ahead) throws InterruptedException {
        Sent sent = new Sent(asked, environment.nanoTime().getAsLong());
        String id = sent.requestId();
        journal.opened(asked);
        Duration patience = ask.ttl().compareTo(ask.patience()) < 0 ? ask.ttl() : ask.patience();
        try {
            Members body = Submissions.body(
                    id,
                    credentials.pairing().pairId(),
                    asked.envelope(),
                    ask.ttl().toSeconds());
            Answer answer = api.send("POST", "/v1/requests", credentials.token(), body, environment.in(patience));
            if (Submissions.isStale(answer) && ahead.isZero()) {
                // The id is part of the question, so a new id is a new question.
                journal.closed(id);
                return submit(ask, About.clockDistance(api));
            }
            answer.expect(200, 201);
            return new Accepted(sent);
        } catch (RelayException e) {
            journal.closed(id);
            return new Rejected(notSent(e));
        }
    }

    private static Outcome notSent(RelayException e) {
        if (e.code().equals("payload_too_large")) {
            // This relay's limit may be lower than that of the messages.
            return new Outcome.NotSent(Reason.TOO_LONG);
        }
        return e.kind() == Kind.ENDED || e.kind() == Kind.UNAUTHORIZED
                ? new Outcome.PairingEnded()
                : new Outcome.Unreachable(e.line());
    }

    /**
     * Takes up a request that an earlier process left open.
     *
     * @return nothing if the journal does not have it
     */
    public Optional<Sent> resume(String requestId) {
        return journal.find(requestId).map(asked -> {
            // There is no monotonic time across processes: the wall clock alone says how old it is.
            long age = Math.max(0, environment.now() - asked.question().issuedAt());
            return new Sent(
                    asked,
                    environment.nanoTime().getAsLong() - Duration.ofSeconds(age).toNanos());
        });
    }

    /** Waits for the end of a request. */
    public Outcome await(Sent sent) throws InterruptedException {
        return await(sent, _ -> {});
    }

    /**
     * Waits for the end of a request.
     *
     * @param listener is told each progress once, on this thread
     */
    public Outcome await(Sent sent, Consumer<Progress> listener) throws InterruptedException {
        listener.accept(Progress.SENT);
        Duration ttl =
                Duration.ofSeconds(sent.question().expiresAt() - sent.question().issuedAt());
        long deadline = sent.begun() + ttl.toNanos();
        Duration wait = FIRST_POLL;
        boolean delivered = false;
        while (true) {
            if (!isInTime(sent)) {
                return over(sent, new Outcome.Expired());
            }
            if (!isStored()) {
                return over(sent, new Outcome.PairingEnded());
            }
            long begun = environment.nanoTime().getAsLong();
            Answer answer;
            try {
                answer = api.poll("/v1/requests/" + sent.requestId(), credentials.token(), wait, deadline);
                if (answer.status() != 200) {
                    return over(sent, lost(answer.refusal()));
                }
                switch (answer.required("state")) {
                    case "responded" -> {
                        return over(sent, judge(sent, answer));
                    }
                    case "expired" -> {
                        return over(sent, new Outcome.Expired());
                    }
                    case "cancelled" -> {
                        return over(sent, cancelled());
                    }
                    default -> {
                        boolean read = answer.body().get("delivered_at").isPresent();
                        if (read && !delivered) {
                            delivered = true;
                            listener.accept(Progress.DELIVERED);
                        }
                    }
                }
            } catch (RelayException e) {
                return over(sent, new Outcome.Unreachable(e.line()));
            }
            api.pauseIfEarly(begun, deadline);
            Duration longer = delivered ? RelayApi.LONG_POLL : wait.multipliedBy(2);
            wait = longer.compareTo(RelayApi.LONG_POLL) > 0 ? RelayApi.LONG_POLL : longer;
        }
    }

    private boolean isInTime(Sent sent) {
        long elapsed = Duration.ofNanos(environment.nanoTime().getAsLong() - sent.begun())
                .toSeconds();
        return sent.asked().isInTime(environment.now(), elapsed);
    }

    private Outcome over(Sent sent, Outcome outcome) {
        journal.closed(sent.requestId());
        return outcome;
    }

    private Outcome judge(Sent sent, Answer timeline) {
        if (!isInTime(sent)) {
            return new Outcome.Expired();
        }
        Optional<Envelope> response = timeline.body()
                .get("response")
                .filter(Members.class::isInstance)
                .flatMap(member -> Values.envelope((Members) member));
        if (response.isEmpty()) {
            return new Outcome.NotGenuine(Reason.ENVELOPE);
        }
        return switch (credentials.pairing().judge(sent.asked(), response.get(), environment.now())) {
            // Revoked while the poll was under way.
            case Judgement.Accepted _ when !isStored() -> new Outcome.PairingEnded();
            case Judgement.Accepted(var answer, var given, var clockDiffers, var receipt) ->
                new Outcome.Decided(answer, given, clockDiffers, receipt);
            case Judgement.NotSureEnough(var _, var given, var asked) -> new Outcome.LessAssurance(given, asked);
            case Judgement.NotGenuine(Reason reason) -> new Outcome.NotGenuine(reason);
        };
    }

    /** A cancelled request is one that this platform has withdrawn, or one whose pairing has been revoked. */
    private Outcome cancelled() throws InterruptedException {
        try {
            return isActive() ? new Outcome.Withdrawn() : new Outcome.PairingEnded();
        } catch (RelayException e) {
            return new Outcome.Withdrawn();
        }
    }

    /** 401 for a request says that the pairing is gone, or that only the request has been forgotten. */
    private Outcome lost(RelayException refusal) throws InterruptedException {
        if (refusal.kind() != Kind.UNAUTHORIZED) {
            return new Outcome.Unreachable(refusal.line());
        }
        try {
            return isActive()
                    ? new Outcome.Unreachable("the relay has forgotten the request")
                    : new Outcome.PairingEnded();
        } catch (RelayException e) {
            return new Outcome.Unreachable(e.line());
        }
    }

    /** Whether the relay still has the pairing. */
    public boolean isActive() throws RelayException, InterruptedException {
        int status = api.get("/v1/pairs/" + credentials.pairing().pairId(), credentials.token())
                .status();
        return status != 401 && status != 410;
    }

    /**
     * Withdraws a request, so that the card goes from the device. If it has been answered meanwhile, that is the
     * outcome.
     */
    public Outcome withdraw(Sent sent) throws InterruptedException {
        try {
            Answer answer = api.delete("/v1/requests/" + sent.requestId(), credentials.token());
            if (answer.code().equals("already_decided")) {
                return await(sent);
            }
            return over(sent, answer.status() == 204 ? new Outcome.Withdrawn() : lost(answer.refusal()));
        } catch (RelayException e) {
            return over(sent, new Outcome.Unreachable(e.line()));
        }
    }

    /**
     * Has the relay replace the token, as when somebody else may have it: from then on the relay refuses the present
     * one, and with it this object and every copy of its credentials. Store what is returned before anything else. A
     * call whose answer was lost may have replaced it: the next call is then refused as unauthorized, and only a new
     * pairing helps.
     *
     * @return the same credentials with the new token
     * @throws RelayException if the relay refuses, or cannot be reached
     */
    public PlatformCredentials replaceToken() throws RelayException, InterruptedException {
        PlatformPairing pairing = credentials.pairing();
        Answer answer = api.send(
                        "POST",
                        "/v1/pairs/" + pairing.pairId() + "/token",
                        credentials.token(),
                        JsonTree.object().build())
                .expect(200);
        return new PlatformCredentials(
                credentials.relay(),
                answer.required("platform_token", RelayApi.WORD),
                pairing,
                credentials.pairedAt(),
                credentials.checked());
    }

    /**
     * Ends the pairing at the relay. Delete the credentials first: then it has ended whatever the relay does.
     *
     * @throws RelayException if the relay cannot be told
     */
    public void revoke() throws RelayException, InterruptedException {
        Answer answer = api.delete("/v1/pairs/" + credentials.pairing().pairId(), credentials.token());
        if (answer.status() != 204 && answer.status() != 401 && answer.status() != 410) {
            throw answer.refusal();
        }
    }

    /** Ends what is under way; open requests stay open. */
    @Override
    public void close() {
        api.close();
    }
}
