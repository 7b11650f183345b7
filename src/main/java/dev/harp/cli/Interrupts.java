package dev.harp.cli;

/** What happens when the program is told to end, by Ctrl-C or SIGTERM, while something is open. */
final class Interrupts {
    private Interrupts() {}

    /** Runs the steps at a signal, and ends with the code that they give. Give the result to {@link #done}. */
    static Thread onSignal(java.util.function.IntSupplier steps) {
        Thread hook = new Thread(
                () -> {
                    int code = steps.getAsInt();
                    Runtime.getRuntime().halt(code);
                },
                "signal");
        Runtime.getRuntime().addShutdownHook(hook);
        return hook;
    }

    /** Runs the steps at a signal, and ends as withdrawn. */
    static Thread onSignal(Runnable steps) {
        return onSignal(() -> {
            steps.run();
            return ExitCode.ENDED;
        });
    }

    /** Nothing is open any more. */
    static void done(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The signal has come; the hook ends the program.
            waitForever();
        }
    }

    private static void waitForever() {
        try {
            Thread.currentThread().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
