package dev.harp.cli;

import dev.harp.client.PlatformCredentials;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(name = "list", description = "Lists the pairings.")
final class ListCommand extends BaseCommand {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

    ListCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() {
        Map<String, PlatformCredentials> pairings = home().pairings();
        if (pairings.isEmpty()) {
            terminal().say("There is no pairing yet: harp pair --name NAME");
            return ExitCode.OK;
        }
        int names = Math.max(4, longest(pairings.keySet().stream()));
        int relays = Math.max(5, longest(pairings.values().stream().map(PlatformCredentials::relay)));
        String format = "%-" + names + "s  %-17s  %-" + relays + "s  %-16s  %s";
        terminal().answer(format.formatted("NAME", "PAIR_ID", "RELAY", "PAIRED", "CHECKED"));
        pairings.forEach((name, credentials) -> terminal()
                .answer(format.formatted(
                        name,
                        credentials.pairing().pairId(),
                        credentials.relay(),
                        time(credentials.pairedAt()),
                        credentials.checked() ? "yes" : "NO: the digits were left out")));
        return ExitCode.OK;
    }

    static String time(long epochSecond) {
        return TIME.format(Instant.ofEpochSecond(epochSecond).atZone(ZoneId.systemDefault()));
    }

    private static int longest(java.util.stream.Stream<String> texts) {
        return texts.mapToInt(String::length).max().orElse(0);
    }
}
