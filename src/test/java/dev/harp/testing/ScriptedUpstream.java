package dev.harp.testing;

import java.util.function.Predicate;

/** Stands behind a proxy instead of a relay, and answers 200 or closes the connection without a response. */
public final class ScriptedUpstream extends FakeServer {
    private volatile Predicate<Request> hangsUp = _ -> false;

    public ScriptedUpstream() {
        start();
    }

    /** From now on the connections of these requests are closed without a response. */
    public void hangUpOn(Predicate<Request> requests) {
        hangsUp = requests;
    }

    @Override
    protected Reply answer(Request request) {
        return hangsUp.test(request) ? hangUp() : response(200, "{}");
    }
}
