package dev.harp.cli;

import dev.harp.client.Outcome;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Reason;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** How a request has ended, in words on both streams or as one JSON object. */
final class Report {
    private final Terminal terminal;
    private final boolean json;
    private final ReceiptOption receipt;

    Report(Terminal terminal, boolean json, ReceiptOption receipt) {
        this.terminal = terminal;
        this.json = json;
        this.receipt = receipt;
    }

    /** Prints the end, and keeps the receipt; the exit code. */
    int print(Asking.End end) {
        receipt.keep(end.outcome(), terminal);
        if (json) {
            terminal.answer(text(json(end)));
        } else {
            terminal.answer(word(end.outcome()));
            plain(end.outcome());
        }
        return ExitCode.of(end.outcome());
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
        if (outcome instanceof Outcome.Decided(Answer answer, var _, boolean clockDiffers, var _)) {
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
        explanation(outcome).ifPresent(terminal::say);
    }

    /** Why there is no decision, in a sentence for the person; nothing if there is one, or if the agent ended it. */
    static Optional<String> explanation(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Decided _, Outcome.Withdrawn _ -> Optional.empty();
            case Outcome.Expired _ -> Optional.of("Nobody answered in time. That is no denial.");
            case Outcome.PairingEnded _ -> Optional.of("The pairing has been revoked, or the relay has lost it.");
            case Outcome.Unreachable(String why) -> Optional.of("No decision: " + why + ".");
            case Outcome.NotGenuine(var reason) ->
                Optional.of("What came back is not from the paired device (" + reason.code() + "). No decision.");
            case Outcome.LessAssurance(var given, var asked) ->
                Optional.of("The person agreed by " + given.code() + ", and " + asked.code()
                        + " was asked. That is no approval.");
            case Outcome.NotSent notSent -> Optional.of("Not sent: " + why(notSent.reason()) + ".");
        };
    }

    /** Why a question was not sent. */
    static String why(Reason reason) {
        return switch (reason) {
            case TOO_LONG -> "the question is longer than 49,136 bytes; nothing is cut";
            case ASSURANCE ->
                "the device does not offer the assurance that this needs; 'harp show' lists what it offers. A critical"
                        + " question needs more than tap, unless --assurance tap is given";
            default -> "a part of the question is out of its bounds (" + reason.code() + ")";
        };
    }

    /** The end as the members of one object. */
    static JsonTree.Builder json(Asking.End end) {
        Outcome outcome = end.outcome();
        JsonTree.Builder json = JsonTree.object().add("outcome", word(outcome));
        json.add("request_id", end.requestId());
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
                            answer.values().stream().map(Report::value).toList());
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

    /** One line; what would act on a terminal is escaped, which JSON allows in every string. */
    static String text(JsonTree.Builder json) {
        return Printable.json(new String(ExactJson.write(json.build()), StandardCharsets.UTF_8));
    }

    /** The same for an object with names of other forms. */
    static String anyText(JsonTree.Builder json) {
        return Printable.json(new String(ExactJson.writeAny(json.build()), StandardCharsets.UTF_8));
    }
}
