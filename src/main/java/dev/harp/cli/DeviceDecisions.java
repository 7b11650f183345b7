package dev.harp.cli;

import dev.harp.client.Device;
import dev.harp.client.Inbox;
import dev.harp.client.RelayException;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Answer.Value;
import dev.harp.message.Decision;
import dev.harp.message.Intent;
import dev.harp.message.Question;
import dev.harp.message.Question.Choice;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Reason;
import dev.harp.message.ReceivedQuestion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands of {@code harp device} that decide about a question. */
final class DeviceDecisions {
    private static final Duration MOST_PATIENCE = Duration.ofSeconds(Question.MAX_LIFETIME);

    private DeviceDecisions() {}

    /**
     * Decides about one question. What is decided is what somebody has read: either the card is shown and its reader
     * says yes, or the question is named with the digest of its text, as the card shows both.
     */
    abstract static class Deciding extends BaseCommand {
        @Parameters(
                index = "0",
                paramLabel = "ID[@DIGEST]",
                description = "The request as 'harp device list' names it under 'to decide'. With the id alone, or the"
                        + " beginning of it, the question is shown and you are asked; that needs a terminal.")
        private String named = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; the agent reads it.")
        private Optional<String> reason = Optional.empty();

        Deciding(Context context) {
            super(context);
        }

        abstract Answer answer(Inbox.Card card, long now);

        private String id() {
            return named.contains("@") ? named.substring(0, named.indexOf('@')) : named;
        }

        @Override
        public Integer call() throws RelayException, InterruptedException {
            if (id().isEmpty()) {
                throw Failure.usage("ID: none is given; 'harp device list' shows those that there are");
            }
            // Of all relays before anything is decided, so that a beginning names one request and no other.
            List<Found> found = new ArrayList<>();
            List<DeviceCommand.Known> known = DeviceCommand.known(context);
            int missing = ExitCode.OK;
            for (DeviceCommand.Known each : known) {
                int code = DeviceCommand.atEach(
                        context,
                        List.of(each),
                        device -> device.list().cards().stream()
                                .filter(card -> card.requestId().startsWith(id()))
                                .forEach(card -> found.add(new Found(each, card))));
                missing = code == ExitCode.OK ? missing : code;
            }
            if (found.size() > 1) {
                throw Failure.usage("ID: several requests begin with '" + Printable.line(id()) + "'");
            }
            if (found.isEmpty() && missing != ExitCode.OK) {
                throw new Failure(
                        missing, "no request '" + Printable.line(id()) + "' at the relays that have answered");
            }
            if (found.isEmpty()) {
                throw Failure.usage("ID: there is no open request '" + Printable.line(id())
                        + "'; 'harp device list' shows those that there are");
            }
            Inbox.Card card = found.getFirst().card();
            agree(card, answer(card, now()));
            Answer bare = answer(card, now());
            Answer answer = reason.map(bare::withReason).orElse(bare);
            try (Device device = DeviceCommand.device(context, found.getFirst().at())) {
                return decide(device, card, answer);
            }
        }

        private long now() {
            return context.environment().clock().instant().getEpochSecond();
        }

        /** A question, and where. */
        private record Found(DeviceCommand.Known at, Inbox.Card card) {}

        /** Returns once it is certain that this question was read, and is meant. */
        private void agree(Inbox.Card card, Answer meant) throws InterruptedException {
            if (named.contains("@")) {
                if (!named.equals(CardText.reference(card))) {
                    throw Failure.usage("ID@DIGEST: the request has another text now than the one that you have read,"
                            + " or the reference is not whole; 'harp device list' shows it");
                }
                return;
            }
            if (meant.decision() == Decision.DENIED && named.equals(card.requestId())) {
                // A denial permits nothing, whatever the text is.
                return;
            }
            if (!terminal().asks()) {
                throw Failure.usage("ID: without a terminal that shows the question, name it as ID@DIGEST, as 'harp"
                        + " device list' prints it under 'to decide'");
            }
            CardText.lines(card, terminal().columns()).forEach(terminal()::say);
            String choice = meant.choice().map(id -> ", choice " + id).orElse("");
            String prompt = "Send " + meant.decision().code() + choice + "? [y/N] ";
            if (!terminal().isYes(prompt, MOST_PATIENCE)) {
                throw new Failure(ExitCode.ENDED, "nothing is sent");
            }
        }

