import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Makes one jar of the relay and its libraries, as the class path gives them, because whatever Java looks for by name at the start (a provider of a
 * service that nobody provides, for one) it looks for in every jar, and to open sixty takes a tenth of a start. Versions of classes for newer Java
 * take the place of older ones. Fails where two jars have different files of one name, and no rule below says what to do.
 *
 * <p>{@code java Merge.java OUT RELAY.JAR LIBRARY.JAR...}
 */
final class Merge {
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/(\\d+)/(.+)");

    /** Of one jar only: its manifest, its module, its signature, the list of what is in it, how it was built. */
    private static final Pattern LEFT_OUT = Pattern.compile("META-INF/(MANIFEST\\.MF|INDEX\\.LIST|[^/]+\\.(SF|RSA|DSA|EC)|maven/.*)|module-info\\.class");

    private static final Pattern LICENSE = Pattern.compile("(META-INF/)?(LICEN[CS]E|NOTICE|COPYING|DEPENDENCIES)[^/]*", Pattern.CASE_INSENSITIVE);
    private static final Pattern LIST = Pattern.compile("META-INF/(services/.+|helidon/manifest)");

    /** For other tools: what the libraries' options are, and how to make a native program of them. */
    private static final Pattern FOR_TOOLS = Pattern.compile("META-INF/(helidon/config-metadata\\.json|(helidon/)?native-image/.*)");

    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, String> origins = new TreeMap<>();
    private final Map<String, String> licenses = new TreeMap<>();
    private final StringBuilder licensed = new StringBuilder();

    private Merge() {}

    public static void main(String[] args) throws IOException {
        Merge merge = new Merge();
        List<String> jars = Arrays.asList(args).subList(1, args.length);
        for (String jar : jars) {
            merge.add(Path.of(jar));
        }
        try (OutputStream out = Files.newOutputStream(Path.of(args[0]))) {
            merge.write(manifest(Path.of(jars.getFirst())), out);
        }
    }

    /** The relay's, without the class path: what it names is here. */
    private static Manifest manifest(Path relay) throws IOException {
        try (JarFile jar = new JarFile(relay.toFile())) {
            Manifest manifest = new Manifest(jar.getManifest());
            manifest.getMainAttributes().remove(Attributes.Name.CLASS_PATH);
            return manifest;
        }
    }

    private void add(Path path) throws IOException {
        String name = path.getFileName().toString();
        Map<String, byte[]> own = new TreeMap<>();
        Map<String, Integer> versions = new TreeMap<>();
        try (JarFile jar = new JarFile(path.toFile())) {
            for (ZipEntry entry : jar.stream().toList()) {
                Matcher versioned = VERSIONED.matcher(entry.getName());
                boolean newer = versioned.matches() && jar.isMultiRelease();
                int version = newer ? Integer.parseInt(versioned.group(1)) : 0;
                String place = newer ? versioned.group(2) : entry.getName();
                boolean fits = version <= Runtime.version().feature() && version >= versions.getOrDefault(place, 0);
                if (!entry.isDirectory() && fits && !LEFT_OUT.matcher(place).matches() && !FOR_TOOLS.matcher(place).matches()) {
                    versions.put(place, version);
                    try (InputStream in = jar.getInputStream(entry)) {
                        own.put(place, in.readAllBytes());
                    }
                }
            }
        }
        own.forEach((place, bytes) -> {
            if (LICENSE.matcher(place).matches()) {
                license(name, place, bytes);
            } else {
                put(name, place, bytes);
            }
        });
    }

    /** Many have the very same text: it is kept once, and a list says whose it is. */
    private void license(String jar, String file, byte[] bytes) {
        String place = licenses.computeIfAbsent(text(bytes), _ -> jar + "/" + file);
        licensed.append(jar).append(": ").append(place).append('\n');
        files.put("META-INF/licenses/" + place, bytes);
        files.put("META-INF/licenses/LIST", licensed.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void put(String jar, String place, byte[] bytes) {
        byte[] there = files.get(place);
        if (there == null) {
            files.put(place, bytes);
            origins.put(place, jar);
        } else if (LIST.matcher(place).matches()) {
            files.put(place, (text(there) + "\n" + text(bytes)).getBytes(StandardCharsets.UTF_8));
        } else if (!Arrays.equals(there, bytes)) {
            throw new IllegalStateException(place + " is in " + origins.get(place) + " and, other than that, in " + jar);
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).strip();
    }

    private void write(Manifest manifest, OutputStream out) throws IOException {
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(Deflater.BEST_COMPRESSION);
            zip.putNextEntry(entry(JarFile.MANIFEST_NAME));
            manifest.write(zip);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(entry(file.getKey()));
                zip.write(file.getValue());
            }
        }
    }

    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        return entry;
    }
}
