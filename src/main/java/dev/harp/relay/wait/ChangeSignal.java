package dev.harp.relay.wait;

/** Wakes the calls that wait for a change. */
@FunctionalInterface
public interface ChangeSignal {

    /**
     * Says that something about the topic may have changed. This is a hint. It may be lost, and it may be raised
     * without a change. A call that receives it reads again.
     */
    void raise(Topic topic);
}
