import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.Yaml;

/**
 * Writes the options of {@code application.yaml} one a line, by place, as Java properties: {@code server.port=${PORT}}. A relay that is given no
 * file starts from these, and needs no YAML then.
 */
final class Defaults {
    private Defaults() {}

    public static void main(String[] args) throws IOException {
        Map<String, String> places = new TreeMap<>();
        collect("", new Yaml().load(Files.readString(Path.of(args[0]))), places);
        String lines = places.entrySet().stream()
                .map(place -> escaped(place.getKey(), true) + "=" + escaped(place.getValue(), false) + "\n")
                .collect(Collectors.joining());
        Properties read = new Properties();
        read.load(new StringReader(lines));
        if (!read.equals(places)) {
            throw new IllegalStateException("not the same when it is read again");
        }
        Path file = Path.of(args[1]);
        Files.createDirectories(file.getParent());
        Files.writeString(file, lines);
    }

    private static void collect(String place, Object node, Map<String, String> places) {
        if (node instanceof Map<?, ?> children) {
            children.forEach((name, child) -> collect(place.isEmpty() ? "" + name : place + "." + name, child, places));
        } else {
            places.put(place, String.valueOf(node));
        }
    }

    private static String escaped(String text, boolean name) {
        return text.replaceAll(name ? "[\\\\ :=#!]" : "^ |\\\\", "\\\\$0");
    }
}
