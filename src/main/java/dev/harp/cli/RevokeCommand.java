package dev.harp.cli;

import dev.harp.client.Platform;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RelayException;
import dev.harp.client.RequestJournal;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
        List<String> names = which.all ? home().pairingNames() : List.of(Home.checkedName(which.name));
        if (!which.all && !home().pairingNames().contains(which.name)) {
            home().pairing(which.name);
        }
        if (names.isEmpty()) {
            terminal().say("There is no pairing.");
        }
        // All keys first: neither a damaged file nor a silent relay keeps one of them here.
        Map<String, Optional<PlatformCredentials>> chosen = new LinkedHashMap<>();
        int code = ExitCode.OK;
        for (String name : names) {
            chosen.put(name, home().readable(name));
            code = attempt(name, () -> home().delete(name), code);
        }
        code = attempt("requests", () -> home().deleteRequests(names), code);
        Map<String, Future<Told>> told = new LinkedHashMap<>();
        try (ExecutorService relays = Executors.newVirtualThreadPerTaskExecutor()) {
            chosen.forEach((name, found) -> told.put(name, relays.submit(() -> tell(name, found))));
            for (Future<Told> each : told.values()) {
                Told end = each.get();
                terminal().say(end.line());
                code = end.code() == ExitCode.OK ? code : end.code();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
        return code;
    }

    private int attempt(String what, Runnable deletion, int code) {
        try {
            deletion.run();
            return code;
        } catch (UncheckedIOException e) {
            terminal().say("harp: '" + what + "' cannot be deleted: " + Printable.line(String.valueOf(e.getCause())));
            return ExitCode.FAILED;
        }
    }

    /** What became of telling a relay. */
    private record Told(String line, int code) {}

    private Told tell(String name, Optional<PlatformCredentials> found) throws InterruptedException {
        if (found.isEmpty()) {
            return new Told(
                    "'" + name + "' is deleted here. Its file was damaged, so its relay cannot be told.",
                    ExitCode.FAILED);
        }
        try (Platform platform = new Platform(found.get(), RequestJournal.inMemory(), context.environment())) {
            platform.revoke();
            return new Told("'" + name + "' is revoked.", ExitCode.OK);
        } catch (RelayException e) {
            return new Told(
                    "'" + name + "' is deleted here, and can ask no more. The relay could not be told: " + e.line(),
                    ExitCode.of(e));
        }
    }
}
