package dev.harp;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.is;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.harp.relay.protocol.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which package may use which, and the picture of it in {@code docs/architecture.md}.
 *
 * <p>What a package uses is read from its classes, which also shows names without an import, and from the import
 * statements of its sources, which also show constants that javac copies into the class.
 */
class ArchitectureTest {
    private static final String OWN = "dev.harp.";
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Path DOCUMENT = Path.of("docs/architecture.md");
    private static final String BEGIN = "<!-- packages -->\n";
    private static final String END = "<!-- /packages -->\n";

    /** Each package of ours, without {@code dev.harp}, and the packages of ours that it uses. */
    private static final Map<String, Set<String>> ROOMS = table("""
        cli -> client, json, message
        client -> json, message
        json ->
        message -> json
        relay -> relay.config, relay.delivery, relay.doctor, relay.http.admin, relay.http.api, relay.http.edge, \
            relay.limit, \
            relay.log, relay.metrics, relay.net, relay.operator, relay.outbound, relay.protocol, relay.push, \
            relay.service, \
            relay.store, relay.store.file, relay.store.memory, relay.store.redis, relay.wait, relay.webhook
        relay.config -> relay.log, relay.net, relay.outbound, relay.protocol, relay.push, relay.store, \
            relay.store.file, relay.store.redis
        relay.delivery -> relay.log, relay.protocol, relay.push, relay.store, relay.wait, relay.webhook
        relay.doctor -> json, relay.outbound
        relay.http.admin -> relay.http.api, relay.http.edge, relay.log, relay.metrics, \
            relay.protocol, relay.service, relay.store
        relay.http.api -> json, relay.http.edge, relay.limit, relay.log, relay.net, \
            relay.protocol, relay.service, relay.store
        relay.http.edge -> relay.limit, relay.net
        relay.limit ->
        relay.log ->
        relay.metrics -> relay.delivery, relay.http.api, relay.log, relay.protocol, relay.push, \
            relay.service, relay.store, relay.webhook
        relay.net ->
        relay.operator -> json, relay.outbound, relay.protocol
        relay.outbound -> relay.net
        relay.protocol ->
        relay.push -> json, relay.limit, relay.log, relay.outbound, relay.protocol
        relay.service -> relay.delivery, relay.limit, relay.net, relay.outbound, relay.protocol, \
            relay.store, relay.wait
        relay.store -> relay.limit, relay.protocol
        relay.store.codec -> relay.protocol
        relay.store.file -> relay.log, relay.protocol, relay.store, relay.store.codec, relay.store.memory
        relay.store.memory -> relay.protocol, relay.store
        relay.store.redis -> relay.limit, relay.log, relay.protocol, relay.store, relay.store.codec, \
            relay.wait
        relay.wait -> relay.limit, relay.protocol, relay.store
        relay.webhook -> json, relay.outbound, relay.protocol
        """);

    /** The packages of others, and which packages of ours use them. A package's name stands for those below it too. */
    private static final Map<String, Set<String>> FOREIGN = table("""
        com.google.crypto.tink -> message
        com.sun.management -> relay.net
        jdk.net -> relay.http.edge
        com.zerodeplibs.webpush -> relay.push
        io.helidon.common -> relay.config, relay.http.admin, relay.http.api, relay.http.edge
        io.helidon.config -> relay.config, relay.http.edge
        io.helidon.health -> relay.http.admin
        io.helidon.http -> relay.http.admin, relay.http.api, relay.http.edge
        io.helidon.webserver -> relay.http.admin, relay.http.api, relay.http.edge
        io.nayuki.qrcodegen -> cli
        io.prometheus.metrics -> relay.metrics
        jakarta.json -> json, relay.doctor, relay.http.admin, relay.http.api, relay.operator, relay.push, relay.webhook
        org.apache.commons.pool2 -> relay.store.redis
        org.h2.mvstore -> relay.store.file
        org.jspecify.annotations -> *
        org.yaml.snakeyaml -> relay.config
        picocli -> cli
        redis.clients.jedis -> relay.store.redis
        """);

    /** Parts of the JDK that every package may use. */
    private static final List<String> JDK = List.of("java", "javax.crypto", "javax.net", "javax.security");

    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
    private static final Pattern IMPORT =
            Pattern.compile("^import (?:static )?((?:[a-z]\\w*\\.)*[a-z]\\w*)\\.(?:[A-Z*]).*;", Pattern.MULTILINE);

    /** Package to used package to one class or file that uses it. */
    private static final Map<String, Map<String, String>> USES = new TreeMap<>();

    private static Map<String, Set<String>> table(String text) {
        Map<String, Set<String>> rows = new TreeMap<>();
        for (String line : text.lines().filter(Predicate.not(String::isBlank)).toList()) {
            String[] row = line.split("->", -1);
            rows.put(
                    row[0].strip(),
                    Pattern.compile("[ ,]+")
                            .splitAsStream(row[1])
                            .filter(Predicate.not(String::isEmpty))
                            .collect(Collectors.toCollection(LinkedHashSet::new)));
        }
        return rows;
    }

