import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Runs the checks and tests of the approver's app, and prints one line: AppTests SOURCES BUILT REPORTS RELAYS BROWSER.
 *
 * <p>SOURCES is the folder of the app, BUILT the one that App.java has filled, RELAYS the one in which the relay and
 * {@code harp} are built, BROWSER the script of {@code package.json} that runs tests in a browser. In REPORTS are then
 * what each step has printed (STEP.log). The sums at its end count: a file of Node's other reporters is not written to
 * its end when {@code --test-force-exit} ends the run.
 *
 * <p>Without Node or the app's packages nothing runs, and without a browser the tests in it are skipped: the line says
 * so. Where the environment has {@code CI=true}, a test that is skipped is an error.
 */
final class AppTests {
    private static final long STEP_MINUTES = 40;
    private static final int LOG_LINES = 60;
    private static final boolean CI = "true".equals(System.getenv("CI"));

    /** The sums at the end of Node's report for people. */
    private static final Pattern SUM = Pattern.compile("(?m)^\u2139 (tests|skipped|todo) (\\d+)$");

    private static final Pattern SKIPPED = Pattern.compile("(?m)^ *\ufe63 .* # (.+)$");

    private record Step(String name, boolean tests, String... npm) {
        String call() {
            return "'npm " + String.join(" ", npm) + "'";
        }
    }

    private final List<Step> steps;
    private final Path sources;
    private final Path reports;
    private final Path relays;
    private final Set<String> reasons = new LinkedHashSet<>();
    private int tests;
    private int skipped;

    /** @param browser the script of {@code package.json} that runs tests in a browser */
    private AppTests(Path sources, Path reports, Path relays, String browser) {
        this.steps = List.of(
                new Step("check", false, "run", "check"),
                new Step("test", true, "test"),
                new Step("e2e", true, "run", browser));
        this.sources = sources;
        this.reports = reports;
        this.relays = relays;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path sources = Path.of(arguments[0]);
        Path missing = Path.of(arguments[1]).resolve("missing.txt");
        String why = Files.exists(missing)
                ? Files.readString(missing).strip()
                : Files.exists(sources.resolve("node_modules/.package-lock.json"))
                        ? ""
                        : "its packages are not installed: (cd " + sources + " && npm ci).";
        if (!why.isEmpty()) {
            end(CI, "skipped: " + why);
        }
        new AppTests(sources, Path.of(arguments[2]), Path.of(arguments[3]), arguments[4]).run();
    }

    private void run() throws IOException, InterruptedException {
        Files.createDirectories(reports);
        long begin = System.nanoTime();
        for (Step step : steps) {
            Path log = reports.resolve(step.name() + ".log");
            int status = npm(step, log);
            String printed = new String(Files.readAllBytes(log), StandardCharsets.UTF_8);
            if (step.tests() && !count(printed) && status == 0) {
                end(true, step.call() + " has run no tests, see " + log);
            }
            if (status != 0) {
                List<String> lines = printed.lines().toList();
                lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
                        .forEach(System.err::println);
                end(true, step.call() + " has failed with " + status + ", see " + log);
            }
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
        String line = "%d tests, %d skipped, in %d s".formatted(tests, skipped, seconds);
        end(CI && skipped > 0, reasons.isEmpty() ? line : line + ": " + String.join("; ", reasons));
    }

    private int npm(Step step, Path log) throws IOException, InterruptedException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        List<String> command = new ArrayList<>(List.of(windows ? "npm.cmd" : "npm"));
        command.addAll(List.of(step.npm()));
        ProcessBuilder npm = new ProcessBuilder(command)
                .directory(sources.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        npm.environment().put("npm_config_update_notifier", "false");
        npm.environment().put("JAVA_HOME", System.getProperty("java.home"));
        npm.environment().put("HARP_TARGET", relays.toAbsolutePath().toString());
        if (step.tests()) {
            npm.environment().put("NODE_OPTIONS", "--test-reporter=spec --test-reporter-destination=stdout");
        }
        Process running = npm.start();
        if (!running.waitFor(STEP_MINUTES, TimeUnit.MINUTES)) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
            end(true, step.call() + " has not ended within " + STEP_MINUTES + " minutes, see " + log);
        }
        return running.exitValue();
    }

    /** Adds the sums of the tests; false if there are none. */
    private boolean count(String printed) {
        int before = tests;
        SUM.matcher(printed).results().forEach(sum -> {
            int number = Integer.parseInt(sum.group(2));
            if (sum.group(1).equals("tests")) {
                tests += number;
            } else {
                skipped += number;
            }
        });
        SKIPPED.matcher(printed).results().map(each -> each.group(1)).forEach(reasons::add);
        return tests > before;
    }

    private static void end(boolean failed, String line) {
        System.out.println("Tests of the approver's app: " + line);
        System.exit(failed ? 1 : 0);
    }
}
