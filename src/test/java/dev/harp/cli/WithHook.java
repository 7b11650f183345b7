package dev.harp.cli;

import dev.harp.client.Environment;
import dev.harp.client.RelayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;

/** A test of hooks on threads of this JVM, with the answers that agents expect. */
abstract class WithHook extends WithPairing {
    static final String ALLOW =
            "{\"hookSpecificOutput\":{\"hookEventName\":\"PermissionRequest\",\"decision\":{\"behavior\":\"allow\"}}}";

    @BeforeEach
    void pair() throws IOException, InterruptedException, RelayException {
        pair("demo", List.of());
    }

    static String denied(String message) {
        return "{\"hookSpecificOutput\":{\"hookEventName\":\"PermissionRequest\",\"decision\":{\"behavior\":\"deny\","
                + "\"message\":\"" + message + "\"}}}";
    }

    static String event(String name, String tool, String input, String more) {
        return "{\"session_id\":\"s1\",\"transcript_path\":\"/t\",\"cwd\":\"/srv/app\",\"hook_event_name\":\"" + name
                + "\",\"tool_name\":\"" + tool + "\",\"tool_input\":" + input + more + "}";
    }

    static String bash(String command) {
        return event("PermissionRequest", "Bash", "{\"command\":\"" + command + "\"}", "");
    }

    HarpThread hook(String agent, String event, String... more) throws IOException {
        return hook(Environment.system().sleeper(), agent, event, more);
    }

    HarpThread hook(Environment.Sleeper sleeper, String agent, String event, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("hook", agent, "--name", "demo"));
        words.addAll(List.of(more));
        HarpThread hook = HarpThread.start(home, sleeper, words.toArray(String[]::new));
        hook.type(event);
        hook.typeEnd();
        return hook;
    }

    List<String> waiting() throws IOException {
        Path hooks = home.resolve("hooks");
        if (!Files.exists(hooks)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(hooks)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json"))
                    .toList();
        }
    }
}
