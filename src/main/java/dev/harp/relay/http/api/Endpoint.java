package dev.harp.relay.http.api;

import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.service.Caller;

/**
 * Answers one method on one path.
 *
 * <p>The factories name who may call. A caller with a valid token of another role, or of another pairing or device than
 * the path names, is refused like one with no token at all ({@code docs/protocol.md}, section 2.4).
 */
@FunctionalInterface
interface Endpoint {
    Reply answer(Call call);

    /** An endpoint of callers with one role. */
    @FunctionalInterface
    interface For<C extends Caller> {
        Reply answer(C caller, Call call);
    }

    /** Open to every valid token; what it reaches is the endpoint's to decide. */
    static Endpoint anyCaller(For<Caller> endpoint) {
        return call -> endpoint.answer(call.caller(), call);
    }

    /** Open to platforms and devices, with an answer of its own for each. */
    static Endpoint byRole(For<Caller.Platform> platform, For<Caller.Device> device) {
        return call -> switch (call.caller()) {
            case Caller.Platform known -> platform.answer(known, call);
            case Caller.Device known -> device.answer(known, call);
        };
    }

    /** Open to platforms. */
    static Endpoint platform(For<Caller.Platform> endpoint) {
        return byRole(endpoint, (_, _) -> refusal());
    }

    /** Open to devices. */
    static Endpoint device(For<Caller.Device> endpoint) {
        return byRole((_, _) -> refusal(), endpoint);
    }

    /** Open to the platform of the pairing in the path. */
    static Endpoint ownPairing(For<Caller.Platform> endpoint) {
        return call -> {
            Caller caller = call.caller();
            PairId id = call.pairId(); // for any caller, so that the log names it
            return caller instanceof Caller.Platform platform && platform.pair().equals(id)
                    ? endpoint.answer(platform, call)
                    : refusal();
        };
    }

    /** Open to the device in the path. */
    static Endpoint ownDevice(For<Caller.Device> endpoint) {
        return call -> call.caller() instanceof Caller.Device device
                        && device.device().value().equals(call.id())
                ? endpoint.answer(device, call)
                : refusal();
    }

    private static Reply refusal() {
        return Reply.problem(Refusal.UNAUTHORIZED);
    }
}
