package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.client.Outcome;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Format;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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

    @Option(names = "--description", paramLabel = "TEXT", description = "What that means, for the person.")
    private Optional<String> description = Optional.empty();

    @Parameters(paramLabel = "COMMAND", arity = "1..*", description = "The command and its arguments, after --.")
    private List<String> command = new ArrayList<>();

    RunCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        String text = Words.shell(command);
        String action = "Run " + text;
        boolean fits = action.getBytes(java.nio.charset.StandardCharsets.UTF_8).length <= LONGEST_ACTION;
        Ask ask = options.applied(
                        Ask.authorize(fits ? action : "Run a command: read it whole", options.ttl()),
                        context,
                        description)
                .with(question -> question.details(List.of(new Detail("Command", Format.CODE, text))));
        Asking asking = new Asking(context, options.json, options.receipt);
        Outcome outcome = asking.outcome(options.name, ask);
        if (!(outcome instanceof Outcome.Decided decided && decided.isConsent())) {
            terminal().say("harp: not run: " + Asking.word(outcome));
            return ExitCode.NOT_RUN;
        }
        return run();
    }

    /** Ctrl-C goes to the command as well, which decides what becomes of it. */
    private int run() throws InterruptedException {
        AtomicReference<Optional<Process>> running = new AtomicReference<>(Optional.empty());
        Thread hook =
                Interrupts.onSignal(() -> running.get().map(RunCommand::end).orElse(ExitCode.NOT_RUN));
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            running.set(Optional.of(process));
            return process.waitFor();
        } catch (IOException e) {
            terminal().say("harp: not run: " + Printable.line(String.valueOf(e.getMessage())));
            return ExitCode.NOT_RUN;
        } finally {
            Interrupts.done(hook);
        }
    }

    private static int end(Process process) {
        process.destroy();
        return process.onExit().join().exitValue();
    }
}