        private int decide(Device device, Inbox.Card card, Answer answer) throws RelayException, InterruptedException {
            return switch (device.decide(card, answer)) {
                case Device.Sent _ -> {
                    terminal().say("Sent: " + answer.decision().code() + ".");
                    yield ExitCode.OK;
                }
                case Device.SentEarlier _ -> {
                    terminal()
                            .say("This device had decided this request before. That decision was sent again, whatever"
                                    + " it is, and not this one.");
                    yield ExitCode.DECIDED_EARLIER;
                }
                case Device.NotDecided(Reason why) ->
                    throw new Failure(
                            why == Reason.EXPIRED ? ExitCode.EXPIRED : ExitCode.USAGE,
                            "not decided (" + why.code() + ")");
                case Device.TooLate(String code) ->
                    throw new Failure(
                            code.equals("request_expired") ? ExitCode.EXPIRED : ExitCode.ENDED,
                            "too late: the request has ended (" + Printable.line(code) + ")");
            };
        }
    }

    @Command(name = "approve", description = "Approves a request; for information, says that it was seen.")
    static final class Approve extends Deciding {
        @Option(
                names = "--choice",
                paramLabel = "ID",
                description = "Also sets one of the rules that the question offers.")
        private Optional<String> choice = Optional.empty();

        Approve(Context context) {
            super(context);
        }

        @Override
        Answer answer(Inbox.Card card, long now) {
            boolean informs = card.question() instanceof ReceivedQuestion.Understood known
                    && known.question().intent() == Intent.INFORM;
            Answer answer = Answer.of(informs ? Decision.SEEN : Decision.APPROVED, now);
            choice.ifPresent(id -> checkOffered(card, id));
            return choice.map(answer::withChoice).orElse(answer);
        }

        private static void checkOffered(Inbox.Card card, String id) {
            List<String> offered = card.question() instanceof ReceivedQuestion.Understood known
                    ? known.question().choices().stream().map(Choice::id).toList()
                    : List.of();
            if (!offered.contains(id)) {
                throw Failure.usage("--choice: the question offers "
                        + (offered.isEmpty()
                                ? "no rules"
                                : "no rule '" + Printable.line(id) + "', but " + String.join(", ", offered)));
            }
        }
    }

    @Command(name = "deny", description = "Denies a request.")
    static final class Deny extends Deciding {
        Deny(Context context) {
            super(context);
        }

        @Override
        Answer answer(Inbox.Card card, long now) {
            return Answer.of(Decision.DENIED, now);
        }
    }

    @Command(name = "answer", description = "Fills in a form.")
    static final class AnswerForm extends Deciding {
        @Option(
                names = "--value",
                paramLabel = "NAME=VALUE",
                description = "The value of one field; for 'several', once for each chosen option.")
        private List<String> values = new ArrayList<>();

        @Option(
                names = "--stdin",
                paramLabel = "NAME",
                description = "The field whose value is the next line of standard input: a password, which other users"
                        + " of this machine may see in arguments.")
        private Optional<String> secret = Optional.empty();

        AnswerForm(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws RelayException, InterruptedException {
            if (secret.isPresent()) {
                if (!(terminal().ask(secret.get() + ": ", MOST_PATIENCE) instanceof Terminal.Line(String line))) {
                    throw Failure.usage("--stdin: there is no line");
                }
                values.add(secret.get() + "=" + line);
            }
            return super.call();
        }

        @Override
        Answer answer(Inbox.Card card, long now) {
            if (!(card.question() instanceof ReceivedQuestion.Understood known)
                    || known.question().intent() != Intent.COLLECT) {
                throw Failure.usage("ID: this request is no form");
            }
            List<Value> filled = new ArrayList<>();
            for (Field field : known.question().fields()) {
                List<String> given = values.stream()
                        .filter(value -> value.startsWith(field.name() + "="))
                        .map(value -> value.substring(field.name().length() + 1))
                        .toList();
                if (field.type() == FieldType.SEVERAL && !given.isEmpty()) {
                    filled.add(new Several(field.name(), given));
                } else {
                    given.forEach(value -> filled.add(new One(field.name(), value)));
                }
            }
            if (filled.isEmpty()) {
                throw Failure.usage("--value: none of the form's fields is named; they are: "
                        + String.join(
                                ", ",
                                known.question().fields().stream()
                                        .map(Field::name)
                                        .toList()));
            }
            return Answer.of(Decision.ANSWERED, now).withValues(filled);
        }
    }
}
