package dev.harp.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "install",
        description = "Puts the hooks into the settings of an agent: shows the change, and keeps a copy of the file.")
final class HookInstallCommand extends BaseCommand {
    @Mixin
    private SettingsFile file = new SettingsFile();

    @Mixin
    private HookOptions options = new HookOptions();

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            defaultValue = "300",
            description = "How long a hook waits, 1 to 86400; default ${DEFAULT-VALUE}.")
    private int ttl;

    HookInstallCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() {
        options.ttl(ttl);
        Words.severity("--severity", options.severity);
        options.assurance.ifPresent(kind -> Words.assurance("--assurance", kind));
        home().pairing(options.name);
        String command = Words.shell(words());
        file.change(context, text -> ClaudeSettings.installed(text, command, ttl, options.strict));
        return ExitCode.OK;
    }

    private List<String> words() {
        List<String> words = new ArrayList<>(List.of(
                System.getProperty("harp.program", "harp"),
                "hook",
                "claude",
                "--name",
                options.name,
                "--ttl",
                "" + ttl));
        if (!options.severity.equals("medium")) {
            words.addAll(List.of("--severity", options.severity));
        }
        options.assurance.ifPresent(kind -> words.addAll(List.of("--assurance", kind)));
        if (options.ringAfter > 0) {
            words.addAll(List.of("--ring-after", "" + options.ringAfter));
        }
        if (options.strict) {
            words.add("--strict");
        }
        return words;
    }
}
