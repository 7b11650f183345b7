package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.Ask;
import dev.harp.client.Outcome;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Format;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "run",
        description = "Asks with the exact command, then runs it. Ends with the command's own code, or with 125 if it"
                + " was not run.")
final class RunCommand extends BaseCommand {
    private static final int LONGEST_ACTION = 200;

    @Mixin
    private AskOptions options = new AskOptions();

    @Mixin
    private RuleOption rules = new RuleOption();

    @Mixin
    private ReceiptOption receipt = new ReceiptOption();

    @Option(names = "--description", paramLabel = "TEXT", description = "What that means, for the person.")
    private Optional<String> description = Optional.empty();

    @Parameters(
            paramLabel = "COMMAND",
            arity = "1..*",
            description = "The command and its arguments, after --. Options of harp end before it.")
    private List<String> command = new ArrayList<>();

    RunCommand(Context context) {
        super(context);
    }

    /** Whatever fails before the command runs: every other code is the command's. */
    @Override
    int failed(int exitCode) {
        return ExitCode.NOT_RUN;
    }

    @Override
    public Integer call() throws InterruptedException {
        checkText(command, System.getProperty("sun.jnu.encoding", ""));
        String text = Words.shell(command);
        String action = "Run " + text;
        boolean fits = action.getBytes(UTF_8).length <= LONGEST_ACTION;
        Ask ask = rules.applied(options.applied(
                Ask.authorize(fits ? action : "Run a command: read it whole", options.ttl()),
                context,
                description,
                new Detail("Command", Format.CODE, text)));
        receipt.check();
        try (Interrupts interrupts = Interrupts.during(() -> ExitCode.NOT_RUN)) {
            Asking.End end = new Asking(context, options.name).end(ask, interrupts, this::notRun);
            if (!(end.outcome() instanceof Outcome.Decided decided && decided.isConsent())) {
                interrupts.now(() -> ExitCode.NOT_RUN);
                return notRun(end);
            }
            // Standard output is the command's.
            decided.answer().choice().ifPresent(choice -> terminal().say("harp: choice: " + choice));
            return run(interrupts, end);
        }
    }

    /**
     * Refuses words that the JVM cannot pass on as they came: in a locale that is not UTF-8 a letter becomes question
     * marks, which a shell takes for a pattern, and the person would have seen another text than the one that runs.
     *
     * @param encoding what the JVM reads arguments in
     */
    static void checkText(List<String> command, String encoding) {
        boolean utf8 = encoding.equalsIgnoreCase("UTF-8");
        for (String word : command) {
            if (word.indexOf('\ufffd') >= 0) {
                throw new Failure(
                        ExitCode.NOT_RUN,
                        "not run: a word of the command is no UTF-8, or the locale is not: set LC_ALL=C.UTF-8");
            }
            if (!utf8 && !word.chars().allMatch(unit -> unit < 0x80)) {
                throw new Failure(
                        ExitCode.NOT_RUN,
                        "not run: a word of the command is not ASCII, and the locale is not UTF-8 ("
                                + Printable.line(encoding) + "): set LC_ALL=C.UTF-8");
            }
        }
    }

    private int notRun(Asking.End end) {
        receipt.keep(end.outcome(), terminal());
        terminal().say("harp: not run: " + Report.word(end.outcome()));
        return ExitCode.NOT_RUN;
    }

    private int run(Interrupts interrupts, Asking.End end) throws InterruptedException {
        CompletableFuture<Optional<Process>> started = new CompletableFuture<>();
        interrupts.now(() -> started.join().map(this::end).orElse(ExitCode.NOT_RUN));
        receipt.keep(end.outcome(), terminal());
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            started.complete(Optional.of(process));
            return process.waitFor();
        } catch (IOException e) {
            started.complete(Optional.empty());
            terminal().say("harp: not run: " + Printable.line(String.valueOf(e.getMessage())));
            return ExitCode.NOT_RUN;
        }
    }

    /**
     * At a terminal, Ctrl-C goes to the command as well, which decides what becomes of it; else SIGTERM is passed on.
     */
    private int end(Process process) {
        if (!terminal().isLive()) {
            process.destroy();
        }
        return process.onExit().join().exitValue();
    }
}
