import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Prints the licences and notices of the jars in the libraries of some programs, each text once, and of what is bundled
 * into the approver's app: {@code Notices NOTICES PROGRAM...}. The texts are those in the jars; for a jar without one,
 * that in the file NOTICES, whose sections begin with a line of "==" and names without versions. A jar without any, and
 * a section without a jar, is an error.
 */
class Notices {
    public static void main(String[] arguments) throws IOException {
        Map<String, String> more = sections(Path.of(arguments[0]));
        Map<String, String> unused = new TreeMap<>(more);
        Map<String, List<String>> jars = new LinkedHashMap<>();
        StringBuilder app = new StringBuilder();
        for (Path jar : jars(arguments)) {
            String name = jar.getFileName().toString().replaceFirst("\\.jar$", "");
            boolean library = jar.getParent().endsWith("lib");
            List<String> texts = library ? texts(jar, "META-INF/(LICEN[CS]E|NOTICE)(\\.\\w+)?") : List.of();
            app.append(String.join("", library ? List.of() : texts(jar, "app/THIRD-PARTY\\.txt")));
            String plain = name.replaceFirst("-\\d.*", "");
            if (library && texts.isEmpty()) {
                texts = List.of(Optional.ofNullable(more.get(plain))
                        .orElseThrow(() ->
                                new IllegalStateException(name + " has no licence in it: add it to " + arguments[0])));
                unused.remove(plain);
            }
            texts.forEach(text -> {
                List<String> names = jars.computeIfAbsent(text, _ -> new ArrayList<>());
                if (!names.contains(name)) {
                    names.add(name);
                }
            });
        }
        if (!unused.isEmpty()) {
            throw new IllegalStateException(arguments[0] + ": needed by no library: " + unused.keySet());
        }
        PrintStream out = new PrintStream(System.out, true, UTF_8);
        jars.forEach((text, names) -> out.print("== " + String.join(", ", names) + "\n\n" + text + "\n\n"));
        if (!app.isEmpty()) {
            out.print("== In the approver's app\n\n" + app.toString().strip() + "\n");
        }
    }

    private static List<Path> jars(String[] arguments) throws IOException {
        List<Path> found = new ArrayList<>();
        for (String program : List.of(arguments).subList(1, arguments.length)) {
            try (var files = Files.walk(Path.of(program))) {
                files.filter(file -> file.toString().endsWith(".jar")).sorted().forEach(found::add);
            }
        }
        return found;
    }

    private static List<String> texts(Path jar, String entries) throws IOException {
        List<String> texts = new ArrayList<>();
        try (JarFile file = new JarFile(jar.toFile())) {
            for (JarEntry entry : file.stream()
                    .filter(each -> each.getName().matches(entries))
                    .toList()) {
                texts.add(new String(file.getInputStream(entry).readAllBytes(), UTF_8)
                        .replace("\r", "")
                        .strip());
            }
        }
        return texts;
    }

    private static Map<String, String> sections(Path file) throws IOException {
        Map<String, String> sections = new TreeMap<>();
        for (String section : Files.readString(file).split("(?m)^== ")) {
            int end = section.indexOf('\n');
            if (!section.isBlank()) {
                List.of(section.substring(0, end).split(", "))
                        .forEach(name ->
                                sections.put(name, section.substring(end).strip()));
            }
        }
        return sections;
    }
}
