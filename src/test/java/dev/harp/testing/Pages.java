package dev.harp.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The pages that users read, and what stands in them as code. */
public final class Pages {
    private static final Pattern BLOCK =
            Pattern.compile("^( *)```([a-z]*)\n(.*?)^ *```$", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern SPAN = Pattern.compile("`([^`]+)`");

    private Pages() {}

    /**
     * A block.
     *
     * @param kind the word after its fence; empty for what is shown, and is in no language
     * @param page its file
     */
    public record Block(Path page, String kind, String text) {
        /** Its commands: lines that go on are joined, and comments and empty lines left out. */
        public List<String> commands() {
            return text.replace("\\\n", " ")
                    .lines()
                    .map(line -> line.replaceFirst("\\s+#\\s.*", "").strip())
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        }
    }

    /** All pages but the decisions, which tell of what was. */
    public static List<Path> all() {
        List<Path> folders = List.of(Path.of("docs"), Path.of("deploy"), Path.of("examples"));
        try (Stream<Path> top =
                        Files.list(Path.of("")).filter(file -> file.toString().endsWith(".md"));
                Stream<Path> below = folders.stream().flatMap(Pages::files)) {
            return Stream.concat(top, below)
                    .filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.startsWith("docs/decisions") && !file.startsWith("CHANGELOG.md"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The blocks of a page, in order. */
    public static List<Block> blocks(Path page) {
        return BLOCK.matcher(text(page))
                .results()
                .map(found -> new Block(page, found.group(2), found.group(3)))
                .toList();
    }

    /** The commands of all blocks for a shell, and all code within lines; spaces and line ends are one space. */
    public static List<String> code(Path page) {
        Stream<String> spans = SPAN.matcher(BLOCK.matcher(text(page)).replaceAll(""))
                .results()
                .map(span -> span.group(1).replaceAll("\\s+", " "));
        Stream<String> commands = blocks(page).stream()
                .filter(block -> block.kind().equals("sh"))
                .flatMap(block -> block.commands().stream());
        return Stream.concat(commands, spans).toList();
    }

    private static String text(Path page) {
        try {
            return Files.readString(page);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
