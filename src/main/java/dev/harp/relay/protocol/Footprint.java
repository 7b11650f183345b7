package dev.harp.relay.protocol;

import java.util.Optional;

/**
 * How much of the relay's memory a record may take, in bytes. All text that counts is ASCII, one byte a character.
 *
 * <p>An open request counts with the longest answer that it may get. So the end of a request never takes more than its
 * beginning, and a full relay refuses new work only: the answer to what it has accepted always has room.
 */
public final class Footprint {
    /** What a record takes beside its text: objects, index entries, timers. Rounded up from heap measurements. */
    public static final long RECORD = 1024;

    private Footprint() {}

    /** The bytes that the pairing takes. */
    public static long of(Pairing pairing) {
        return RECORD
                + (pairing.state() instanceof Pairing.Active(var _, Optional<String> payload, var _)
                        ? length(payload)
                        : 0);
    }

    /** The bytes that the device takes. */
    public static long of(Device device) {
        return RECORD + length(device.pushToken());
    }

    /** The bytes that the request takes, an open one with the room for its answer. */
    public static long of(Request request, ProtocolLimits terms) {
        int answer = switch (request.state()) {
            case Request.Open _ -> ProtocolLimits.MAX_NONCE + terms.maxCiphertext() + ProtocolLimits.MAX_SIGNATURE;
            case Request.Responded(Response given, var _) ->
                given.nonce().length() + given.ciphertext().length() + length(given.signature());
            case Request.Expired _, Request.Cancelled _ -> 0;
        };
        return RECORD
                + request.envelope().nonce().length()
                + request.envelope().ciphertext().length()
                + request.webhook()
                        .map(webhook -> webhook.callback().url().length()
                                + webhook.callback().secret().length())
                        .orElse(0)
                + answer;
    }

    private static int length(Optional<String> text) {
        return text.map(String::length).orElse(0);
    }
}
