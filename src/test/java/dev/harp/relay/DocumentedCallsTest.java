package dev.harp.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.harp.testing.Shells;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The blocks of {@code docs/calls.md}, run in order by a shell. */
class DocumentedCallsTest extends WithRelay {
    private static final Path DOCUMENT = Path.of("docs/calls.md");
    private static final Pattern BLOCK = Pattern.compile("^```sh\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);

    /** In the shells that people paste into, and those that are /bin/sh somewhere. */
    @ParameterizedTest
    @ValueSource(strings = {"bash", "dash", "mksh", "zsh"})
    void theCallsWorkInTheOrderOfThePage(String name) throws IOException, InterruptedException {
        assumeTrue(Shells.has(name), name + " is not installed");
        String blocks = BLOCK.matcher(Files.readString(DOCUMENT))
                .results()
                .map(MatchResult::group)
                .map(block -> block.replaceAll("(?m)^```.*$", ""))
                .collect(Collectors.joining("echo\n"));
        // The request ids of the page have the shell's time.
        TestRelay relay = start();
        relay.advanceUnnoticed(Duration.between(relay.now(), Instant.now()));
        ProcessBuilder shell = new ProcessBuilder(
                        name, "-euc", (name.equals("dash") ? "" : "set -o pipefail\n") + blocks)
                .redirectErrorStream(true);
        shell.environment().put("R", "http://127.0.0.1:" + relay.port());
        Process process = shell.start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(output, process.waitFor(), is(0));
        List<String> lines = output.lines().toList();
        assertThat(output, lines, hasItems("active", "responded"));
        assertThat(output, containsString("event:"));
    }
}
