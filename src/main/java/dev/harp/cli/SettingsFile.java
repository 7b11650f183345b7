package dev.harp.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Optional;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The settings file of an agent, as the options name it. */
final class SettingsFile {
    /** What a file that is not there yet has. */
    private static final String NEW = "{}\n";

    @Parameters(paramLabel = "AGENT", description = "claude.")
    private String agent = "";

    @Option(
            names = "--project",
            description = "The settings of the project in this directory, .claude/settings.json, instead of the user's"
                    + " own in ~/.claude or CLAUDE_CONFIG_DIR.")
    private boolean project;

    /** Changes the file and shows how; a copy of what it was stays beside it. */
    void change(Context context, UnaryOperator<String> change) {
        if (!agent.equals("claude")) {
            throw Failure.usage("AGENT: '" + Printable.line(agent) + "' is not claude, the one agent whose settings are"
                    + " changed; docs/agents.md shows what others need");
        }
        try {
            change(context.terminal(), path(context), change);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path path(Context context) {
        String own = context.variables().getOrDefault("CLAUDE_CONFIG_DIR", "");
        Path folder = project
                ? Path.of(context.directory(), ".claude")
                : own.isEmpty() ? userHome(context).resolve(".claude") : Path.of(own);
        return folder.resolve("settings.json");
    }

    /** Where the agent looks: HOME, which Java does not read, and on Windows the folder of the profile. */
    private static Path userHome(Context context) {
        String home = File.separatorChar == '/' ? context.variables().getOrDefault("HOME", "") : "";
        return Path.of(home.isEmpty() ? System.getProperty("user.home") : home);
    }

    private static void change(Terminal terminal, Path named, UnaryOperator<String> change) throws IOException {
        // A link, as to a folder of such files under version control, stays one.
        Path path = Files.exists(named) ? named.toRealPath() : named;
        Optional<String> before = read(path);
        String old = before.orElse(NEW);
        String after = change.apply(old);
        if (after.equals(old)) {
            terminal.say("harp: " + path + " needs no change.");
            return;
        }
        HookQuestion.diff(old, after)
                .lines()
                .filter(line -> !line.startsWith(" "))
                .forEach(line -> terminal.answer(Printable.line(line)));
        Path folder = Optional.ofNullable(path.getParent()).orElse(Path.of("."));
        Files.createDirectories(folder);
        Path copy = folder.resolve("settings.json.before-harp");
        if (after.equals(NEW) && !Files.exists(copy)) {
            // There was no file before harp made it.
            Files.deleteIfExists(path);
            terminal.say("harp: deleted " + path + ", which had nothing else.");
            return;
        }
        if (before.isPresent()) {
            Files.copy(path, copy, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
            terminal.say("harp: a copy of what it was is in " + copy);
        }
        write(path, folder, before.isPresent(), after);
        terminal.say("harp: changed " + path + "; the agent reads it when its next session begins.");
    }

    private static Optional<String> read(Path path) throws IOException {
        try {
            return Optional.of(Files.readString(path));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (CharacterCodingException e) {
            throw Failure.usage(path + " is not UTF-8, and is left as it is");
        }
    }

    /** Whole, and with the rights that it had. */
    private static void write(Path path, Path folder, boolean exists, String text) throws IOException {
        Path fresh = Files.createTempFile(folder, "settings", ".new");
        try {
            Files.writeString(fresh, text);
            PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
            if (exists && view != null) {
                Files.setPosixFilePermissions(fresh, view.readAttributes().permissions());
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
