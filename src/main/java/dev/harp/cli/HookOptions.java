package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.message.Question;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a hook asks. */
final class HookOptions {
    @Option(names = "--name", required = true, paramLabel = "NAME", description = "The pairing to ask.")
    String name = "";

    @Option(
            names = "--severity",
            paramLabel = "LEVEL",
            defaultValue = "medium",
            description = "low, medium, high or critical; default ${DEFAULT-VALUE}.")
    String severity = "";

    @Option(
            names = "--assurance",
            paramLabel = "KIND",
            description = "tap, biometric or elevated; unasked biometric if the device offers it, else tap.")
    Optional<String> assurance = Optional.empty();

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

    /** How long the whole hook takes at most, of which the request has what is left. */
    Duration ttl(int seconds) {
        if (seconds < 1 || seconds > Question.MAX_LIFETIME) {
            throw Failure.usage("--ttl: " + seconds + " is not 1 to " + Question.MAX_LIFETIME);
        }
        if (ringAfter < 0 || ringAfter >= seconds) {
            throw Failure.usage("--ring-after: " + ringAfter + " is not 0 to " + (seconds - 1) + ", less than --ttl");
        }
        return Duration.ofSeconds(seconds - ringAfter);
    }

    Ask applied(Ask bare) {
        Ask ask = bare.severity(Words.severity("--severity", severity));
        return assurance
                .map(kind -> ask.assurance(Words.assurance("--assurance", kind)))
                .orElse(ask);
    }
}
