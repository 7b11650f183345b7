package dev.harp.relay.wait;

/** How whoever has stored a change tells those who wait for it. */
@FunctionalInterface
public interface ChangeSignal {

    /**
     * Says that something about the topic may have changed. A hint: it may be lost, and it may come for nothing; whoever
     * hears it reads again.
     */
    void raise(Topic topic);
}
