package dev.harp.cli;

import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How a hook asks. */
final class HookOptions {
    @Option(names = "--name", required = true, paramLabel = "NAME", description = "The pairing to ask.")
    String name = "";

    @Mixin
    RiskOptions risk = new RiskOptions();

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            description =
                    "How long the hook waits, 1 to 86400; 300 if not set, or 60 for Codex, which asks by itself only"
                            + " after that. The timeout in the agent's settings has to be longer.")
    private Optional<Integer> ttl = Optional.empty();

    @Option(
            names = "--strict",
            description = "Whatever is no decision of the person's denies, instead of leaving it to the agent's own"
                    + " prompt.")
    boolean strict;

    @Option(
            names = "--ring-after",
            paramLabel = "SECONDS",
            defaultValue = "0",
            description = "Ask only if nobody has answered at the terminal after so long; default ${DEFAULT-VALUE}.")
    int ringAfter;

    /** How long the whole hook takes at most, of which the request has what {@code --ring-after} leaves. */
    int seconds(HookAgentCommand.Agent agent) {
        int seconds = ttl.orElse(agent.seconds());
        AskOptions.lifetime(seconds);
        if (ringAfter < 0 || ringAfter >= seconds) {
            throw Failure.usage("--ring-after: " + ringAfter + " is not 0 to " + (seconds - 1) + ", less than --ttl");
        }
        return seconds;
    }
}
