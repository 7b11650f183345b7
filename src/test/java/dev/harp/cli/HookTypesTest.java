package dev.harp.cli;

import static dev.harp.cli.ReadJson.items;
import static dev.harp.cli.ReadJson.json;
import static dev.harp.cli.ReadJson.member;
import static dev.harp.cli.ReadJson.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.client.RelayException;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import dev.harp.testing.NpmPackages;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Events and answers in the types of {@code @anthropic-ai/claude-agent-sdk}: {@code tsc} compiles them against the
 * types, a hook gets each event, and its answer is compared to the byte.
 */
class HookTypesTest extends WithHook {
    private Path packages = Path.of("");

    @BeforeAll
    void install() throws IOException, InterruptedException {
        packages = NpmPackages.installed("agents");
    }

    private List<String> node(String script, String... arguments) throws IOException, InterruptedException {
        String[] command = new String[arguments.length + 2];
        command[0] = "node";
        command[1] = packages.resolve(script).toString();
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        try (HarpProcess node = HarpProcess.start(home, Map.of(), List.of(command))) {
            List<String> printed = node.answers();
            assertThat(String.join("\n", printed), node.exit(), is(0));
            return printed;
        }
    }

    @Test
    void eventsOfThePublishedTypesAreAnsweredInThem() throws IOException, InterruptedException, RelayException {
        node("node_modules/typescript/bin/tsc", "-p", packages.toString());
        List<String> cases = node("build/hooks.js");
        assertThat(cases.size(), is(greaterThan(10)));
        for (String line : cases) {
            Members given = json(line);
            try (HarpThread hook = hook("claude", event(given, "event"), options(given))) {
                if (given.get("person").isPresent()) {
                    hook.requestId();
                    phone.decide(answer(member(given, "person")));
                }
                if (given.get("after").isPresent()) {
                    hook.requestId();
                    assertThat(hook("claude", event(given, "after")).exit(), is(0));
                }
                String title = text(given, "title");
                assertThat(title, hook.exit(), is(0));
                assertThat(
                        title,
                        hook.answers(),
                        is(given.text("answer").map(List::of).orElse(List.of())));
            }
        }
    }

    private static String event(Members in, String name) {
        return new String(ExactJson.writeAny(member(in, name)), UTF_8);
    }

    private static String[] options(Members in) {
        return in.get("options").isPresent() ? texts(items(in, "options")).toArray(String[]::new) : new String[0];
    }

    private static List<String> texts(List<JsonTree> values) {
        return values.stream().map(value -> ((Text) value).value()).toList();
    }

    private static Answer answer(Members person) {
        Answer answer = Answer.of(Decision.valueOf(text(person, "decision").toUpperCase(Locale.ROOT)), 1);
        Optional<String> reason = person.text("reason");
        if (reason.isPresent()) {
            return answer.withReason(reason.get());
        }
        Optional<String> choice = person.text("choice");
        if (choice.isPresent()) {
            return answer.withChoice(choice.get());
        }
        return person.get("values").isEmpty()
                ? answer
                : answer.withValues(member(person, "values").values().entrySet().stream()
                        .map(entry -> value(entry.getKey(), entry.getValue()))
                        .toList());
    }

    private static Answer.Value value(String name, JsonTree given) {
        return given instanceof Items(List<JsonTree> values)
                ? new Answer.Several(name, texts(values))
                : new Answer.One(name, ((Text) given).value());
    }
}
