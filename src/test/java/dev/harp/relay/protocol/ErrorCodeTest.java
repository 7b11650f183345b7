package dev.harp.relay.protocol;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, section 11.2: one table of errors, in the document and in the code. */
class ErrorCodeTest {
    private static final String HEADING = "### 11.2";

    @Test
    void documentAndCodeHaveTheSameTable() throws IOException {
        List<String> written = Files.readString(Path.of(System.getProperty("basedir", ""), "docs", "protocol.md"))
                .lines()
                .dropWhile(line -> !line.startsWith(HEADING))
                .skip(1)
                .takeWhile(line -> !line.startsWith("#"))
                .filter(line -> line.startsWith("|"))
                .skip(2)
                .map(ErrorCodeTest::withoutWhen)
                .toList();
        List<String> coded = Arrays.stream(ErrorCode.values())
                .map(code -> code.code() + " | " + code.status() + " | " + code.title() + " | " + code.retryable())
                .toList();
        assertThat(written, contains(coded.toArray(String[]::new)));
    }

    private static String withoutWhen(String row) {
        String[] cells = row.split("\\|", -1);
        return String.join(" | ", Arrays.stream(cells, 1, 5).map(String::strip).toList());
    }

    @Test
    void everyCodeIsAnErrorWithItsOwnTitle() {
        assertThat(
                Arrays.stream(ErrorCode.values())
                        .map(ErrorCode::title)
                        .distinct()
                        .count(),
                is((long) ErrorCode.values().length));
        for (ErrorCode code : ErrorCode.values()) {
            assertThat(code.status() >= 400 && code.status() <= 599, is(true));
            assertThat(code.title(), not(""));
        }
    }
}
