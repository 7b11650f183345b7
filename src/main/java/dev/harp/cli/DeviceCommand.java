package dev.harp.cli;

import dev.harp.client.Device;
import dev.harp.client.DeviceState;
import dev.harp.client.DeviceState.Paired;
import dev.harp.client.DeviceStore;
import dev.harp.client.Inbox;
import dev.harp.client.RelayException;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Answer.Value;
import dev.harp.message.Decision;
import dev.harp.message.Intent;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Reason;
import dev.harp.message.ReceivedQuestion;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "device",
        description = "Answers from this terminal, as a phone would: for servers, tests and people over SSH. Its"
                + " assurance is tap.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {
            DeviceJoinCommand.class,
            DeviceCommand.ListQuestions.class,
            DeviceCommand.Watch.class,
            DeviceCommand.Approve.class,
            DeviceCommand.Deny.class,
            DeviceCommand.AnswerForm.class,
            DeviceCommand.Leave.class
        })
final class DeviceCommand {
    private DeviceCommand() {}

    /** A store with what is in it. */
    private record Known(DeviceStore store, DeviceState state) {}

    private static List<Known> known(Context context) {
        return context.home().devices().stream()
                .flatMap(store -> store.read().map(state -> new Known(store, state)).stream())
                .toList();
    }

    private static Device device(Context context, Known known) {
        return new Device(known.state().relay(), known.store(), context.environment());
    }

    /** What shows questions. */
    private static void show(Terminal terminal, Inbox inbox) {
        for (Inbox.Card card : inbox.cards()) {
            CardText.lines(card).forEach(terminal::answer);
        }
        for (Inbox.Unreadable each : inbox.unreadable()) {
            terminal.say(Printable.line(each.requestId()) + ": not shown, nobody that this device has joined wrote it ("
                    + each.reason().code() + ")");
        }
    }

    @Command(name = "list", description = "Lists what is joined, and the open questions in full.")
    static final class ListQuestions extends BaseCommand {
        ListQuestions(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws RelayException, InterruptedException {
            List<Known> known = known(context);
            if (known.isEmpty()) {
                terminal().say("This device has joined nothing yet: harp device join LINK");
            }
            for (Known each : known) {
                for (Paired paired : each.state().pairings()) {
                    terminal()
                            .answer("joined: "
                                    + Printable.line(paired.pairing().hello().name()) + " on "
                                    + Printable.line(paired.pairing().hello().host()) + "  "
                                    + paired.pairing().pairId() + "  "
                                    + each.state().relay());
                }
                try (Device device = device(context, each)) {
                    device.resendConfirmation();
                    show(terminal(), device.list());
                }
            }
            return ExitCode.OK;
        }
    }

    @Command(name = "watch", description = "Shows questions as they come, until Ctrl-C.")
    static final class Watch extends BaseCommand {
        @Option(
                names = "--relay",
                paramLabel = "URL",
                description = "At which relay, if this device has joined at several.")
        private Optional<String> relay = Optional.empty();

        Watch(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws RelayException, InterruptedException {
            List<Known> known = known(context).stream()
                    .filter(each -> relay.isEmpty() || each.state().relay().equals(relay.get()))
                    .toList();
            if (known.size() != 1) {
                throw Failure.usage(
                        known.isEmpty()
                                ? "this device has joined nothing there"
                                : "this device has joined at several relays; name one by --relay: "
                                        + String.join(
                                                ", ",
                                                known.stream()
                                                        .map(each ->
                                                                each.state().relay())
                                                        .toList()));
            }
            try (Device device = device(context, known.getFirst())) {
                device.resendConfirmation();
                Set<String> shown = new HashSet<>();
                device.stream(inbox -> {
                    inbox.withdrawn().stream()
                            .filter(shown::remove)
                            .forEach(id -> terminal().answer("withdrawn: " + Printable.line(id)));
                    show(terminal(), inbox);
                    inbox.cards().forEach(card -> shown.add(card.requestId()));
                });
            }
            return ExitCode.OK;
        }
    }

    /** What decides about one question. */
    abstract static class Deciding extends BaseCommand {
        @Parameters(index = "0", paramLabel = "ID", description = "The request's id, or the beginning of it.")
        private String id = "";

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why; the agent reads it.")
        private Optional<String> reason = Optional.empty();

        Deciding(Context context) {
            super(context);
        }

        abstract Answer answer(Inbox.Card card, long now);

        @Override
        public Integer call() throws RelayException, InterruptedException {
            for (Known each : known(context)) {
                try (Device device = device(context, each)) {
                    List<Inbox.Card> cards = device.list().cards().stream()
                            .filter(card -> !id.isEmpty() && card.requestId().startsWith(id))
                            .toList();
                    if (cards.size() > 1) {
                        throw Failure.usage("ID: several requests begin with '" + Printable.line(id) + "'");
                    }
                    if (!cards.isEmpty()) {
                        return decide(device, cards.getFirst());
                    }
                }
            }
            throw Failure.usage("ID: there is no open request '" + Printable.line(id) + "'; 'harp device list' shows"
                    + " those that there are");
        }

        private int decide(Device device, Inbox.Card card) throws RelayException, InterruptedException {
            Answer bare = answer(card, context.environment().clock().instant().getEpochSecond());
            Answer answer = reason.map(bare::withReason).orElse(bare);
            return switch (device.decide(card, answer)) {
                case Device.Sent _ -> {
                    terminal().say("Sent: " + answer.decision().code() + ".");
                    yield ExitCode.OK;
                }
                case Device.SentEarlier _ -> {
                    terminal().say("This device had decided this request before; that decision was sent again.");
                    yield ExitCode.OK;
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
            return choice.map(answer::withChoice).orElse(answer);
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
                required = true,
                paramLabel = "NAME=VALUE",
                description = "The value of one field; for 'several', once for each chosen option.")
        private List<String> values = new ArrayList<>();

        AnswerForm(Context context) {
            super(context);
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

    @Command(name = "leave", description = "Ends a pairing: deletes its keys here, then tells the relay.")
    static final class Leave extends BaseCommand {
        @Parameters(paramLabel = "PAIR_ID", description = "The pairing, as 'harp device list' shows it.")
        private String pairId = "";

        Leave(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws RelayException, InterruptedException {
            for (Known each : known(context)) {
                if (each.state().pairing(pairId).isPresent()) {
                    try (Device device = device(context, each)) {
                        device.leave(pairId);
                    }
                    terminal().say("Left.");
                    return ExitCode.OK;
                }
            }
            throw Failure.usage("PAIR_ID: this device has not joined '" + Printable.line(pairId) + "'");
        }
    }
}
