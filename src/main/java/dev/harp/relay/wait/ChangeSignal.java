package dev.harp.relay.wait;

import dev.harp.relay.store.Seen;

/** Wakes the calls that wait for a change. */
@FunctionalInterface
public interface ChangeSignal {

    /**
     * Says that something about the topic may have changed. This is a hint. It may be lost, and it may be raised
     * without a change. A call that receives it reads again.
     */
    void raise(Topic topic);

    /**
     * The same. A call that waits in this process is told what the store has seen of the change, by which it may read
     * again.
     */
    default void raise(Topic topic, Seen seen) {
        raise(topic);
    }
}
