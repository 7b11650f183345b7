package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.client.Outcome;
import dev.harp.client.Platform;
import dev.harp.client.Platform.Progress;
import dev.harp.client.Platform.Sent;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Asks one question and prints how it ends; Ctrl-C and SIGTERM withdraw it. */
final class Asking {
    private final Context context;
    private final Terminal terminal;
    private final boolean json;
    private final Optional<Path> receipt;

    Asking(Context context, boolean json, Optional<Path> receipt) {
        this.context = context;
        this.terminal = context.terminal();
        this.json = json;
        this.receipt = receipt;
    }

    /** Sends, and prints that the relay has it; for what nobody waits for. */
    int send(String name, Ask ask) throws InterruptedException {
        try (Platform platform = platform(name)) {
            return switch (platform.submit(ask)) {
                case Platform.Rejected(Outcome outcome) -> print(outcome, Optional.empty());
                case Platform.Accepted(Sent sent) -> {
                    context.home().journal(name).closed(sent.requestId());
                    if (json) {
                        terminal.answer(
                                text(JsonTree.object().add("outcome", "sent").add("request_id", sent.requestId())));
                    } else {
                        terminal.answer("sent");
                    }
                    yield ExitCode.OK;
                }
            };
        }
    }

    /** Asks, waits, and prints the outcome; the exit code. */
    int ask(String name, Ask ask) throws InterruptedException {
        try (Platform platform = platform(name)) {
            return switch (platform.submit(ask)) {
                case Platform.Rejected(Outcome outcome) -> print(outcome, Optional.empty());
                case Platform.Accepted(Sent sent) -> print(await(platform, sent), Optional.of(sent));
            };
        }
    }

    /** Takes up a request that an earlier process left open. */
    int resume(String name, String requestId) throws InterruptedException {
        try (Platform platform = platform(name)) {
            Sent sent = platform.resume(requestId)
                    .orElseThrow(() -> Failure.usage("there is no open request " + Printable.line(requestId)));
            return print(await(platform, sent), Optional.of(sent));
        }
    }

    /** The outcome, for callers that do more than print it. */
    Outcome outcome(String name, Ask ask) throws InterruptedException {
        try (Platform platform = platform(name)) {
            return switch (platform.submit(ask)) {
                case Platform.Rejected(Outcome outcome) -> outcome;
                case Platform.Accepted(Sent sent) -> await(platform, sent);
            };
        }
    }

    private Platform platform(String name) {
        return new Platform(context.home().pairing(name), context.home().journal(name), context.environment());
    }

    private Outcome await(Platform platform, Sent sent) throws InterruptedException {
        Thread hook = Interrupts.onSignal(() -> withdraw(sent));
        terminal.say("Request " + sent.requestId() + " is sent.");
        try (Countdown countdown = new Countdown(terminal, "Sent", () -> left(sent))) {
            return platform.await(sent, progress -> {
                if (progress == Progress.DELIVERED) {
                    countdown.now("Delivered to the device");
                }
            });
        } finally {
            Interrupts.done(hook);
        }
    }

    private Duration left(Sent sent) {
        long seconds = sent.question().expiresAt()
                - context.environment().clock().instant().getEpochSecond();
        return Duration.ofSeconds(Math.max(0, seconds));
    }

    /** A platform of its own: the one that waits is in use. */
    private int withdraw(Sent sent) {
        String name = context.home()
                .openRequest(sent.requestId())
                .map(Home.OpenRequest::pairing)
                .orElse("");
        if (name.isEmpty()) {
            return ExitCode.ENDED;
        }
        try (Platform platform = platform(name)) {
            Outcome outcome = platform.withdraw(sent);
            terminal.say("The request is " + word(outcome) + ".");
            return ExitCode.of(outcome);
        } catch (InterruptedException e) {
            return ExitCode.ENDED;
        }
    }

    /** Prints the outcome and keeps the receipt; the exit code. */
    int print(Outcome outcome, Optional<Sent> sent) {
        if (outcome instanceof Outcome.Decided decided) {
            receipt.ifPresent(file -> keep(file, decided));
        }
        if (json) {
            terminal.answer(text(json(outcome, sent)));
        } else {
            terminal.answer(word(outcome));
            plain(outcome);
        }
        return ExitCode.of(outcome);
    }

