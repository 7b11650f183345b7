package dev.harp.cli;

import dev.harp.client.Device;
import dev.harp.client.Joining;
import dev.harp.client.RelayException;
import dev.harp.message.Checked;
import dev.harp.message.DeviceJoin;
import dev.harp.message.DevicePairing;
import dev.harp.message.PairingLink;
import dev.harp.message.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "join",
        description = "Joins the pairing of a link, shows the six digits, and confirms when you say so.")
final class DeviceJoinCommand extends BaseCommand {
    private static final Duration MOST_PATIENCE = Duration.ofSeconds(DeviceJoin.MAX_AGE);

    @Parameters(
            paramLabel = "LINK",
            description = "What 'harp pair' prints; - to type it, as other users of this machine may see arguments.")
    private String link = "";

    @Option(
            names = "--as",
            paramLabel = "TEXT",
            description = "What to call this device; this machine's name if not given.")
    private Optional<String> name = Optional.empty();

    @Option(names = "--yes", description = "Confirm without asking.")
    private boolean yes;

    @Option(names = "--insecure-http", description = "Accept a relay that is called in the clear, not on this machine.")
    private boolean insecure;

    DeviceJoinCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws RelayException, InterruptedException {
        if (link.equals("-")) {
            link = terminal().ask("Link: ", MOST_PATIENCE) instanceof Terminal.Line(String typed) ? typed.strip() : "";
        }
        PairingLink.Http http = insecure ? PairingLink.Http.ALLOWED : PairingLink.Http.LOOPBACK_ONLY;
        String relay = switch (PairingLink.parse(link, http)) {
            case Checked.Ok<PairingLink>(PairingLink parsed) -> parsed.relay();
            case Checked.Refused<PairingLink>(Reason reason) -> throw bad(reason);
        };
        try (Device device = new Device(relay, home().device(relay), context.environment())) {
            return switch (device.join(link, http, name.orElse(context.host()), Optional.empty(), List.of())) {
                case Device.BadLink(Reason reason) -> throw bad(reason);
                case Device.AlreadyPaired(DevicePairing pairing) -> {
                    terminal()
                            .say("This device has joined '"
                                    + Printable.line(pairing.hello().name()) + "' already; nothing is changed.");
                    yield ExitCode.OK;
                }
                case Device.Begun(Joining joining) -> confirm(joining);
            };
        }
    }

    private static Failure bad(Reason reason) {
        return Failure.usage("LINK: not accepted (" + reason.code() + ")"
                + (reason == Reason.LINK_INSECURE
                        ? "; it leads to a relay in the clear: --insecure-http accepts that"
                        : ""));
    }

    private int confirm(Joining joining) throws RelayException, InterruptedException {
        terminal().say("Waiting for the platform.");
        switch (joining.awaitHello()) {
            case Joining.Silence _ -> throw new Failure(ExitCode.EXPIRED, "the platform has not answered in time");
            case Joining.Changed(Reason reason) ->
                throw new Failure(
                        ExitCode.NOT_GENUINE,
                        "somebody has changed the platform's message on the way (" + reason.code()
                                + "); nothing is joined");
            case Joining.Greeted(var handshake) -> {
                terminal()
                        .say("The platform calls itself '"
                                + Printable.line(handshake.hello().name()) + "' on '"
                                + Printable.line(handshake.hello().host()) + "'. Type these digits there:");
                terminal().answer(terminal().bold(spaced(handshake.checkCode())));
            }
        }
        boolean agreed = yes || terminal().isYes("Has the platform taken the digits? [y/N] ", MOST_PATIENCE);
        if (!agreed) {
            joining.abandon();
            throw new Failure(ExitCode.ENDED, "not confirmed; nothing is joined");
        }
        if (joining.confirm() == Joining.Confirmation.ENDED) {
            throw new Failure(ExitCode.ENDED, "the platform has ended the pairing");
        }
        terminal().say("Joined.");
        return ExitCode.OK;
    }

    private static String spaced(String digits) {
        return digits.substring(0, 3) + " " + digits.substring(3);
    }
}
