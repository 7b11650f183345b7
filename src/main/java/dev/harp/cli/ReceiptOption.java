package dev.harp.cli;

import dev.harp.client.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that keeps a receipt. */
final class ReceiptOption {
    @Option(names = "--receipt", paramLabel = "FILE", description = "Keep a receipt of a genuine answer.")
    private Optional<Path> file = Optional.empty();

    /** Refuses, before anything is asked, what could not be written afterwards. */
    void check() {
        file.filter(path -> !isWritable(path)).ifPresent(path -> {
            throw Failure.usage("--receipt: " + Printable.line(path.toString())
                    + " cannot be written; allowed is a file" + " in a folder that exists");
        });
    }

    private static boolean isWritable(Path path) {
        if (Files.exists(path)) {
            return !Files.isDirectory(path) && Files.isWritable(path);
        }
        return Optional.ofNullable(path.toAbsolutePath().getParent())
                .filter(folder -> Files.isDirectory(folder) && Files.isWritable(folder))
                .isPresent();
    }

    /** Keeps the receipt, if one is wanted and there is one. */
    void keep(Outcome outcome, Terminal terminal) {
        if (file.isPresent() && outcome instanceof Outcome.Decided decided) {
            try {
                Files.write(file.get(), decided.receipt().write());
            } catch (IOException e) {
                // The decision stands; that its receipt is not kept has to be seen.
                terminal.say("harp: the receipt is not kept: " + Printable.line(e.toString()));
            }
        }
    }
}
