package dev.harp.cli;

import dev.harp.client.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option that keeps a receipt. */
final class ReceiptOption {
    @Option(names = "--receipt", paramLabel = "FILE", description = "Keep a receipt of a genuine answer.")
    private Optional<Path> file = Optional.empty();

    /**
     * Refuses, before anything is asked, what could not be written afterwards, and deletes the receipt of an earlier
     * request, so that none is taken for this one's.
     */
    void check() {
        file.filter(path -> !isWritable(path)).ifPresent(path -> {
            throw Failure.usage("--receipt: " + Printable.line(path.toString())
                    + " cannot be written; allowed is a file in a folder that exists");
        });
        try {
            if (file.isPresent()) {
                Files.deleteIfExists(file.get());
            }
        } catch (IOException e) {
            throw Failure.usage("--receipt: " + Printable.line(e.toString()) + " cannot be deleted");
        }
    }

    private static boolean isWritable(Path path) {
        return (Files.isRegularFile(path) || !Files.exists(path)) && Files.isWritable(folder(path));
    }

    private static Path folder(Path path) {
        return Optional.ofNullable(path.toAbsolutePath().getParent()).orElse(path);
    }

    /** Keeps the receipt, if one is wanted and there is one: whole, and for the user alone. */
    void keep(Outcome outcome, Terminal terminal) {
        if (file.isPresent() && outcome instanceof Outcome.Decided decided) {
            try {
                // Temporary files are the user's alone.
                Path fresh = Files.createTempFile(folder(file.get()), "receipt", ".new");
                try {
                    Files.write(fresh, decided.receipt().write());
                    Files.move(fresh, file.get(), StandardCopyOption.ATOMIC_MOVE);
                } finally {
                    Files.deleteIfExists(fresh);
                }
            } catch (IOException e) {
                // The decision stands; that its receipt is not kept has to be seen.
                terminal.say("harp: the receipt is not kept: " + Printable.line(e.toString()));
            }
        }
    }
}
