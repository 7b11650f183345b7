package dev.harp.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.harp.relay.config.ConfigReader;
import dev.harp.relay.config.InvalidConfig;
import dev.harp.testing.Pages;
import dev.harp.testing.Pages.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What the pages say of the relay's options, commands and files, compared with what there is. */
class DocumentedOptionsTest {
    /** Languages of blocks. A block without one is shown, and not to be pasted. */
    private static final Set<String> KINDS = Set.of("", "sh", "json", "yaml", "java", "mermaid", "nginx");
    /** Programs that run until they are stopped: nothing can be pasted after them. */
    private static final Pattern STAYS = Pattern.compile(
            "(.* )?(\\./harp-relay( --config \\S+)?|caddy (run|reverse-proxy) .*|cloudflared tunnel .*)");

    private static final Pattern SETTING = Pattern.compile("(?<![A-Za-z_/$.-])([A-Z][A-Z0-9_]{2,})=(\\S*)");

    private static List<Block> shell(Path page) {
        return Pages.blocks(page).stream()
                .filter(block -> block.kind().equals("sh"))
                .toList();
    }

    @Test
    void aShellTakesEachBlock() throws IOException, InterruptedException {
        for (Path page : Pages.all()) {
            String script = shell(page).stream().map(Block::text).collect(Collectors.joining());
            Process bash =
                    new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
            try (var input = bash.getOutputStream()) {
                input.write(script.getBytes(UTF_8));
            }
            String output = new String(bash.getInputStream().readAllBytes(), UTF_8);
            assertThat(page + ": " + output, bash.waitFor(), is(0));
        }
    }

    @Test
    void eachBlockIsOfItsKind() {
        List<String> wrong = new ArrayList<>();
        for (Path page : Pages.all()) {
            for (Block block : Pages.blocks(page)) {
                try {
                    switch (block.kind()) {
                        case "json" -> new JsonMapper().readTree(block.text());
                        case "yaml" -> new YAMLMapper().readTree(block.text());
                        default -> assertThat("" + page, KINDS, hasItem(block.kind()));
                    }
                } catch (JacksonException e) {
                    wrong.add(page + ": " + e.getMessage());
                }
            }
        }
        assertThat(wrong, is(empty()));
    }

    /** What is pasted goes to the program that runs, or waits until it ends. */
    @Test
    void whatStaysInTheForegroundIsTheLastOfItsBlock() {
        List<String> wrong = new ArrayList<>();
        for (Path page : Pages.all()) {
            for (Block block : shell(page)) {
                List<String> commands = block.commands();
                commands.subList(0, commands.size() - 1).stream()
                        .filter(command -> STAYS.matcher(command).matches())
                        .forEach(command -> wrong.add(page + ": " + command));
            }
        }
        assertThat(wrong, is(empty()));
    }

