package dev.harp.cli;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntSupplier;

/**
 * What happens when the program is told to end, by Ctrl-C or SIGTERM, while something is open: the steps that were set
 * last run, and the program ends with the code that they give. Steps run once. The thread that has set them goes on
 * meanwhile, up to its next {@link #now} or {@link #close}, which then never returns: so either the steps tell how it
 * ended, or that thread does.
 */
final class Interrupts implements AutoCloseable {
    /** Empty once a signal has taken the steps. */
    private final AtomicReference<Optional<IntSupplier>> steps;

    private final Thread hook;

    private Interrupts(IntSupplier first) {
        steps = new AtomicReference<>(Optional.of(first));
        hook = new Thread(
                () -> steps.getAndSet(Optional.empty())
                        .ifPresent(last -> Runtime.getRuntime().halt(last.getAsInt())),
                "signal");
    }

    /** From now on a signal runs these steps. */
    static Interrupts during(IntSupplier first) {
        Interrupts interrupts = new Interrupts(first);
        Runtime.getRuntime().addShutdownHook(interrupts.hook);
        return interrupts;
    }

    /** From now on a signal runs these steps instead. */
    void now(IntSupplier next) {
        if (steps.getAndUpdate(present -> present.map(_ -> next)).isEmpty()) {
            waitForever();
        }
    }

    /** Nothing is open any more. */
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            waitForever();
        }
    }

    private static void waitForever() {
        while (true) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                // Only the steps end the program.
            }
        }
    }
}
