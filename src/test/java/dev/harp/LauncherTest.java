package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
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
import java.util.ArrayList;
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
        for program in relay harp; do
            mkdir -p target/$program/lib && : >target/$program/lib/a.jar
            : >target/$program/harp-relay-1.jar && : >target/$program/harp-1.cdx.json
        done
        mkdir -p target/app && : >target/app/inputs
        echo built\
        """;

    @TempDir
    private Path root;

    private String options = "";
    private String home = "jdk";
    private Map<String, String> more = Map.of();

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
        for (String file : List.of("src/main/java/A.java", "pom.xml", "openapi.yaml")) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), "");
            age(file, Duration.ofHours(2));
        }
        age("src/main", Duration.ofHours(2));
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
        return said(program).stream()
                .filter(line -> !line.startsWith(program + ": "))
                .toList();
    }

    /** All that is printed. */
    private List<String> said(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(root.resolve(program).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder launcher = new ProcessBuilder(command).redirectErrorStream(true);
        launcher.environment()
                .put("JAVA_HOME", home.isEmpty() ? "" : root.resolve(home).toString());
        launcher.environment().put("JAVA_OPTS", options);
        launcher.environment().putAll(more);
        launcher.environment().merge("PATH", root.resolve("bin") + ":", (path, first) -> first + path);
        Process running = launcher.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(said, running.waitFor(), is(0));
        return said.lines().toList();
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
            options = "";
            for (String variable : List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS")) {
                more = Map.of(variable, "-Xmx64m -XX:+UseG1GC");
                assertThat(program + " " + variable, run(program), is(List.of()));
            }
            more = Map.of();
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

    /** A version manager's (asdf, jenv) java is no link: it is asked where its JDK is. */
    @Test
    void aJavaOnThePathThatIsAScriptIsAsked() throws Exception {
        Path launch = root.resolve("src/build/launch.sh");
        Files.writeString(launch, Files.readString(launch).replaceAll(" /(usr|opt|Library)/[^\\s;]+", ""));
        home = "";
        Files.createDirectory(root.resolve("a folder"));
        Files.move(root.resolve("jdk"), root.resolve("a folder/jdk"));
        script("bin/java", """
            [ "$1" = -XshowSettings:properties ] || exit 9
            echo 'Property settings:' >&2
            echo "    java.home = %s" >&2
            echo '    java.io.tmpdir = /tmp' >&2\
            """.formatted(root.resolve("a folder/jdk")));
        assertThat(run("harp-relay"), is(List.of("built", "started")));
        assertThat(run("harp"), is(List.of("started")));
    }

    /** As "git pull" leaves it. Who waits for harp is not made to wait, and an agent's hook is told nothing. */
    @Test
    void sourcesThatAreNewerThanTheProgramAreNoticed() throws Exception {
        run("harp-relay");
        String warning = "harp: sources have changed since it was built; ";
        for (String change : List.of("src/main/java/A.java", "src/main/java", "pom.xml", "openapi.yaml")) {
            age("target", Duration.ofHours(1));
            for (String source : List.of("src/main", "pom.xml", "openapi.yaml")) {
                age(source, Duration.ofHours(2));
            }
            assertThat(said("harp"), is(List.of("started")));
            Files.setLastModifiedTime(root.resolve(change), FileTime.from(now.minusSeconds(60)));
            assertThat(said("harp"), contains(startsWith(warning), is("started")));
            assertThat(said("harp", "hook", "claude"), is(List.of("started")));
            assertThat(said("harp", "mcp"), is(List.of("started")));
            assertThat(
                    said("harp-relay"),
                    is(List.of(
                            "harp-relay: building it again, because its sources have changed.", "built", "started")));
            assertThat(said("harp-relay"), is(List.of("started")));
        }
    }

    /**
     * Of a build that was interrupted some files are old, missing or incomplete: the JVM would end in a stack trace.
     */
    @Test
    void aBuildThatBrokeOffIsRepeated() throws Exception {
        String again = ": building it again, because the last build broke off.";
        for (String program : List.of("harp-relay", "harp")) {
            String folder = "target/" + program.replace("harp-", "");
            for (String missing : List.of("lib/a.jar", "harp-1.cdx.json")) {
                run("harp-relay");
                Files.delete(root.resolve(folder).resolve(missing));
                assertThat(said(program), is(List.of(program + again, "built", "started")));
            }
            age(folder + "/harp-1.cdx.json", Duration.ofMinutes(1));
            assertThat(said(program), is(List.of(program + again, "built", "started")));
        }
        Files.delete(root.resolve("target/harp/lib/a.jar"));
        assertThat(said("harp", "hook", "claude"), contains(startsWith("harp: not built, and 'harp hook' builds")));
    }

    /** As the unit file says: "cp -r" writes the jar after the list, or before it. */
    @Test
    void anInstalledCopyStartsWhateverTheTimesOfItsFiles() throws Exception {
        run("harp-relay");
        Files.delete(root.resolve("mvnw"));
        age("target/relay/harp-1.cdx.json", Duration.ofMinutes(1));
        age("target/harp/harp-1.cdx.json", Duration.ofMinutes(1));
        assertThat(said("harp-relay"), is(List.of("started")));
        assertThat(said("harp", "hook", "claude"), is(List.of("started")));
    }

    /** Java without a compiler runs what is built. */
    @Test
    void withoutACompilerTheOldProgramIsStarted() throws Exception {
        run("harp-relay");
        age("target", Duration.ofHours(1));
        Path launch = root.resolve("src/build/launch.sh");
        Files.writeString(launch, Files.readString(launch).replaceAll(" /(usr|opt|Library)/[^\\s;]+", ""));
        Files.delete(root.resolve("jdk/bin/javac"));
        script("bin/java", "exit 1");
        age("pom.xml", Duration.ZERO);
        assertThat(
                said("harp-relay"),
                contains(startsWith("harp-relay: its sources have changed, and there is no JDK 25"), is("started")));
    }

    @Test
    void aFailedBuildStartsNothing() throws Exception {
        script("mvnw", "exit 1");
        ProcessBuilder launcher = new ProcessBuilder(root.resolve("harp-relay").toString()).redirectErrorStream(true);
        launcher.environment().put("JAVA_HOME", root.resolve("jdk").toString());
        launcher.environment().put("https_proxy", "http://proxy.example:3128");
        Process running = launcher.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(running.waitFor(), is(1));
        assertThat(said, containsString("harp-relay: Maven does not use the proxy of the environment; docs/"));
        assertThat(said.contains("started"), is(false));
    }
}
