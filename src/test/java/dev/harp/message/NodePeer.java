package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The TypeScript implementation in a process of Node's: {@code app/test/peer.ts}. */
final class NodePeer implements AutoCloseable {
    static final Path APP = Path.of("app").toAbsolutePath();
    private static final int MINUTES = 2;
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\..*");

    private final Process process;
    private final Writer commands;
    private final BufferedReader answers;

    private NodePeer(Process process) {
        this.process = process;
        this.commands = process.outputWriter(UTF_8);
        this.answers = process.inputReader(UTF_8);
    }

    /** Why Node or the app's packages cannot be used here, or nothing if they can. */
    static Optional<String> missing() {
        Matcher version;
        try {
            version = VERSION.matcher(run("node", "--version").strip());
        } catch (IOException e) {
            return Optional.of("no program node on the path; it has to be 20.19 or later");
        }
        if (!version.matches() || !isRecent(version)) {
            return Optional.of("node is older than 20.19");
        }
        for (String name : List.of("@noble/ciphers", "@noble/curves", "@noble/hashes", "typescript")) {
            if (!Files.exists(APP.resolve("node_modules").resolve(name))) {
                return Optional.of("app/node_modules has no " + name + "; run: (cd app && npm ci)");
            }
        }
        return Optional.empty();
    }

    private static boolean isRecent(Matcher version) {
        int major = Integer.parseInt(version.group(1));
        return major > 20 || (major == 20 && Integer.parseInt(version.group(2)) >= 19);
    }

    static void compile() throws IOException {
        run("node", "node_modules/typescript/bin/tsc", "-p", "tsconfig.node.json");
    }

    /** What the program prints. An error if it fails. */
    static String run(String... command) throws IOException {
        Path directory = Files.isDirectory(APP) ? APP : Path.of("");
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        try {
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
                throw new AssertionError(String.join(" ", command) + " failed:\n" + output);
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            process.destroyForcibly();
        }
    }

    static NodePeer start() throws IOException {
        return new NodePeer(new ProcessBuilder("node", "build/test/peer.js")
                .directory(APP.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /** Sends a command and waits for what it gives. */
    Members call(String command, Consumer<JsonTree.Builder> members) {
        JsonTree.Builder line = JsonTree.object().add("command", command);
        members.accept(line);
        try {
            commands.write(new String(ExactJson.write(line.build()), UTF_8) + "\n");
            commands.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new AssertionError("the peer has ended");
            }
            return ExactJson.readAny(answer.getBytes(UTF_8)).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One text of what a command gives. */
    String call(String command, String wanted, Consumer<JsonTree.Builder> members) {
        Members answer = call(command, members);
        return answer.text(wanted).orElseThrow(() -> new AssertionError(command + ": " + answer));
    }

    static Envelope envelope(Members answer) {
        return Envelope.fromJson(
                MemberReader.of(answer.get("envelope").orElseThrow(() -> new AssertionError(answer)), Reason.ENVELOPE));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
