package dev.harp.cli;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import dev.harp.client.Ask;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Assurance;
import dev.harp.message.Decision;
import dev.harp.message.Question;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Options of an agent's questions that could be taken for one another. */
class HookFormTest {
    private static final String OTHER = "Other, in my own words";

    private static HookEvent asked(String... labels) {
        List<JsonTree> options = Arrays.stream(labels)
                .map(label -> (JsonTree) JsonTree.object()
                        .add("label", label)
                        .add("description", "")
                        .build())
                .toList();
        Members question = JsonTree.object()
                .add("question", "Which?")
                .add("multiSelect", true)
                .add("options", options)
                .build();
        Members input =
                JsonTree.object().add("questions", new Items(List.of(question))).build();
        return new HookEvent(
                "PermissionRequest", "s1", Optional.empty(), "AskUserQuestion", input, List.of(), Optional.empty());
    }

    private static List<Question.Option> options(HookEvent event) {
        Ask ask = HookForm.of(event).ask(event, Duration.ofSeconds(300));
        Question.Builder bare = Question.builder(ask.intent(), "", 0, 300, ask.action(), Assurance.TAP);
        return ask.parts().apply(bare).build().fields().getFirst().options();
    }

    /** What the agent is told if the person chooses this value, and writes these words. */
    private static String answer(HookEvent event, String value, String words) {
        Answer answer = Answer.of(Decision.ANSWERED, 1)
                .withValues(List.of(new Several("question_1", List.of(value)), new One("question_1_own", words)));
        Members answers = (Members)
                HookForm.of(event).answered(event, answer).get("answers").orElseThrow();
        return answers.text("Which?").orElseThrow();
    }

    @Test
    void aLabelIsItsOwnValue() {
        HookEvent event = asked("2", "1");
        assertThat(
                options(event),
                contains(
                        new Question.Option("2", "2"),
                        new Question.Option("1", "1"),
                        new Question.Option(OTHER, OTHER)));
        assertThat(answer(event, "2", ""), is("2"));
        assertThat(answer(event, OTHER, "3"), is("3"));
        assertThat(answer(event, OTHER, ""), is("Other"));
    }

    @Test
    void equalOrLongLabelsHaveNumbers() {
        HookEvent equal = asked("2", OTHER);
        assertThat(
                options(equal),
                contains(
                        new Question.Option("1", "2"),
                        new Question.Option("2", OTHER),
                        new Question.Option("3", OTHER)));
        assertThat(answer(equal, "2", ""), is(OTHER));
        assertThat(answer(equal, "3", "4"), is("4"));
        String middling = "x".repeat(101);
        String giant = "y".repeat(201);
        HookEvent lengthy = asked(middling, giant);
        assertThat(
                options(lengthy),
                contains(
                        new Question.Option("1", middling),
                        new Question.Option("2", "Answer 2: read it below"),
                        new Question.Option("3", OTHER)));
        assertThat(answer(lengthy, "2", ""), is(giant));
    }
}
