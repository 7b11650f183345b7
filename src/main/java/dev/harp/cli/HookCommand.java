package dev.harp.cli;

import dev.harp.cli.HookAgentCommand.Agent;
import java.util.Set;
import picocli.CommandLine.Command;

/** The hooks of agents: what an agent starts by itself before it uses a tool. */
@Command(
        name = "hook",
        description = "Asks for an agent that calls this by itself: reads the agent's event on standard input, and"
                + " prints the agent's form of the person's decision. Without a decision it prints nothing and ends"
                + " with 0, so that the agent's own prompt stays in charge.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {
            HookCommand.Claude.class,
            HookCommand.Codex.class,
            HookInstallCommand.class,
            HookUninstallCommand.class
        })
final class HookCommand {
    static final Agent CLAUDE = new Agent(
            "Claude Code",
            300,
            Set.of("PermissionRequest", "PreToolUse"),
            Set.of("PostToolUse", "PostToolUseFailure"),
            true);

    private static final Agent CODEX = new Agent("Codex", 60, Set.of("PermissionRequest"), Set.of(), false);

    private HookCommand() {}

    @Command(
            name = "claude",
            description = "Answers Claude Code: the events PermissionRequest and PreToolUse ask, PostToolUse and"
                    + " PostToolUseFailure withdraw what was answered at the terminal.")
    static final class Claude extends HookAgentCommand {
        Claude(Context context) {
            super(context, CLAUDE);
        }
    }

    @Command(
            name = "codex",
            description = "Answers Codex, event PermissionRequest. Codex shows its own prompt only after the hook.")
    static final class Codex extends HookAgentCommand {
        Codex(Context context) {
            super(context, CODEX);
        }
    }
}
