import com.palantir.javaformat.java.Formatter;
import com.palantir.javaformat.java.FormatterException;
import com.palantir.javaformat.java.JavaFormatterOptions;
import com.palantir.javaformat.java.JavaFormatterOptions.Style;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Formats every Java file under some folders ({@code apply}), or only names those that are not formatted
 * ({@code check}). Names the lines that are too long even so: the formatter wraps code and Javadoc, but not text and
 * other comments. Of TypeScript it only names those lines, as the app's own formatter leaves them, too.
 */
final class Format {
    private static final int MAX_COLUMNS = 120;
    private static final Pattern SOURCES = Pattern.compile(".*\\.(java|tsx?)");

    private enum Outcome {
        FORMATTED,
        UNFORMATTED,
        UNREADABLE
    }

    private record Report(Path file, Outcome outcome, String detail, List<Integer> longLines) {}

    private final boolean apply;
    private final Formatter formatter = Formatter.createFormatter(JavaFormatterOptions.builder()
            .style(Style.PALANTIR)
            .formatJavadoc(true)
            .build());

    private Format(boolean apply) {
        this.apply = apply;
    }

    public static void main(String[] args) throws IOException {
        boolean apply = args[0].equals("apply");
        Format format = new Format(apply);
        List<Path> sources = new ArrayList<>();
        for (String folder : List.of(args).subList(1, args.length)) {
            try (var files = Files.walk(Path.of(folder))) {
                files.filter(file -> SOURCES.matcher(file.toString()).matches())
                        .sorted()
                        .forEach(sources::add);
            }
        }
        List<Report> reports = sources.parallelStream().map(format::report).toList();
        boolean failed = false;
        for (Report report : reports) {
            switch (report.outcome()) {
                case FORMATTED -> {}
                case UNFORMATTED -> {
                    System.out.println((apply ? "Formatted: " : "Not formatted (./mvnw validate -Pformat does it): ")
                            + report.file());
                    failed |= !apply;
                }
                case UNREADABLE -> {
                    System.out.println("Cannot be formatted: " + report.file() + ":" + report.detail());
                    failed = true;
                }
            }
            for (int line : report.longLines()) {
                System.out.println("Longer than " + MAX_COLUMNS + " columns: " + report.file() + ":" + line);
                failed = true;
            }
        }
        System.exit(failed ? 1 : 0);
    }

    private Report report(Path file) {
        try {
            String source = Files.readString(file);
            String formatted = file.toString().endsWith(".java") ? formatter.formatSourceAndFixImports(source) : source;
            List<Integer> longLines = longLines(formatted);
            if (formatted.equals(source)) {
                return new Report(file, Outcome.FORMATTED, "", longLines);
            }
            if (apply) {
                Files.writeString(file, formatted);
            }
            return new Report(file, Outcome.UNFORMATTED, "", longLines);
        } catch (FormatterException e) {
            String message = String.valueOf(e.getMessage());
            // Two places where the formatter is behind the language.
            String hint = message.contains("'_'")
                    ? " (write `var _` for a bare `_` in a record pattern)"
                    : message.contains("'module'") ? " (it does not know `import module`)" : "";
            return new Report(file, Outcome.UNREADABLE, message + hint, List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Integer> longLines(String source) {
        List<String> lines = source.lines().toList();
        return IntStream.range(0, lines.size())
                .filter(line ->
                        lines.get(line).codePointCount(0, lines.get(line).length()) > MAX_COLUMNS)
                .mapToObj(line -> line + 1)
                .toList();
    }
}
