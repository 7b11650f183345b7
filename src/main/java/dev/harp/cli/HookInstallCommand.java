package dev.harp.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "install",
        description = "Puts the hooks into the settings of an agent: shows the change, and keeps a copy of the file.")
final class HookInstallCommand extends BaseCommand {
    @Mixin
    private SettingsFile file = new SettingsFile();

    @Mixin
    private HookOptions options = new HookOptions();

    HookInstallCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() {
        int seconds = options.seconds(HookCommand.CLAUDE);
        Words.severity("--severity", options.risk.severity);
        options.risk.assurance.ifPresent(kind -> Words.assurance("--assurance", kind));
        home().pairing(options.name);
        String command = Words.shell(words(seconds));
        file.change(context, text -> ClaudeSettings.installed(text, command, seconds, options.strict));
        return ExitCode.OK;
    }

    private List<String> words(int seconds) {
        List<String> words = new ArrayList<>(List.of(
                System.getProperty("harp.program", "harp"),
                "hook",
                "claude",
                "--name",
                options.name,
                "--ttl",
                "" + seconds));
        if (!options.risk.severity.equals(RiskOptions.MEDIUM)) {
            words.addAll(List.of("--severity", options.risk.severity));
        }
        options.risk.assurance.ifPresent(kind -> words.addAll(List.of("--assurance", kind)));
        if (options.ringAfter > 0) {
            words.addAll(List.of("--ring-after", "" + options.ringAfter));
        }
        if (options.strict) {
            words.add("--strict");
        }
        return words;
    }
}
