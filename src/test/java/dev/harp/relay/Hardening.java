package dev.harp.relay;

import static dev.harp.relay.TestRelay.SECRET;

/** Each case is an attack that must come to nothing. */
abstract class Hardening extends WithRelay {
    static final String OPENING = "{\"secret_hash\":\"" + SECRET + "\"}";

    static String opening(String more) {
        return "{\"secret_hash\":\"" + SECRET + "\"," + more + "}";
    }
}
