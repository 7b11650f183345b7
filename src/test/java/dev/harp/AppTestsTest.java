package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code src/build/AppTests.java}, with a script in the place of npm. */
@DisabledOnOs(OS.WINDOWS)
class AppTestsTest {
    private static final String TITLE = "Tests of the approver's app: ";
    private static final String NO_BROWSER = "no browser at /usr/bin/chromium; CHROMIUM names another";

    /** Runs the script that a test has written for a call. */
    private static final String NPM = """
        #!/bin/sh
        echo "$*" >>calls
        test ! -f "../scripts/$*" || . "../scripts/$*"
        """;

    @TempDir
    private static Path classes;

    @TempDir
    private Path work;

    private Path reports;

    /** What one run printed, and how it ended. */
    private record Run(int status, String said) {
        String lastLine() {
            return said.lines().reduce("", (before, line) -> line);
        }
    }

    @BeforeAll
    static void compile() {
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", classes.toString(), "src/build/AppTests.java");
        assertThat(status, is(0));
    }

    @BeforeEach
    void sources() throws IOException {
        for (String folder : new String[] {"app/node_modules", "scripts", "tools", "built"}) {
            Files.createDirectories(work.resolve(folder));
        }
        Files.writeString(work.resolve("app/node_modules/.package-lock.json"), "{}");
        reports = work.resolve("reports");
        when("test", report(1, 0, ""));
        Path npm = Files.writeString(work.resolve("tools/npm"), NPM);
        assertThat(npm.toFile().setExecutable(true), is(true));
    }

    /** What npm does when it is called with these arguments. */
    private void when(String arguments, String script) throws IOException {
        Files.writeString(work.resolve("scripts").resolve(arguments), script);
    }

    /** Prints what Node prints at the end. */
    private static String report(int tests, int skipped, String cases) {
        return """
            cat <<'END'
            %s
            \u2139 tests %d
            \u2139 suites 0
            \u2139 skipped %d
            \u2139 todo 0
            END
            """.formatted(cases, tests, skipped);
    }

    private static String skippedBecause(String reason) {
        return "\ufe63 a (0.5ms) # " + reason + "\n";
    }

    private Run run(boolean ci) throws IOException, InterruptedException {
        ProcessBuilder program = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classes.toString(),
                        "AppTests",
                        work.resolve("app").toString(),
                        work.resolve("built").toString(),
                        reports.toString(),
                        work.toString(),
                        "e2e:short")
                .redirectErrorStream(true);
        Map<String, String> variables = program.environment();
        variables.clear();
        variables.put("PATH", work.resolve("tools") + ":/usr/bin:/bin");
        if (ci) {
            variables.put("CI", "true");
        }
        Process running = program.start();
        String said = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Run(running.waitFor(), said);
    }

    @Test
    void addsUpBothKindsOfTests() throws Exception {
        when("test", report(328, 0, ""));
        when("run e2e:short", report(14, 0, ""));
        Run run = run(true);
        assertThat(run.said(), matchesPattern(TITLE + "342 tests, 0 skipped, in \\d+ s\n"));
        assertThat(run.status(), is(0));
        assertThat(Files.readString(work.resolve("app/calls")), is("run check\ntest\nrun e2e:short\n"));
    }

    @Test
    void saysWhyTestsAreSkipped_andEachReasonOnce() throws Exception {
        when("test", report(3, 0, ""));
        when("run e2e:short", report(2, 2, skippedBecause(NO_BROWSER) + skippedBecause(NO_BROWSER)));
        Run run = run(false);
        assertThat(run.said(), allOf(startsWith(TITLE + "5 tests, 2 skipped"), endsWith(" s: " + NO_BROWSER + "\n")));
        assertThat(run.status(), is(0));
    }

    @Test
    void inCiASkippedTestIsAnError() throws Exception {
        when("run e2e:short", report(2, 1, skippedBecause(NO_BROWSER)));
        Run run = run(true);
        assertThat(run.lastLine(), allOf(startsWith(TITLE + "3 tests, 1 skipped"), containsString(NO_BROWSER)));
        assertThat(run.status(), is(1));
    }

    @Test
    void aStepThatFailsEndsTheRun_andItsLastLinesAreShown() throws Exception {
        when("test", report(9, 0, "") + "i=1; while [ $i -le 100 ]; do echo \"line $i\"; i=$((i + 1)); done\nexit 7");
        Run run = run(false);
        assertThat(run.said(), allOf(startsWith("line 41\nline 42\n"), containsString("\nline 100\n")));
        assertThat(run.lastLine(), is(TITLE + "'npm test' has failed with 7, see " + reports.resolve("test.log")));
        assertThat(run.status(), is(1));
        assertThat(Files.readString(work.resolve("app/calls")), not(containsString("e2e")));
    }

    @Test
    void aStepThatRunsNoTestsIsAnError_alsoAfterARunThatDid() throws Exception {
        when("run e2e:short", report(90, 0, ""));
        assertThat(run(false).status(), is(0));
        when("run e2e:short", "");
        Run run = run(false);
        assertThat(
                run.said(),
                is(TITLE + "'npm run e2e:short' has run no tests, see " + reports.resolve("e2e.log") + "\n"));
        assertThat(run.status(), is(1));
    }

    @Test
    void withoutNodeNothingRuns_andInCiThatIsAnError() throws Exception {
        Files.writeString(work.resolve("built/missing.txt"), "it needs Node, and there is none.\n");
        Run run = run(false);
        assertThat(run.said(), is(TITLE + "skipped: it needs Node, and there is none.\n"));
        assertThat(run.status(), is(0));
        assertThat(run(true).status(), is(1));
        assertThat(Files.exists(work.resolve("app/calls")), is(false));
    }

    @Test
    void withoutPackagesNothingRuns_andTheLineSaysHowToGetThem() throws Exception {
        Files.delete(work.resolve("app/node_modules/.package-lock.json"));
        Run run = run(false);
        assertThat(run.said(), startsWith(TITLE + "skipped: its packages are not installed: (cd "));
        assertThat(run.status(), is(0));
    }
}
