package dev.harp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** No build runs the programs of {@code bench}, so this tells what would keep them from starting. */
class BenchTest {
    private static final Path BENCH = Path.of("bench");

    private static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(BENCH)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    /** Also the peer on Helidon, against the libraries of the relay. */
    @Test
    void eachProgramCompiles(@TempDir Path classes) throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (var manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-proc:none", "-nowarn", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
            StringWriter output = new StringWriter();
            boolean compiled = compiler.getTask(
                            output, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files(".java")))
                    .call();
            assertThat(output.toString(), compiled, is(true));
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aShellTakesEachScript() throws IOException, InterruptedException {
        int scripts = 0;
        for (Path script : files("")) {
            if (Files.isRegularFile(script) && Files.readString(script).startsWith("#!/bin/sh\n")) {
                Process shell = new ProcessBuilder("sh", "-n", script.toString())
                        .redirectErrorStream(true)
                        .start();
                String output = new String(shell.getInputStream().readAllBytes(), UTF_8);
                assertThat(script + ": " + output, shell.waitFor(), is(0));
                scripts++;
            }
        }
        assertThat(scripts, greaterThan(5));
    }

    @Test
    void thePeersAreInstalledFromTheRegistryThatNpmIsSetTo() throws IOException {
        assertThat(Files.readString(BENCH.resolve("peers/package-lock.json")), not(containsString("\"resolved\"")));
    }
}
