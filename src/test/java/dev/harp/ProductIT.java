package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.startsWith;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the build has put into the folders of the two programs and of the SDK. */
class ProductIT {
    private static final Path HARP = Path.of(System.getProperty("harp.product", ""));
    private static final Path RELAY = HARP.resolveSibling("relay");

    @Test
    void eachListOfPartsIsItsFolder() throws IOException, NoSuchAlgorithmException {
        assertThat(parts(RELAY, "harp-relay-"), is(files(RELAY.resolve("lib"))));
        assertThat(parts(HARP, "harp-"), is(files(HARP.resolve("lib"))));
    }

    /** What is bundled into the app is a part of the jar that carries it, and has its licence there. */
    @Test
    void whatTheAppBundlesIsListedWithItsLicence() throws IOException {
        List<JsonObject> bundled = components(list(RELAY, "harp-relay-")).stream()
                .filter(ProductIT::isNpm)
                .toList();
        try (JarFile jar = new JarFile(jar(RELAY).toFile())) {
            ZipEntry notices = jar.getEntry("app/THIRD-PARTY.txt");
            assertThat(bundled.isEmpty(), is(notices == null));
            if (notices == null) {
                assertThat(jar.getEntry("app/missing.txt") == null, is(false));
                return;
            }
            String text = new String(jar.getInputStream(notices).readAllBytes(), StandardCharsets.UTF_8);
            List<String> names = bundled.stream()
                    .map(part -> (part.containsKey("group") ? part.getString("group") + "/" : "")
                            + part.getString("name") + " " + part.getString("version"))
                    .toList();
            assertThat(names, hasItem(startsWith("@noble/curves ")));
            for (String notice : text.lines()
                    .filter(line -> line.matches("[@a-z/-]+ \\d\\S* \\(.*\\)"))
                    .toList()) {
                assertThat(names, hasItem(notice.replaceFirst(" \\(.*", "")));
            }
        }
        try (JarFile jar = new JarFile(jar(HARP).toFile())) {
            assertThat(jar.getEntry("app/hashes.json") == null, is(bundled.isEmpty()));
            assertThat(jar.getEntry("app/index.html") == null, is(true));
        }
    }

    private static Path jar(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** The relay has no cryptography of the ends, and the program of the ends has no server. */
    @Test
    void theProgramsShareNoLibraryButJson() throws IOException, NoSuchAlgorithmException {
        Map<String, String> shared = files(HARP.resolve("lib"));
        shared.keySet().retainAll(files(RELAY.resolve("lib")).keySet());
        assertThat(
                shared.values().stream().sorted().toList(),
                contains(startsWith("jakarta.json-api"), startsWith("parsson")));
    }

    /** The image, which is made of the relay's folder, has no code of the ends. */
    @Test
    void theRelayHasNothingOfTheClient() throws IOException {
        try (JarFile jar = new JarFile(jar(RELAY).toFile())) {
            assertThat(
                    jar.stream()
                            .map(ZipEntry::getName)
                            .filter(name -> name.matches("dev/harp/(cli|client|message)/.*"))
                            .toList(),
                    is(List.of()));
        }
        String copied = Files.readString(Path.of("Dockerfile")).replace("\\\n", " ");
        assertThat(
                copied.lines()
                        .filter(line -> line.startsWith("COPY --from=build"))
                        .flatMap(line -> Stream.of(line.split(" +")).filter(word -> word.startsWith("/")))
                        .filter(path -> !path.startsWith("/opt/harp-relay/"))
                        .toList(),
                is(List.of()));
        assertThat(Files.readString(Path.of("deploy/image/assemble")).contains("target/harp"), is(false));
    }

    /** The AOT cache of the archive wants the same class path at each start, so the jar names it. */
    @Test
    void harpsClassPathIsItsFolder() throws IOException {
        try (JarFile jar = new JarFile(jar(HARP).toFile());
                var files = Files.list(HARP.resolve("lib"))) {
            String named = jar.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
            assertThat(
                    named,
                    is(files.map(file -> "lib/" + file.getFileName()).sorted().collect(Collectors.joining(" "))));
        }
    }

    /** Without the programs, and without what only they use. */
    @Test
    void theSdkHasItsPackagesOnly() throws IOException {
        List<Path> jars;
        try (var files = Files.list(HARP.resolveSibling("client"))) {
            jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
        }
        assertThat(jars, hasSize(1));
        try (JarFile jar = new JarFile(jars.getFirst().toFile())) {
            List<String> packages = jar.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".class"))
                    .map(name -> name.replaceFirst("/[^/]*$", ""))
                    .distinct()
                    .sorted()
                    .toList();
            assertThat(packages, contains("dev/harp/client", "dev/harp/json", "dev/harp/message"));
        }
        String pom = Files.readString(HARP.resolveSibling("client").resolve("pom.xml"));
        assertThat(pom.lines().filter(line -> line.contains("${")).toList(), hasSize(0));
    }

    /** The commands of the unit file, in a folder instead of the root; without those that talk to systemd. */
    @Test
    void theInstallationOfTheUnitFileStarts(@TempDir Path root) throws IOException, InterruptedException {
        String commands = Files.readString(Path.of("deploy/systemd/harp-relay.service"))
                .lines()
                .filter(line -> line.startsWith("#   ") && !line.contains("systemctl"))
                .map(line -> line.substring(4).replaceAll(" /(opt|etc)", " " + root + "/$1"))
                .collect(Collectors.joining("\n"));
        Files.createDirectories(root.resolve("etc/systemd/system"));
        assertThat(run("set -e\n" + commands), is(""));
        assertThat(run(root.resolve("opt/harp-relay/harp-relay") + " --version"), startsWith("harp-relay "));
    }

    /** All that a script prints; it has to end with 0. */
    private static String run(String script) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("sh", "-c", script).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output, process.waitFor(), is(0));
        return output;
    }

    private static Path list(Path folder, String prefix) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> file.toString().endsWith(".cdx.json"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<JsonObject> components(Path list) throws IOException {
        try (var reader = Json.createReader(Files.newBufferedReader(list))) {
            return reader.readObject().getJsonArray("components").getValuesAs(JsonObject.class);
        }
    }

    private static boolean isNpm(JsonObject part) {
        return part.getString("purl").startsWith("pkg:npm/");
    }

    /** SHA-256 to file name, of the list of parts. */
    private static Map<String, String> parts(Path folder, String prefix) throws IOException {
        Path list = list(folder, prefix);
        Map<String, String> parts = new TreeMap<>();
        for (JsonObject part : components(list)) {
            if (!isNpm(part)) {
                String hash = part.getJsonArray("hashes").getValuesAs(JsonObject.class).stream()
                        .filter(each -> each.getString("alg").equals("SHA-256"))
                        .findFirst()
                        .orElseThrow()
                        .getString("content");
                parts.put(hash, part.getString("name") + "-" + part.getString("version") + ".jar");
            }
        }
        return parts;
    }

    /** SHA-256 to file name, of a folder. */
    private static Map<String, String> files(Path folder) throws IOException, NoSuchAlgorithmException {
        Map<String, String> found = new TreeMap<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                found.put(HexFormat.of().formatHex(digest), file.getFileName().toString());
            }
        }
        return found;
    }
}
