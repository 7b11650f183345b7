package dev.harp.relay.push;

import java.time.Duration;
import java.util.function.Consumer;

/** Wakes devices by way of one kind of push service. */
public interface PushSender extends AutoCloseable {

    /** Its name in configuration, logs and metrics: {@code expo}, {@code webpush}. */
    String name();

    /** Whether a token of this form is one of its own. */
    boolean knows(String token);

    /**
     * Attempts to wake the device soon, once. Returns at once, and never throws for what the provider does.
     *
     * @param told is told what came of it, once, on any thread, if the wake-up was taken
     * @return whether it was taken; if not, there is no room now, or the provider has been out of order of late: try again later
     */
    boolean offer(PushNotification wake, Consumer<PushOutcome> told);

    /** For how long the provider of the token is left alone from now on, because it is out of order; zero if it is not. */
    Duration pause(String token);

    /** Ends what is under way; who has not been told anything by then may never be. */
    @Override
    void close();
}
