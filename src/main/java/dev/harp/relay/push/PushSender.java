package dev.harp.relay.push;

import java.time.Duration;
import java.util.function.Consumer;

/** Sends push notifications by one kind of push service. */
public interface PushSender extends AutoCloseable {

    /** The name in configuration, logs and metrics: {@code expo}, {@code webpush}. */
    String name();

    /** Whether tokens of this form belong to this push service. */
    boolean knows(String token);

    /**
     * Attempts to send the notification soon, once. Returns at once, and never throws for what the provider does.
     *
     * @param told gets the outcome, once, on any thread, if this returns true
     * @return whether an attempt will be made; if not, there is no room, or the provider is unavailable: try again
     *     later
     */
    boolean offer(PushNotification push, Consumer<PushOutcome> told);

    /** The time until the token's provider, which is unavailable, is called again; zero if it is available. */
    Duration pause(String token);

    /** Ends all attempts. Their outcomes may never be reported. */
    @Override
    void close();
}
