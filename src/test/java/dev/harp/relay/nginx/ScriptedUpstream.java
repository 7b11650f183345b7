package dev.harp.relay.nginx;

import dev.harp.testing.FakeServer;
import java.util.function.Predicate;

/** Stands behind nginx instead of a relay, and answers 200 or closes the connection without a response. */
final class ScriptedUpstream extends FakeServer {
    private volatile Predicate<Request> hangsUp = _ -> false;

    ScriptedUpstream() {
        start();
    }

    /** From now on the connections of these requests are closed without a response. */
    void hangUpOn(Predicate<Request> requests) {
        hangsUp = requests;
    }

    @Override
    protected Reply answer(Request request) {
        return hangsUp.test(request) ? hangUp() : response(200, "{}");
    }
}
