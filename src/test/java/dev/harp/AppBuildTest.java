package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.testing.TestApp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code src/build/App.java}, with scripts in the place of Node and npm. */
@DisabledOnOs(OS.WINDOWS)
class AppBuildTest {
    private static final String NODE = "echo v20.19.0";
    private static final String NPM = """
        echo "npm $1 $2" >>"$CALLS"
        case $1 in
            ci) mkdir -p node_modules && touch node_modules/.package-lock.json ;;
            run) rm -rf dist && mkdir -p dist/assets && cat src/main.ts src/main.ts >dist/assets/m-12345678.js &&
                echo '<!doctype html>' >dist/index.html ;;
        esac\
        """;

    @TempDir
    private static Path classes;

    @TempDir
    private Path work;

    private Path app;
    private Path out;
    private Path tools;

    /** What one run printed, and how it ended. */
    private record Run(int status, String said) {}

    @BeforeAll
    static void compile() {
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", classes.toString(), "src/build/App.java");
        assertThat(status, is(0));
    }

    @BeforeEach
    void sources() throws IOException {
        app = Files.createDirectories(work.resolve("app"));
        out = work.resolve("out");
        tools = Files.createDirectories(work.resolve("tools"));
        Files.createDirectories(app.resolve("src"));
        Files.createDirectories(app.resolve("test"));
        Files.writeString(app.resolve("src/main.ts"), "let a = 1; ".repeat(50));
        Files.writeString(app.resolve("test/main.test.ts"), "");
        Files.writeString(app.resolve("package-lock.json"), "{}");
        tool("node", NODE);
        tool("npm", NPM);
    }

