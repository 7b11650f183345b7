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
    private ReceiptOption receipt = new ReceiptOption();

    @Option(names = "--description", paramLabel = "TEXT", description = "What that means, for the person.")
    private Optional<String> description = Optional.empty();

    @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "The command and its arguments, after --.")
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
        String text = Words.shell(command);
        String action = "Run " + text;
        boolean fits = action.getBytes(UTF_8).length <= LONGEST_ACTION;
        Ask ask = options.applied(
                Ask.authorize(fits ? action : "Run a command: read it whole", options.ttl()),
                context,
                description,
                new Detail("Command", Format.CODE, text));
        receipt.check();
        try (Interrupts interrupts = Interrupts.during(() -> ExitCode.NOT_RUN)) {
            Asking.End end = new Asking(context, options.name).end(ask, interrupts, this::notRun);
            if (!(end.outcome() instanceof Outcome.Decided decided && decided.isConsent())) {
                interrupts.now(() -> ExitCode.NOT_RUN);
                return notRun(end);
            }
            return run(interrupts, end);
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
