package dev.harp.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What the commands share. */
@Command(mixinStandardHelpOptions = true, usageHelpAutoWidth = true)
abstract class BaseCommand implements Callable<Integer> {
    final Context context;

    BaseCommand(Context context) {
        this.context = context;
    }

    /** The exit code of a failure that has this one in general. */
    int failed(int exitCode) {
        return exitCode;
    }

    final Terminal terminal() {
        return context.terminal();
    }

    final Home home() {
        return context.home();
    }
}
