package dev.harp.relay.protocol;

import java.util.Optional;

/** What a platform sees of its request. */
public final class PlatformView {
    private PlatformView() {}

    /** Whether a transition has changed that. The response comes with its state, and never changes. */
    public static boolean changed(Optional<Request> before, Request after) {
        return before.isEmpty()
                || !before.get().stateName().equals(after.stateName())
                || !push(before.get()).equals(push(after));
    }

    /** The outcome of the push notification, by its name on the wire; empty while it is not known. */
    public static Optional<String> push(Request request) {
        return switch (request.push()) {
            case PushState.Due _ -> Optional.empty();
            case PushState.None _ -> Optional.of("none");
            case PushState.Accepted _ -> Optional.of("accepted");
            case PushState.TokenDead _ -> Optional.of("token_dead");
            case PushState.Failed _ -> Optional.of("failed");
        };
    }
}
