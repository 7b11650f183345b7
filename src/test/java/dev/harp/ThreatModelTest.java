package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each attack of {@code docs/threat-model.md} names tests that exist, or says that no test holds its protection. */
class ThreatModelTest {
    private static final String COLUMN = "| held by |";
    private static final Pattern NAME = Pattern.compile("`(\\w+)(?:\\.(\\w+))?`|`([a-z.]+\\.test\\.ts)`");

    @Test
    void everyRowNamesItsTests() throws IOException {
        List<String> wrong = new ArrayList<>();
        int rows = 0;
        boolean inside = false;
        for (String line : Files.readAllLines(Path.of("docs/threat-model.md"))) {
            if (line.endsWith(COLUMN)) {
                inside = true;
            } else if (!line.startsWith("|")) {
                inside = false;
            } else if (inside && !line.startsWith("| ---")) {
                rows++;
                String cell = line.substring(line.lastIndexOf(" | ") + 3);
                List<MatchResult> names = NAME.matcher(cell).results().toList();
                if (names.isEmpty() && !cell.startsWith("no test")) {
                    wrong.add("no test is named: " + line);
                }
                for (MatchResult name : names) {
                    if (!exists(name)) {
                        wrong.add("there is no " + name.group());
                    }
                }
            }
        }
        assertThat(wrong, empty());
        assertThat(rows, greaterThan(30));
    }

    private static boolean exists(MatchResult name) throws IOException {
        if (name.group(3) != null) {
            return Files.exists(Path.of("app/e2e", name.group(3)));
        }
        Optional<Path> source;
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            source =
                    files.filter(file -> file.endsWith(name.group(1) + ".java")).findFirst();
        }
        return source.isPresent()
                && (name.group(2) == null || Files.readString(source.get()).contains(" " + name.group(2) + "("));
    }
}
