package dev.harp.cli;

import dev.harp.client.Device;
import dev.harp.client.DeviceState;
import dev.harp.client.DeviceState.Paired;
import dev.harp.client.DeviceStore;
import dev.harp.client.Inbox;
import dev.harp.client.RelayException;
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
            DeviceDecisions.Approve.class,
            DeviceDecisions.Deny.class,
            DeviceDecisions.AnswerForm.class,
            DeviceCommand.Leave.class
        })
final class DeviceCommand {
    private DeviceCommand() {}

    /** A store with what is in it. */
    record Known(DeviceStore store, DeviceState state) {}

    static List<Known> known(Context context) {
        return context.home().devices().stream()
                .flatMap(store -> store.read().map(state -> new Known(store, state)).stream())
                .toList();
    }

    static Device device(Context context, Known known) {
        return new Device(known.state().relay(), known.store(), context.environment());
    }

    /** What shows questions. */
    private static void show(Terminal terminal, Inbox inbox) {
        for (Inbox.Card card : inbox.cards()) {
            CardText.lines(card, terminal.columns()).forEach(terminal::answer);
        }
        for (Inbox.Unreadable each : inbox.unreadable()) {
            String line = "not shown: " + each.requestId() + ", which nobody that this device has joined wrote ("
                    + each.reason().code() + ")";
            CardText.lines(line, terminal.columns()).forEach(terminal::say);
        }
    }

    /** What is done at one relay. */
    interface Step {
        void at(Device device) throws RelayException, InterruptedException;
    }

    /** Takes the step at every relay, whether or not another one is out of reach; the exit code of the last failure. */
    static int atEach(Context context, List<Known> known, Step step) throws InterruptedException {
        int code = ExitCode.OK;
        for (Known each : known) {
            try (Device device = device(context, each)) {
                step.at(device);
            } catch (RelayException e) {
                context.terminal().say("harp: " + each.state().relay() + ": " + e.line());
                code = ExitCode.of(e);
            }
        }
        return code;
    }

    @Command(name = "list", description = "Lists what is joined, and the open questions in full.")
    static final class ListQuestions extends BaseCommand {
        ListQuestions(Context context) {
            super(context);
        }

        @Override
        public Integer call() throws InterruptedException {
            List<Known> known = known(context);
            if (known.isEmpty()) {
                terminal().say("This device has joined nothing yet: harp device join LINK");
            }
            for (Known each : known) {
                for (Paired paired : each.state().pairings()) {
                    String line = "joined: " + paired.pairing().pairId() + " at "
                            + each.state().relay() + ", which calls itself '"
                            + paired.pairing().hello().name() + "' on '"
                            + paired.pairing().hello().host() + "'";
                    CardText.lines(line, terminal().columns()).forEach(terminal()::answer);
                }
            }
            return atEach(context, known, device -> {
                device.resendConfirmation();
                show(terminal(), device.list());
            });
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
