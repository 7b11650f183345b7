package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** When the launchers build first: in a folder with scripts in the place of Maven and of a JDK. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
    private final Instant now = Instant.now();
    private static final String BUILDS = """
        for program in relay harp; do mkdir -p target/$program && : >target/$program/harp-relay-1.jar; done
        mkdir -p target/app && : >target/app/inputs
        echo built\
        """;

    @TempDir
    private Path root;

    private String options = "";

    @BeforeEach
    void checkout() throws IOException {
        for (String file : List.of("harp-relay", "harp", "src/build/launch.sh")) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.copy(Path.of(file), root.resolve(file));
        }
        script("mvnw", BUILDS);
        script("jdk/bin/java", "echo started");
        script("jdk/bin/javac", "");
        Files.writeString(root.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        for (String file : List.of("app/src/main.ts", "app/test/main.ts", "app/node_modules/a/a.js", "app/dist/a.js")) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), "");
        }
        age("app", Duration.ofHours(2));
    }

    private void script(String name, String text) throws IOException {
        Files.createDirectories(root.resolve(name).getParent());
        Files.writeString(root.resolve(name), "#!/bin/sh\n" + text + "\n");
        assertThat(root.resolve(name).toFile().setExecutable(true), is(true));
    }

    /** Makes a file, or everything in a folder, as old as that. */
    private void age(String name, Duration age) throws IOException {
        try (var files = Files.walk(root.resolve(name))) {
            for (Path file : files.toList()) {
                Files.setLastModifiedTime(file, FileTime.from(now.minus(age)));
            }
        }
    }

    /** What the launcher prints to standard output, and Maven to standard error, without its announcement. */
    private List<String> run(String program) throws IOException, InterruptedException {
        ProcessBuilder launcher = new ProcessBuilder(root.resolve(program).toString()).redirectErrorStream(true);
        launcher.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        launcher.environment().put("JAVA_OPTS", options);
        launcher.environment().merge("PATH", root.resolve("bin") + ":", (path, first) -> first + path);
        Process running = launcher.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said, running.waitFor(), is(0));
        return said.lines().filter(line -> !line.startsWith(program + ": ")).toList();
    }

    @Test
    void whatIsNotBuiltIsBuiltOnce() throws Exception {
        assertThat(run("harp-relay"), is(List.of("built", "started")));
        assertThat(run("harp-relay"), is(List.of("started")));
        assertThat(run("harp"), is(List.of("started")));
    }

    /** Two collectors would end the JVM with "Multiple garbage collectors selected". */
    @Test
    void aCollectorOfJavaOptsTakesThePlaceOfTheUsualOne() throws Exception {
        script("jdk/bin/java", "for flag do case $flag in -XX:+Use*GC) echo \"$flag\" ;; esac; done");
        Map<String, List<String>> collectors = Map.of(
                "", List.of("-XX:+UseSerialGC"),
                "-Xmx64m -Dx=-XX:+UseNothing", List.of("-XX:+UseSerialGC"),
                "-XX:+UseG1GC", List.of("-XX:+UseG1GC"),
                "-Xmx64m -XX:+UseZGC -Xms64m", List.of("-XX:+UseZGC"));
        run("harp-relay");
        for (String program : List.of("harp-relay", "harp")) {
            for (Map.Entry<String, List<String>> each : collectors.entrySet()) {
                options = each.getKey();
                assertThat(program + " " + options, run(program), is(each.getValue()));
            }
        }
    }

    @Test
    void aChangedAppIsBuiltAgain() throws Exception {
        run("harp-relay");
        for (String change : List.of("app/src/main.ts", "app/src")) {
            age("target/app/inputs", Duration.ofHours(1));
            age("app", Duration.ofHours(2));
            assertThat(run("harp-relay"), is(List.of("started")));
            Files.setLastModifiedTime(root.resolve(change), FileTime.from(now.minusSeconds(60)));
            // The agent's side has no app, and must not make its caller wait.
            assertThat(run("harp"), is(List.of("started")));
            assertThat(run("harp-relay"), is(List.of("built", "started")));
            assertThat(run("harp-relay"), is(List.of("started")));
        }
    }

    /** Who installs Node later gets the app by starting the relay again, and pays once. */
    @Test
    void anAppThatLackedNodeIsBuiltWhenNodeHasChanged() throws Exception {
        script("bin/node", "exit 127");
        run("harp-relay");
        for (String lacked : List.of("none", "v18.20.8")) {
            Files.writeString(root.resolve("target/app/inputs"), "Node " + lacked);
            script("bin/node", lacked.equals("none") ? "exit 127" : "echo " + lacked);
            assertThat(run("harp-relay"), is(List.of("started")));
            script("bin/node", "echo v22.1.0");
            assertThat(run("harp"), is(List.of("started")));
            assertThat(run("harp-relay"), is(List.of("built", "started")));
            assertThat(run("harp-relay"), is(List.of("started")));
        }
        // What Node cannot be asked for is no Node.
        Files.writeString(root.resolve("target/app/inputs"), "Node none");
        script("bin/node", "echo hello");
        assertThat(run("harp-relay"), is(List.of("started")));
    }

    @Test
    void whatIsNoSourceOfTheAppChangesNothing() throws Exception {
        run("harp-relay");
        age("target/app/inputs", Duration.ofHours(1));
        for (String folder : List.of("app/test", "app/node_modules", "app/dist")) {
            age(folder, Duration.ofMinutes(1));
        }
        // As npm does, which creates folders in it.
        Files.setLastModifiedTime(root.resolve("app"), FileTime.from(now));
        assertThat(run("harp-relay"), is(List.of("started")));
        // A product that was built elsewhere.
        Files.delete(root.resolve("target/app/inputs"));
        age("app", Duration.ZERO);
        assertThat(run("harp-relay"), is(List.of("started")));
    }

    /** The archive of deploy/dist: the same launchers in bin/, with a launch.sh that builds nothing. */
    @Test
    void inTheArchiveTheyStartWhatIsThere() throws Exception {
        Path archive = Files.createDirectories(root.resolve("an archive"));
        script("an archive/lib/runtime/bin/java", "for argument do printf '%s\\n' \"$argument\"; done");
        Files.copy(Path.of("deploy/dist/launch.sh"), archive.resolve("lib/launch.sh"));
        for (String program : List.of("harp-relay", "harp")) {
            Path launcher = archive.resolve("bin").resolve(program);
            Files.createDirectories(launcher.getParent());
            Files.copy(Path.of(program), launcher);
            Path link = Files.createSymbolicLink(root.resolve("bin-" + program), launcher);
            Path folder = Files.createDirectories(archive.resolve("lib").resolve(program));
            String jar = folder.toRealPath().resolve(program + ".jar").toString();
            String cache = "-XX:AOTCache=" + folder.toRealPath().resolve(program + ".aot");
            String name = link.getFileName().toString();
            assertThat(run(name), allOf(hasItem(jar), not(hasItem(startsWith("-XX:AOTCache")))));
            Files.writeString(folder.resolve(program + ".aot"), "");
            assertThat(run(name), allOf(hasItem(jar), hasItem(cache)));
            options = "-XX:+UseG1GC";
            assertThat(run(name), allOf(hasItem(options), not(hasItem(cache))));
            options = "";
        }
        // What "harp hook install" writes into an agent's settings.
        assertThat(
                run("bin-harp"),
                hasItem("-Dharp.program=" + archive.toRealPath().resolve("bin/harp")));
        assertThat(run("bin-harp-relay"), hasItem("-Dharp.relay.home=" + archive.toRealPath()));
    }

    /** It cannot be run here: what can be told from its text. Each flag of harp, all arguments, and the exit code. */
    @Test
    void theLauncherOfWindowsStartsTheSame() throws Exception {
        String text = Files.readString(Path.of("harp.cmd"));
        assertThat(text.replace("\r\n", ""), not(containsString("\n")));
        List<String> lines = text.lines().toList();
        int start = lines.indexOf(":start");
        List<String> command = List.of(lines.get(start + 1).replace("\"", "").split(" "));
        assertThat(lines.subList(start + 2, lines.size()), is(List.of("exit /b %ERRORLEVEL%")));

        run("harp");
        script("jdk/bin/java", "for argument do printf '%s\\n' \"$argument\"; done");
        List<String> flags = run("harp").stream()
                // What differs: no cache is kept there, and what a terminal is cannot be asked.
                .filter(flag -> !flag.matches(".*SharedArchive.*|-Dharp\\.(terminal|columns)=.*"))
                .map(flag -> flag.replace(root.toString() + "/target/harp/harp-relay-1.jar", "%jar%")
                        .replace(root.toString() + "/harp", "%~f0"))
                .toList();
        assertThat(command.stream().filter(flags::contains).toList(), is(flags));
        assertThat(
                command.stream().filter(word -> !flags.contains(word)).toList(),
                is(List.of("%java%", "%JAVA_OPTS%", "%*")));
        assertThat(command.getLast(), is("%*"));
        assertThat(text, containsString("(\"%~dp0target\\harp\\harp-relay-*-harp.jar\")"));
        Pattern.compile("goto (\\w+)")
                .matcher(text)
                .results()
                .forEach(jump -> assertThat(lines, hasItem(":" + jump.group(1))));
    }

    @Test
    void aFailedBuildStartsNothing() throws Exception {
        script("mvnw", "exit 1");
        ProcessBuilder launcher = new ProcessBuilder(root.resolve("harp-relay").toString()).redirectErrorStream(true);
        launcher.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        Process running = launcher.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(running.waitFor(), is(1));
        assertThat(said.contains("started"), is(false));
    }
}
