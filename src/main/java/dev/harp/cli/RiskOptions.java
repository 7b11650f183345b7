package dev.harp.cli;

import dev.harp.client.Ask;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How much is at stake, and how sure the answer has to be. */
final class RiskOptions {
    /** The severity that is not said. */
    static final String MEDIUM = "medium";

    @Option(
            names = "--severity",
            paramLabel = "LEVEL",
            defaultValue = MEDIUM,
            description = "low, medium, high or critical; default ${DEFAULT-VALUE}.")
    String severity = "";

    @Option(
            names = "--assurance",
            paramLabel = "KIND",
            description = "tap, biometric or elevated; unasked biometric if the device offers it, else tap.")
    Optional<String> assurance = Optional.empty();

    /** The ask with both; wrong usage if one of them is no such word. */
    Ask applied(Ask bare) {
        Ask ask = bare.severity(Words.severity("--severity", severity));
        return assurance
                .map(kind -> ask.assurance(Words.assurance("--assurance", kind)))
                .orElse(ask);
    }
}
