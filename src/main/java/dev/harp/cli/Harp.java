package dev.harp.cli;

import dev.harp.client.RelayException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/** The program {@code harp}. */
@Command(
        name = "harp",
        description = "Asks a person before an agent acts.",
        mixinStandardHelpOptions = true,
        versionProvider = Harp.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 approved or answered, 2 wrong usage, 10 denied, 11 expired, 12 withdrawn or pairing ended,",
            "13 relay out of reach, 14 not genuine, 15 less assurance than asked, 16 decided before by this device,",
            "17 a page that differs. 1 and any other code is a failure, never a decision. Files are in ~/.harp, or in"
                    + " HARP_HOME."
        })
public final class Harp {
    private static final String COMPLETION = "generate-completion";

    /** In the order of the help. */
    static final Map<String, Class<?>> COMMANDS = commands();

    private Harp() {}

    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new LinkedHashMap<>();
        commands.put("pair", PairCommand.class);
        commands.put("list", ListCommand.class);
        commands.put("show", ShowCommand.class);
        commands.put("rotate", RotateCommand.class);
        commands.put("revoke", RevokeCommand.class);
        commands.put("request", RequestCommand.class);
        commands.put("collect", CollectCommand.class);
        commands.put("inform", InformCommand.class);
        commands.put("run", RunCommand.class);
        commands.put("wait", WaitCommand.class);
        commands.put("mcp", McpCommand.class);
        commands.put("verify", VerifyCommand.class);
        commands.put("device", DeviceCommand.class);
        commands.put("app", AppCommand.class);
        commands.put("hook", HookCommand.class);
        commands.put(COMPLETION, AutoComplete.GenerateCompletion.class);
        return commands;
    }

    /** The version as the jar's manifest has it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"harp " + version()};
        }
    }

    static String version() {
        return Optional.ofNullable(Harp.class.getPackage().getImplementationVersion())
                .orElse("(not packaged)");
    }

    /** Runs one command and ends with its exit code. */
    public static void main(String[] arguments) {
        System.exit(run(Context.system(), arguments));
    }

    static int run(Context context, String... arguments) {
        CommandLine line = new CommandLine(new Harp(), factory(context));
        // picocli reads all options of a command when it is added: of all commands, that is a quarter of a start.
        String named = arguments.length == 0 ? "" : arguments[0];
        boolean all = !COMMANDS.containsKey(named) || named.equals(COMPLETION);
        COMMANDS.forEach((name, type) -> {
            if (all || name.equals(named)) {
                line.addSubcommand(name, type);
            }
        });
        // An argument is what was typed: a text or a command that begins with @ names no file of further arguments.
        line.setExpandAtFiles(false);
        // What follows the command's name is the command's, also where -- was left out.
        Optional.ofNullable(line.getSubcommands().get("run")).ifPresent(run -> run.setStopAtPositional(true));
        line.setExecutionStrategy(new CommandLine.RunLast());
        line.setExitCodeExceptionMapper(_ -> ExitCode.FAILED);
        line.setParameterExceptionHandler((e, _) -> usage(context, e));
        line.setExecutionExceptionHandler((e, command, _) -> code(command, failed(context, e)));
        line.setColorScheme(CommandLine.Help.defaultColorScheme(
                context.terminal().answersInColour() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF));
        line.setUnmatchedOptionsArePositionalParams(false);
        return line.execute(arguments);
    }

    /** Commands are made with the context; everything else as picocli does. */
    private static CommandLine.IFactory factory(Context context) {
        CommandLine.IFactory usual = CommandLine.defaultFactory();
        return new CommandLine.IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                return BaseCommand.class.isAssignableFrom(type)
                        ? type.getDeclaredConstructor(Context.class).newInstance(context)
                        : usual.create(type);
            }
        };
    }

    private static int usage(Context context, ParameterException e) {
        context.terminal().say("harp: " + Printable.line(String.valueOf(e.getMessage())));
        context.terminal().say("Try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
        return code(e.getCommandLine(), ExitCode.USAGE);
    }

    private static int code(CommandLine command, int exitCode) {
        return command.getCommand() instanceof BaseCommand base ? base.failed(exitCode) : exitCode;
    }

    private static int failed(Context context, Exception e) {
        return switch (e) {
            case Failure failure -> end(context, String.valueOf(failure.getMessage()), failure.exitCode());
            case RelayException relay -> end(context, relay.line(), ExitCode.of(relay));
            case UncheckedIOException file ->
                end(context, Printable.line(String.valueOf(file.getCause())), ExitCode.FAILED);
            default -> {
                StringWriter trace = new StringWriter();
                e.printStackTrace(new PrintWriter(trace));
                yield end(context, Printable.block(trace.toString()), ExitCode.FAILED);
            }
        };
    }

    private static int end(Context context, String line, int exitCode) {
        context.terminal().say("harp: " + line);
        return exitCode;
    }
}
