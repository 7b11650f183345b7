package dev.harp.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "mcp",
        description = "An MCP server over standard input and output, for an agent that asks by tools: human_authorize,"
                + " human_collect, human_inform and human_wait. It ends with its input. A tool asks nothing that the"
                + " agent does not ask: only a hook enforces.")
final class McpCommand extends BaseCommand {
    private static final int LONGEST_BLOCK = 3600;

    /** Between two progress notifications: clients that start their timeout anew with each give 60 s and more. */
    private static final Duration STEP = Duration.ofSeconds(5);

    /** How long the last responses may take to be written, when the client has closed the input. */
    private static final Duration LAST_WORD = Duration.ofSeconds(1);

    @Option(names = "--name", required = true, paramLabel = "NAME", description = "The pairing to ask.")
    private String name = "";

    @Option(
            names = "--max-block",
            paramLabel = "SECONDS",
            defaultValue = "50",
            description = "How long a call of a tool may wait before it answers 'pending', 1 to 3600; default"
                    + " ${DEFAULT-VALUE}. Less than the client's own limit, which ends a call.")
    private int maxBlock;

    @Option(
            names = "--agent",
            paramLabel = "TEXT",
            description = "Which agent asks; unless given, the name that the client gives itself.")
    private Optional<String> agent = Optional.empty();

    McpCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() {
        if (maxBlock < 1 || maxBlock > LONGEST_BLOCK) {
            throw Failure.usage("--max-block: " + maxBlock + " is not 1 to " + LONGEST_BLOCK);
        }
        Duration block = Duration.ofSeconds(maxBlock);
        HumanRequests requests = new HumanRequests(context, name, block, STEP);
        McpServer server = new McpServer(
                terminal().input(), terminal().output(), Harp.version(), new McpTools(context, requests, block, agent));
        try (Interrupts interrupts = Interrupts.during(() -> ExitCode.OK)) {
            interrupts.now(() -> {
                requests.close();
                return ExitCode.OK;
            });
            server.run();
            requests.close();
            server.drain(LAST_WORD);
            return ExitCode.OK;
        } catch (IOException e) {
            requests.close();
            throw new UncheckedIOException(e);
        }
    }
}
