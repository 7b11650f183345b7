package dev.harp.cli;

import dev.harp.client.Platform;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RelayException;
import dev.harp.client.RequestJournal;
import java.util.Map;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "revoke", description = "Ends one pairing, or all: deletes its keys here, then tells the relay.")
final class RevokeCommand extends BaseCommand {
    @ArgGroup(multiplicity = "1")
    private Which which = new Which();

    static final class Which {
        @Option(names = "--name", paramLabel = "NAME", description = "The pairing.")
        private String name = "";

        @Option(names = "--all", description = "Every pairing.")
        private boolean all;
    }

    RevokeCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        Map<String, PlatformCredentials> chosen =
                which.all ? home().pairings() : Map.of(which.name, home().pairing(which.name));
        if (chosen.isEmpty()) {
            terminal().say("There is no pairing.");
        }
        int code = ExitCode.OK;
        for (Map.Entry<String, PlatformCredentials> each : chosen.entrySet()) {
            home().delete(each.getKey());
            try (Platform platform = new Platform(each.getValue(), RequestJournal.inMemory(), context.environment())) {
                platform.revoke();
                terminal().say("'" + each.getKey() + "' is revoked.");
            } catch (RelayException e) {
                terminal()
                        .say("'" + each.getKey() + "' is deleted here, and can ask no more. The relay could not be"
                                + " told: " + e.line());
                code = ExitCode.of(e);
            }
        }
        return code;
    }
}
