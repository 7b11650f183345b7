package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.testing.Pages;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** Each command of {@code harp} and each option of it in the pages is one. */
class DocumentedCommandsTest {
    private static final Pattern HARP = Pattern.compile("(?:^|[ /(])harp((?: [^ ;|&>)]+)+)");
    private static final Set<String> GROUPS = Set.of("hook", "app", "device");

    private static final CommandLine.IFactory FACTORY = new CommandLine.IFactory() {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            return BaseCommand.class.isAssignableFrom(type)
                    ? type.getDeclaredConstructor(Context.class).newInstance(Context.system())
                    : CommandLine.defaultFactory().create(type);
        }
    };

    private static CommandLine harp() {
        CommandLine harp = new CommandLine(Harp.class);
        Harp.COMMANDS.forEach((name, type) -> harp.addSubcommand(name, new CommandLine(type, FACTORY)));
        return harp;
    }

    @Test
    void eachCommandAndEachOptionIsThere() {
        Map<String, Set<String>> named = new TreeMap<>();
        for (Path page : Pages.all()) {
            for (String code : Pages.code(page)) {
                for (MatchResult found : HARP.matcher(code).results().toList()) {
                    List<String> words = List.of(found.group(1).strip().split(" +", -1));
                    if (words.getFirst().startsWith("-") || words.getFirst().matches("[a-z][a-z-]*")) {
                        note(words, named);
                    }
                }
            }
        }
        List<String> wrong = new ArrayList<>();
        CommandLine harp = harp();
        for (var command : named.entrySet()) {
            CommandLine line = harp;
            for (String word : command.getKey().isEmpty()
                    ? new String[0]
                    : command.getKey().split(" ", -1)) {
                line = line == null ? null : line.getSubcommands().get(word);
            }
            if (line == null) {
                wrong.add("harp " + command.getKey());
                continue;
            }
            for (String option : command.getValue()) {
                if (line.getCommandSpec().findOption(option) == null) {
                    wrong.add("harp " + command.getKey() + " " + option);
                }
            }
        }
        assertThat(wrong, is(empty()));
        assertThat(named.size(), is(greaterThan(12)));
    }

    /** The options up to {@code --}, by their command. */
    private static void note(List<String> words, Map<String, Set<String>> named) {
        int name = words.getFirst().startsWith("-") ? 0 : 1;
        if (GROUPS.contains(words.getFirst())
                && words.size() > 1
                && words.get(1).matches("[a-z]+")) {
            name = 2;
        }
        Set<String> options = named.computeIfAbsent(String.join(" ", words.subList(0, name)), _ -> new TreeSet<>());
        for (String word : words.subList(name, words.size())) {
            if (word.equals("--")) {
                return;
            }
            if (word.startsWith("--")) {
                options.add(word.replaceFirst("[=,.:].*", ""));
            }
        }
    }
}
