package dev.harp.relay.model;

import java.util.Optional;

/** What a platform sees of its request. */
public final class PlatformView {
    private PlatformView() {}

    /** Whether a step has changed that: then there is something to tell. The answer comes with its state, and never changes. */
    public static boolean changed(Optional<Request> before, Request after) {
        return before.isEmpty() || !before.get().stateName().equals(after.stateName());
    }
}
