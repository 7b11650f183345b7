package dev.harp.cli;

import dev.harp.client.Platform;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RelayException;
import dev.harp.client.RequestJournal;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "rotate",
        description = "Replaces the token of a pairing, so that the relay refuses a copy of its file.")
final class RotateCommand extends BaseCommand {
    @Option(names = "--name", paramLabel = "NAME", required = true, description = "The pairing.")
    private String name = "";

    RotateCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        PlatformCredentials old = home().pairing(name);
        try (Platform platform = new Platform(old, RequestJournal.inMemory(), context.environment())) {
            home().save(name, platform.replaceToken());
            terminal().say("'" + name + "' has another token. The relay refuses the one before.");
            return ExitCode.OK;
        } catch (RelayException e) {
            String advice = e.kind() == RelayException.Kind.UNAUTHORIZED
                    ? ". Another copy of the file may have the token now. Pair again: harp pair --name " + name
                    : "";
            throw new Failure(ExitCode.of(e), "'" + name + "' keeps its token: " + e.line() + advice);
        }
    }
}
