package dev.harp.cli;

import dev.harp.client.PlatformCredentials;
import dev.harp.message.Assurance;
import dev.harp.message.Join;
import java.util.Arrays;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "show", description = "Shows one pairing.")
final class ShowCommand extends BaseCommand {
    @Option(names = "--name", required = true, paramLabel = "NAME", description = "The pairing.")
    private String name = "";

    ShowCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() {
        PlatformCredentials credentials = home().pairing(name);
        Join device = credentials.pairing().join();
        String offered = Arrays.stream(Assurance.values())
                .filter(device::offers)
                .map(Assurance::code)
                .collect(Collectors.joining(", "));
        line("name", name);
        line("pair_id", credentials.pairing().pairId());
        line("relay", credentials.relay());
        line("relay for devices", credentials.pairing().relay());
        line("paired", ListCommand.time(credentials.pairedAt()));
        line("digits checked", credentials.checked() ? "yes" : "no");
        line("device", Printable.line(device.name()));
        line("app", device.appOrigin().map(Printable::line).orElse("(not a web page)"));
        line("assurance offered", offered);
        line("pairing (T)", credentials.pairing().transcript().base64());
        return ExitCode.OK;
    }

    private void line(String label, String value) {
        terminal().answer("%-18s %s".formatted(label, value));
    }
}
