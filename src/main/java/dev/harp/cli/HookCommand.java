package dev.harp.cli;

import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
    private HookCommand() {}

    @Command(
            name = "claude",
            description = "Answers Claude Code: the events PermissionRequest and PreToolUse ask, PostToolUse and"
                    + " PostToolUseFailure withdraw what was answered at the terminal.")
    static final class Claude extends HookAgentCommand {
        @Option(
                names = "--ttl",
                paramLabel = "SECONDS",
                defaultValue = "300",
                description = "How long the hook waits, 1 to 86400; default ${DEFAULT-VALUE}. The timeout in the"
                        + " agent's settings has to be longer.")
        private int ttl;

        Claude(Context context) {
            super(
                    context,
                    new Agent(
                            "Claude Code",
                            Set.of("PermissionRequest", "PreToolUse"),
                            Set.of("PostToolUse", "PostToolUseFailure"),
                            true));
        }

        @Override
        int seconds() {
            return ttl;
        }
    }

    @Command(
            name = "codex",
            description = "Answers Codex, event PermissionRequest. Codex shows its own prompt only after the hook.")
    static final class Codex extends HookAgentCommand {
        @Option(
                names = "--ttl",
                paramLabel = "SECONDS",
                defaultValue = "60",
                description = "How long the hook waits before Codex asks by itself, 1 to 86400; default"
                        + " ${DEFAULT-VALUE}.")
        private int ttl;

        Codex(Context context) {
            super(context, new Agent("Codex", Set.of("PermissionRequest"), Set.of(), false));
        }

        @Override
        int seconds() {
            return ttl;
        }
    }
}