    private void tool(String name, String script) throws IOException {
        Path file = tools.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true), is(true));
    }

    private Run build(String... environment) throws IOException, InterruptedException {
        return run("npm", environment);
    }

    private Run run(String from, String... environment) throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classes.toString(),
                        "App",
                        app.toString(),
                        work.resolve("state").toString(),
                        out.toString(),
                        from)
                .redirectErrorStream(true);
        Map<String, String> variables = program.environment();
        variables.clear();
        // The shell's own tools, and never a Node that this machine may have.
        for (String name : List.of("cat", "mkdir", "rm", "touch")) {
            if (!Files.exists(tools.resolve(name))) {
                Files.createSymbolicLink(tools.resolve(name), Path.of("/bin", name));
            }
        }
        variables.put("PATH", tools.toString());
        variables.put("CALLS", work.resolve("calls").toString());
        for (String variable : environment) {
            variables.put(variable.split("=", 2)[0], variable.split("=", 2)[1]);
        }
        Process running = program.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(running.waitFor(), said);
    }

    private List<String> calls() throws IOException {
        Path calls = work.resolve("calls");
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    private void forgetCalls() throws IOException {
        Files.deleteIfExists(work.resolve("calls"));
    }

    /** Everything in the folder, by name, as one character a byte. */
    private Map<String, String> packed() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (var files = Files.walk(out)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.put(
                        out.relativize(file).toString(),
                        new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        return all;
    }

    @Test
    void filesAreListedCompressedAndTheSameEachTime() throws Exception {
        assertThat(build(), is(new Run(0, "")));
        assertThat(calls(), contains("npm ci --include=dev", "npm run build"));
        Map<String, String> first = packed();
        String script = "let a = 1; ".repeat(100);
        assertThat(
                first.keySet(),
                contains(
                        "assets/m-12345678.js",
                        "assets/m-12345678.js.gz",
                        "hashes.json",
                        "hashes.json.gz",
                        "index.html"));
        assertThat(first.get("assets/m-12345678.js"), is(script));
        assertThat(
                first.get("hashes.json"),
                is(TestApp.list(Map.of("assets/m-12345678.js", script, "index.html", "<!doctype html>\n"))));
        byte[] compressed = Files.readAllBytes(out.resolve("assets/m-12345678.js.gz"));
        try (var plain = new GZIPInputStream(new ByteArrayInputStream(compressed))) {
            assertThat(new String(plain.readAllBytes(), StandardCharsets.UTF_8), is(script));
        }
        assertThat(Files.readString(app.resolve("dist/hashes.json")), is(first.get("hashes.json")));

        Files.delete(work.resolve("state/inputs"));
        assertThat(build(), is(new Run(0, "")));
        assertThat(packed(), is(first));
    }

    @Test
    void nothingIsDoneUntilASourceChanges() throws Exception {
        build();
        forgetCalls();
        Files.writeString(app.resolve("test/main.test.ts"), "a test is no source of what is built");
        assertThat(build(), is(new Run(0, "")));
        assertThat(calls(), is(empty()));

        Files.writeString(app.resolve("src/main.ts"), "let b = 2; ".repeat(50));
        assertThat(build(), is(new Run(0, "")));
        assertThat(calls(), contains("npm run build"));
        assertThat(packed().get("assets/m-12345678.js"), startsWith("let b"));
        forgetCalls();

        Files.writeString(app.resolve("src/new.ts"), "");
        assertThat(build(), is(new Run(0, "")));
        assertThat(calls(), contains("npm run build"));
        forgetCalls();

        Files.setLastModifiedTime(
                app.resolve("package-lock.json"), FileTime.from(Instant.now().plus(Duration.ofMinutes(1))));
        Files.writeString(app.resolve("package-lock.json"), "{ }");
        Files.setLastModifiedTime(
                app.resolve("package-lock.json"), FileTime.from(Instant.now().plus(Duration.ofMinutes(1))));
        build();
        assertThat(calls(), contains("npm ci --include=dev", "npm run build"));
    }

    /** The launcher builds again what is newer than this time. */
    @Test
    void theTimeOfTheTryIsThatOfItsBegin() throws Exception {
        Instant before = Instant.now();
        build();
        Instant stamp = Files.getLastModifiedTime(work.resolve("state/inputs")).toInstant();
        assertThat(stamp.isBefore(before.minusMillis(10)), is(false));
        Instant index = Files.getLastModifiedTime(out.resolve("index.html")).toInstant();
        assertThat(stamp.isBefore(index), is(true));
    }

    @Test
    void withoutNodeTheBuildSaysSoAndGoesOn() throws Exception {
        build();
        Files.delete(tools.resolve("node"));
        Files.writeString(app.resolve("src/main.ts"), "changed");
        Run run = build();
        assertThat(run.status(), is(0));
        assertThat(
                run.said(),
                is("harp-relay: built without approver's app: it needs Node 20.19 or newer with npm, and there is"
                        + " none.\n"));
        // For the launcher, which builds again with another one.
        assertThat(Files.readString(work.resolve("state/inputs")), is("Node none"));
        // Also no older app.
        assertThat(packed(), is(Map.of("missing.txt", "it needs Node 20.19 or newer with npm, and there is none.\n")));
        // The next build tries again.
        tool("node", NODE);
        assertThat(build(), is(new Run(0, "")));
        assertThat(packed().get("assets/m-12345678.js"), is("changedchanged"));
    }

    @Test
    void anOldNodeIsNotEnough() throws Exception {
        for (String version : List.of("v20.18.3", "v18.20.8", "v9.0.0")) {
            tool("node", "echo " + version);
            Run run = build();
            assertThat(run.status(), is(0));
            assertThat(run.said(), containsString("and this is Node " + version + "."));
            assertThat(Files.readString(work.resolve("state/inputs")), is("Node " + version));
        }
        tool("node", "echo hello");
        assertThat(build().said(), containsString("'node --version' does not print a version"));
        for (String version : List.of("v20.19.0", "v22.0.0", "v100.1.0-nightly")) {
            tool("node", "echo " + version);
            assertThat(build().said(), is(""));
        }
    }

    @Test
    void whenNpmFailsTheLogIsNamed() throws Exception {
        tool("npm", "[ $1 = ci ] || { echo 'src/main.ts: wrong'; exit 3; }; mkdir -p node_modules");
        Run run = build();
        assertThat(run.status(), is(0));
        String log = work.resolve("state/npm.log").toString();
        assertThat(run.said(), containsString("'npm run build' has failed with 3, see " + log + "."));
        assertThat(Files.readString(Path.of(log)), is("src/main.ts: wrong\n"));
        assertThat(packed().keySet(), contains("missing.txt"));
        Files.delete(tools.resolve("npm"));
        assertThat(build().said(), containsString("and there is no npm."));
    }

    @Test
    void inCiAFailureIsOneOfTheBuild() throws Exception {
        tool("npm", "echo 'out of reach'; exit 1");
        Run run = build("CI=true");
        assertThat(run.status(), is(1));
        assertThat(
                run.said(),
                allOf(startsWith("out of reach\n"), containsString("no approver's app: 'npm ci' has failed with 1")));
        Files.delete(tools.resolve("node"));
        assertThat(build("CI=true").status(), is(1));
        assertThat(build("CI=false").status(), is(0));
    }

    /** As in the Dockerfile, which builds it in a stage of its own. */
    @Test
    void aBuiltAppIsTakenAsItIs() throws Exception {
        Run none = run("dist");
        assertThat(none.status(), is(1));
        assertThat(none.said(), containsString("there is no " + app.resolve("dist/index.html")));
        build();
        Map<String, String> expected = packed();
        forgetCalls();
        Files.delete(tools.resolve("node"));
        Files.delete(work.resolve("state/inputs"));
        assertThat(run("dist"), is(new Run(0, "")));
        assertThat(calls(), is(empty()));
        assertThat(packed(), is(expected));
    }

    /** Such a file would have several spellings in a URL. */
    @Test
    void aNameThatAUrlWouldEncodeIsRefused() throws Exception {
        build();
        Files.writeString(app.resolve("dist/a b.js"), "");
        Run run = run("dist");
        assertThat(run.status(), is(1));
        assertThat(run.said(), containsString("'a b.js'"));
        assertThat(run.said(), not(containsString("Exception")));
    }
}