    @BeforeAll
    static void readClassesAndSources() throws IOException {
        var classes = new ClassFileImporter()
                .importUrl(Request.class.getProtectionDomain().getCodeSource().getLocation());
        for (JavaClass each : classes) {
            each.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(Predicate.not(JavaClass::isPrimitive))
                    .forEach(used -> uses(each.getPackageName(), used.getPackageName(), each.getName()));
        }
        try (var files = Files.walk(SOURCES)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                String source = Files.readString(file);
                var name = PACKAGE.matcher(source);
                assertThat("no package in " + file, name.find(), is(true));
                IMPORT.matcher(source)
                        .results()
                        .forEach(used -> uses(
                                name.group(1), used.group(1), file.getFileName().toString()));
            }
        }
    }

    private static void uses(String from, String to, String where) {
        if (!from.equals(to)) {
            var _ = USES.computeIfAbsent(from, _ -> new TreeMap<>()).putIfAbsent(to, where);
        }
    }

    @Test
    void packagesUseOnlyTheirRowOfTheTable() {
        List<String> wrong = new ArrayList<>();
        USES.forEach((from, targets) -> targets.forEach((to, where) -> {
            if (to.startsWith(OWN) && !ROOMS.getOrDefault(room(from), Set.of()).contains(room(to))) {
                wrong.add(room(from) + " uses " + room(to) + " in " + where);
            }
        }));
        assertThat(String.join("\n", wrong), wrong, is(empty()));
    }

    /** With this, the table has no package that uses itself by way of others. */
    @Test
    void tableHasNoCycle() {
        for (String room : ROOMS.keySet()) {
            assertThat(room, reachable(room).contains(room), is(false));
        }
    }

    /** So the table, and the picture, say what is, and not what was. */
    @Test
    void everyEntryOfTheTableIsUsed() {
        List<String> idle = new ArrayList<>();
        ROOMS.forEach((room, targets) -> {
            Map<String, String> used = USES.getOrDefault(OWN + room, Map.of());
            targets.stream()
                    .filter(target -> !used.containsKey(OWN + target))
                    .forEach(target -> idle.add(room + " -> " + target));
        });
        FOREIGN.forEach((library, rooms) -> rooms.stream()
                .filter(room -> !room.equals("*"))
                .filter(room -> USES.getOrDefault(OWN + room, Map.of()).keySet().stream()
                        .noneMatch(used -> isIn(used, library)))
                .forEach(room -> idle.add(library + " -> " + room)));
        assertThat(String.join("\n", idle), idle, is(empty()));
    }

    @Test
    void librariesAreUsedWhereTheyBelong() {
        List<String> wrong = new ArrayList<>();
        USES.forEach((from, targets) -> targets.forEach((to, where) -> {
            boolean ours = to.startsWith(OWN) || JDK.stream().anyMatch(part -> isIn(to, part));
            if (!ours
                    && FOREIGN.entrySet().stream()
                            .filter(row -> isIn(to, row.getKey()))
                            .noneMatch(row -> row.getValue().contains("*")
                                    || row.getValue().contains(room(from)))) {
                wrong.add(room(from) + " uses " + to + " in " + where);
            }
        }));
        assertThat(String.join("\n", wrong), wrong, is(empty()));
    }

    /** The relay runs without the clients' libraries, and nothing of theirs is on its wire by accident. */
    @Test
    void relayReachesNoClient() {
        assertThat(
                reachable("relay").stream()
                        .filter(room -> Set.of("client", "cli", "message").contains(room))
                        .toList(),
                is(empty()));
    }

    @Test
    void documentShowsTheTable() throws IOException {
        String expected = BEGIN + picture() + END;
        assertThat(
                DOCUMENT + " does not show the table. It needs:\n" + expected,
                Files.readString(DOCUMENT).contains(expected),
                is(true));
    }

    /** Arrows that other arrows imply are left out. */
    private static String picture() {
        StringBuilder lines = new StringBuilder("```mermaid\ngraph TD\n");
        ROOMS.forEach((room, targets) -> {
            for (String target : new TreeSet<>(targets)) {
                boolean implied =
                        targets.stream().anyMatch(other -> reachable(other).contains(target));
                if (!implied) {
                    lines.append("    %s --> %s\n".formatted(room, target));
                }
            }
        });
        return lines.append("```\n").toString();
    }

    private static Set<String> reachable(String room) {
        Set<String> all = new TreeSet<>();
        List<String> next = new ArrayList<>(ROOMS.getOrDefault(room, Set.of()));
        while (!next.isEmpty()) {
            String one = next.removeLast();
            if (all.add(one)) {
                next.addAll(ROOMS.getOrDefault(one, Set.of()));
            }
        }
        return all;
    }

    private static String room(String name) {
        return name.startsWith(OWN) ? name.substring(OWN.length()) : name;
    }

    private static boolean isIn(String name, String above) {
        return name.equals(above) || name.startsWith(above + ".");
    }
}
