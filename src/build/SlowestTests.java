import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prints how many tests ran and which classes took longest, from the XML reports of Surefire and Failsafe. */
final class SlowestTests {
    private static final Pattern SUITE = Pattern.compile("<testsuite [^>]*>");
    private static final Pattern ATTRIBUTE = Pattern.compile(" (name|time|tests|skipped)=\"([^\"]*)\"");

    private record Suite(String name, BigDecimal seconds, int tests, int skipped) {}

    private SlowestTests() {}

    public static void main(String[] args) throws IOException {
        List<Suite> suites = new ArrayList<>();
        for (String folder : List.of(args).subList(1, args.length)) {
            if (Files.isDirectory(Path.of(folder))) {
                try (var files = Files.newDirectoryStream(Path.of(folder), "TEST-*.xml")) {
                    for (Path file : files) {
                        suites.add(read(Files.readString(file)));
                    }
                }
            }
        }
        int tests = suites.stream().mapToInt(Suite::tests).sum();
        int skipped = suites.stream().mapToInt(Suite::skipped).sum();
        System.out.printf("%d tests in %d classes, %d skipped. The slowest classes:%n", tests, suites.size(), skipped);
        suites.stream()
                .sorted(Comparator.comparing(Suite::seconds).reversed())
                .limit(Integer.parseInt(args[0]))
                .forEach(suite -> System.out.printf("  %8.2f s  %s%n", suite.seconds(), suite.name()));
    }

    private static Suite read(String report) {
        Matcher suite = SUITE.matcher(report);
        if (!suite.find()) {
            throw new IllegalArgumentException("no test suite in: " + report);
        }
        String name = "";
        BigDecimal seconds = BigDecimal.ZERO;
        int tests = 0;
        int skipped = 0;
        Matcher attribute = ATTRIBUTE.matcher(suite.group());
        while (attribute.find()) {
            String value = attribute.group(2);
            switch (attribute.group(1)) {
                case "name" -> name = value;
                case "time" -> seconds = new BigDecimal(value.replace(",", ""));
                case "tests" -> tests = Integer.parseInt(value);
                default -> skipped = Integer.parseInt(value);
            }
        }
        return new Suite(name, seconds, tests, skipped);
    }
}
