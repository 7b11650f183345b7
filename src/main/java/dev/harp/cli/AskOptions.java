package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.message.Question;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Parameter;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that asks something. */
final class AskOptions {
    @Option(names = "--name", required = true, paramLabel = "NAME", description = "The pairing to ask.")
    String name = "";

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long an answer counts, 1 to 86400; default ${DEFAULT-VALUE}.")
    int ttl;

    @Mixin
    private RiskOptions risk = new RiskOptions();

    @Option(names = "--reasoning", paramLabel = "TEXT", description = "Why, in the agent's own words.")
    Optional<String> reasoning = Optional.empty();

    @Option(names = "--param", paramLabel = "NAME=VALUE", description = "One argument of the action; may be repeated.")
    List<String> parameters = new ArrayList<>();

    @Option(
            names = "--details",
            paramLabel = "FILE",
            description = "A text to read before deciding; .diff and .patch are shown as a diff; may be repeated.")
    List<Path> details = new ArrayList<>();

    @Option(names = "--agent", paramLabel = "TEXT", description = "Which agent asks.")
    Optional<String> agent = Optional.empty();

    @Option(names = "--session", paramLabel = "TEXT", description = "Which session of the agent.")
    Optional<String> session = Optional.empty();

    Duration ttl() {
        return lifetime(ttl);
    }

    /** The value of {@code --ttl}. */
    static Duration lifetime(int seconds) {
        if (seconds < 1 || seconds > Question.MAX_LIFETIME) {
            throw Failure.usage("--ttl: " + seconds + " is not 1 to " + Question.MAX_LIFETIME);
        }
        return Duration.ofSeconds(seconds);
    }

    /** The ask with everything that these options say; the details of the files come after those that are given. */
    Ask applied(Ask bare, Context context, Optional<String> description, Detail... first) {
        List<Parameter> arguments =
                parameters.stream().map(AskOptions::parameter).toList();
        List<Detail> texts = Stream.concat(
                        Arrays.stream(first), details.stream().map(AskOptions::detail))
                .toList();
        Question.Context origin =
                new Question.Context(agent, Optional.of(context.host()), Optional.of(context.directory()), session);
        Ask ask = risk.applied(bare).with(question -> {
            description.ifPresent(question::description);
            reasoning.ifPresent(question::reasoning);
            question.context(origin);
            return arguments.isEmpty() ? question : question.parameters(arguments);
        });
        return texts.isEmpty() ? ask : ask.with(question -> question.details(texts));
    }

    private static Parameter parameter(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw Failure.usage("--param: '" + Printable.line(text) + "' is not NAME=VALUE");
        }
        return new Parameter(text.substring(0, equals), text.substring(equals + 1));
    }

    private static Detail detail(Path file) {
        String label = String.valueOf(file.getFileName());
        String kind = label.toLowerCase(Locale.ROOT);
        Format format = kind.endsWith(".diff") || kind.endsWith(".patch")
                ? Format.DIFF
                : kind.endsWith(".txt") || kind.endsWith(".md") ? Format.TEXT : Format.CODE;
        return new Detail(label, format, text("--details", file));
    }

    /** The text of a file, which has to be UTF-8. */
    static String text(String option, Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw Failure.usage(option + ": " + Printable.line(file.toString()) + " is not UTF-8");
        } catch (IOException e) {
            throw Failure.usage(option + ": " + Printable.line(file.toString()) + " cannot be read ("
                    + e.getClass().getSimpleName() + ")");
        }
    }
}
