package dev.harp.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "uninstall", description = "Takes the hooks out of the settings of an agent again.")
final class HookUninstallCommand extends BaseCommand {
    @Mixin
    private SettingsFile file = new SettingsFile();

    HookUninstallCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() {
        file.change(context, ClaudeSettings::uninstalled);
        return ExitCode.OK;
    }
}
