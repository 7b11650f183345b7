package dev.harp.cli;

import picocli.CommandLine.Command;

@Command(
        name = "app",
        description = "About the page of the approver's app.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = AppVerifyCommand.class)
final class AppCommand {
    private AppCommand() {}
}