    private static Set<String> options() throws IOException {
        return Pattern.compile("(?m)^([A-Z_0-9]+):")
                .matcher(Files.readString(Path.of("application.yaml")))
                .results()
                .map(option -> option.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Everything that is set by a name and is no option of the relay: scripts, images, and the programs' launchers. */
    private static String scripts() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String folder : List.of("deploy", "bench", "src/build", "examples", ".ci")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file : files.filter(Files::isRegularFile)
                        .filter(file -> !file.toString().endsWith(".md"))
                        .toList()) {
                    all.append(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
                }
            }
        }
        for (String file : List.of("Dockerfile", "harp", "harp-relay")) {
            all.append(Files.readString(Path.of(file)));
        }
        return all.toString();
    }

    @Test
    void eachSettingIsOneThatIsRead() throws IOException {
        Set<String> options = options();
        String scripts = scripts();
        Set<String> unknown = new TreeSet<>();
        for (Path page : Pages.all()) {
            for (String code : Pages.code(page)) {
                SETTING.matcher(code)
                        .results()
                        .map(setting -> setting.group(1))
                        .filter(name -> !options.contains(name.replaceFirst("_FILE$", "")))
                        .filter(name -> !name.equals("COMPOSE_FILE")) // of Compose itself
                        .filter(name -> !Pattern.compile("(\\$\\{?|ARG )" + name + "\\b")
                                .matcher(scripts)
                                .find())
                        .forEach(name -> unknown.add(page + ": " + name));
            }
        }
        assertThat(options, hasItem("PORT"));
        assertThat(unknown, is(empty()));
    }

    /** A relay that is started as the pages say would start. */
    @Test
    void eachRelayThatIsStartedHasAValidConfiguration() throws InvalidConfig {
        int started = 0;
        for (Path page : Pages.all()) {
            for (String code : Pages.code(page)) {
                if (code.matches("([A-Z_]+=\\S+ )+\\./harp-relay")) {
                    Map<String, String> environment = new HashMap<>();
                    SETTING.matcher(code)
                            .results()
                            .forEach(setting -> environment.put(
                                    setting.group(1),
                                    setting.group(2)
                                            .replace("COMPUTER.TAILNET", "a.b")
                                            .replace("SOMETHING", "a")));
                    assertThat(code, config(environment), is(not(Optional.empty())));
                    started++;
                }
            }
        }
        assertThat(started > 3, is(true));
    }

    private static Optional<Object> config(Map<String, String> environment) throws InvalidConfig {
        return Optional.of(
                ConfigReader.read(Optional.empty(), new ConfigReader.Environment(environment, 1L << 30, 1 << 20)));
    }

    /** A command as it stands in the pages, with a value for each placeholder. */
    private static String[] arguments(String command) {
        return Stream.of(command.strip().split(" +", -1))
                .map(word -> word.replaceAll("^'|'$|[,;]$", ""))
                .filter(word -> !word.isEmpty() && !word.startsWith("["))
                .map(word -> switch (word) {
                    case "PAIR" -> "pair_a1b2c3d4e5f6";
                    case "DEVICE" -> "dev_0f1e2d3c4b5a";
                    case "NETWORK" -> "192.0.2.1";
                    default -> word;
                })
                .toArray(String[]::new);
    }

    @Test
    void eachCommandOfTheRelayIsOne() {
        List<String> wrong = new ArrayList<>();
        int seen = 0;
        for (Path page : Pages.all()) {
            for (String code : Pages.code(page)) {
                for (MatchResult found : Pattern.compile("(?:^(?:\\S+=\\S+ )*(?:\\./)?)harp-relay ([^;|&>]*)")
                        .matcher(code)
                        .results()
                        .toList()) {
                    seen++;
                    if (found.group(1).strip().matches("admin( revoke| remove| end)?")) {
                        continue; // its name alone
                    }
                    if (CommandLine.of(arguments(found.group(1))) instanceof CommandLine.Wrong(String line)) {
                        wrong.add(page + ": " + code + ": " + line);
                    }
                }
            }
        }
        assertThat(wrong, is(empty()));
        assertThat(seen > 10, is(true));
    }

    /** Files of the checkout, ports of the image, and what {@code kubectl} is told to wait for. */
    @Test
    void whatDockerAndKubectlAreGivenIsThere() throws IOException {
        List<String> wrong = new ArrayList<>();
        String exposed = Files.readString(Path.of("Dockerfile"));
        for (Path page : Pages.all()) {
            for (Block block : shell(page)) {
                Path folder = Optional.ofNullable(page.getParent()).orElse(Path.of(""));
                for (String command : block.commands()) {
                    if (command.startsWith("cd ")) {
                        folder = Path.of(command.substring(3));
                    }
                    Path from = command.startsWith("kubectl") ? Path.of("") : folder;
                    Pattern.compile("(?:^cp| -[fk]) (\\S+)")
                            .matcher(command)
                            .results()
                            .map(file -> file.group(1))
                            .filter(file -> !Files.exists(from.resolve(file)))
                            .forEach(file -> wrong.add(page + ": no " + file));
                    Pattern.compile(" -p (?:\\S+:)?\\d+:(\\d+)")
                            .matcher(command)
                            .results()
                            .filter(port -> !exposed.contains("EXPOSE " + port.group(1) + "\n"))
                            .forEach(port -> wrong.add(page + ": port " + port.group(1)));
                    if (command.contains(" rollout ")) {
                        String objects = manifests();
                        Pattern.compile("(statefulset|deployment)/(\\S+)")
                                .matcher(command)
                                .results()
                                .filter(object -> !Pattern.compile("(?is)kind: " + object.group(1)
                                                + "\nmetadata:\n( .*\n)*?  name: " + object.group(2) + "\n")
                                        .matcher(objects)
                                        .find())
                                .forEach(object -> wrong.add(page + ": " + object.group()));
                    }
                }
            }
        }
        assertThat(wrong, is(empty()));
    }

    private static String manifests() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String folder : List.of("deploy/kubernetes", "deploy/kubernetes-scaled")) {
            try (Stream<Path> files = Files.list(Path.of(folder))) {
                for (Path file :
                        files.filter(file -> file.toString().endsWith(".yaml")).toList()) {
                    all.append(Files.readString(file)).append('\n');
                }
            }
        }
        return all.toString();
    }
}