    private void keep(Path file, Outcome.Decided decided) {
        try {
            Files.write(file, decided.receipt().write());
        } catch (IOException e) {
            // The decision stands; that its receipt is not kept has to be seen.
            terminal.say("harp: the receipt is not kept: " + Printable.line(e.toString()));
        }
    }

    /** The outcome in one word: what scripts compare, beside the exit code. */
    static String word(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Decided(var answer, var _, var _, var _) ->
                answer.decision().code();
            case Outcome.Expired _ -> "expired";
            case Outcome.Withdrawn _ -> "withdrawn";
            case Outcome.PairingEnded _ -> "pairing_ended";
            case Outcome.Unreachable _ -> "unreachable";
            case Outcome.NotGenuine _ -> "not_genuine";
            case Outcome.LessAssurance _ -> "less_assurance";
            case Outcome.NotSent _ -> "not_sent";
        };
    }

    private void plain(Outcome outcome) {
        switch (outcome) {
            case Outcome.Decided(Answer answer, var _, boolean clockDiffers, var _) -> {
                answer.choice().ifPresent(choice -> terminal.answer("choice: " + choice));
                answer.values()
                        .forEach(value -> terminal.answer(
                                switch (value) {
                                    case One(String name, String text) -> name + "=" + Printable.line(text);
                                    case Several(String name, List<String> chosen) ->
                                        name + "=" + Printable.line(String.join(",", chosen));
                                }));
                answer.reason().ifPresent(reason -> terminal.answer("reason: " + Printable.line(reason)));
                if (clockDiffers) {
                    terminal.say("Note: the device's clock is off by more than two minutes.");
                }
            }
            case Outcome.Expired _ -> terminal.say("Nobody answered in time. That is no denial.");
            case Outcome.Withdrawn _ -> {}
            case Outcome.PairingEnded _ -> terminal.say("The pairing has been revoked, or the relay has lost it.");
            case Outcome.Unreachable(String why) -> terminal.say("No decision: " + why + ".");
            case Outcome.NotGenuine(var reason) ->
                terminal.say("What came back is not from the paired device (" + reason.code() + "). No decision.");
            case Outcome.LessAssurance(var given, var asked) ->
                terminal.say("The person agreed by " + given.code() + ", and " + asked.code()
                        + " was asked. That is no approval.");
            case Outcome.NotSent notSent -> terminal.say("Not sent: " + why(notSent.reason()) + ".");
        }
    }

    private static String why(Reason reason) {
        return switch (reason) {
            case TOO_LONG -> "the question is longer than 49,136 bytes; nothing is cut";
            case ASSURANCE -> "the device does not offer this assurance; 'harp show' lists what it does";
            default -> "a part of the question is out of its bounds (" + reason.code() + ")";
        };
    }

    private static JsonTree.Builder json(Outcome outcome, Optional<Sent> sent) {
        JsonTree.Builder json = JsonTree.object().add("outcome", word(outcome));
        sent.ifPresent(asked -> json.add("request_id", asked.requestId()));
        switch (outcome) {
            case Outcome.Decided(Answer answer, var given, boolean clockDiffers, var _) -> {
                json.add("assurance", given.code());
                json.add("decided_at", answer.decidedAt());
                json.add("clock_differs", clockDiffers);
                json.add("reason", answer.reason());
                json.add("choice", answer.choice());
                if (!answer.values().isEmpty()) {
                    json.add(
                            "values",
                            answer.values().stream().map(Asking::value).toList());
                }
            }
            case Outcome.Unreachable(String why) -> json.add("why", why);
            case Outcome.NotGenuine(var reason) -> json.add("why", reason.code());
            case Outcome.NotSent(var reason) -> json.add("why", reason.code());
            case Outcome.LessAssurance(var given, var asked) -> {
                json.add("assurance", given.code());
                json.add("asked", asked.code());
            }
            case Outcome.Expired _, Outcome.Withdrawn _, Outcome.PairingEnded _ -> {}
        }
        return json;
    }

    private static JsonTree.Members value(Answer.Value value) {
        JsonTree.Builder json = JsonTree.object().add("name", value.name());
        switch (value) {
            case One(var _, String text) -> json.add("value", text);
            case Several(var _, List<String> chosen) ->
                json.add("value", chosen.stream().map(JsonTree.Text::new).toList());
        }
        return json.build();
    }

    static String text(JsonTree.Builder json) {
        return new String(ExactJson.write(json.build()), StandardCharsets.UTF_8);
    }
}
