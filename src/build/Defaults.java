import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.Yaml;

/**
 * Writes the options of {@code application.yaml} as a class, by place. A relay that is given no file starts from these, and needs to read neither
 * YAML nor any file then.
 *
 * <p>{@code java Defaults.java application.yaml SOURCES}
 */
final class Defaults {
    private static final String PACKAGE = "dev.harp.relay.config";
    private static final String NAME = "Defaults";

    private Defaults() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> places = new TreeMap<>();
        collect("", new Yaml().load(Files.readString(Path.of(args[0]))), places);
        String entries = places.entrySet().stream()
                .map(place ->
                        "            Map.entry(" + literal(place.getKey()) + ", " + literal(place.getValue()) + ")")
                .collect(Collectors.joining(",\n"));
        Path file = Path.of(args[1], PACKAGE.replace('.', '/'), NAME + ".java");
        Files.createDirectories(file.getParent());
        Files.writeString(file, """
            package %s;

            import java.util.Map;

            /** The options of application.yaml by place. Made by the build. */
            final class %s {
                /** As the file has them, with references to other options. */
                static final Map<String, String> PLACES = Map.ofEntries(
            %s);

                private %s() {}
            }
            """.formatted(PACKAGE, NAME, entries, NAME));
    }

    private static void collect(String place, Object node, Map<String, String> places) {
        if (node instanceof Map<?, ?> children) {
            children.forEach((name, child) -> collect(place.isEmpty() ? "" + name : place + "." + name, child, places));
        } else {
            places.put(place, String.valueOf(node));
        }
    }

    private static String literal(String text) {
        return '"'
                + text.replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                        .replace("\n", "\\n")
                        .replace("\r", "\\r")
                + '"';
    }
}
