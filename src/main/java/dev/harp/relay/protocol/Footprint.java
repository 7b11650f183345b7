package dev.harp.relay.protocol;

import java.util.Optional;

/**
 * How much of the relay's memory a record may take, in bytes. All text that counts is ASCII, one byte per character.
 *
 * <p>An open request counts with the longest response that it may get. So a request never grows when it ends, and a
 * full relay refuses new requests only: there is always room for the response to an accepted one. When it ends, it
 * gives back the room of its question, and that of the response as far as it is not used.
 */
public final class Footprint {
    /** The bytes of a record beside its text: objects, index entries, timers. Rounded up from heap measurements. */
    public static final long RECORD = 1024;

    /** Characters: a question that docs/messages.md pads to 4,096 bytes takes 5,483 of them. */
    private static final int USUAL_CIPHERTEXT = 8192;

    private Footprint() {}

    public static long of(Pairing pairing) {
        return RECORD
                + (pairing.state() instanceof Pairing.Active(var _, Optional<String> payload, var _)
                        ? length(payload)
                        : 0);
    }

    public static long of(Device device) {
        return RECORD + length(device.pushToken());
    }

    /** An open request's footprint includes the room for its response. */
    public static long of(Request request, ProtocolLimits limits) {
        int response = switch (request.state()) {
            case Request.Open _ -> ofLongestResponse(limits);
            case Request.Responded(Response given, var _) ->
                given.nonce().length() + given.ciphertext().length() + length(given.signature());
            case Request.Expired _, Request.Cancelled _ -> 0;
        };
        return RECORD
                + request.envelope()
                        .map(envelope -> envelope.nonce().length()
                                + envelope.ciphertext().length())
                        .orElse(0)
                + request.webhook()
                        .map(webhook -> webhook.callback().url().length()
                                + webhook.callback().secret().length())
                        .orElse(0)
                + response;
    }

    /** A new request with a ciphertext of usual size. */
    public static long ofUsualRequest(ProtocolLimits limits) {
        return RECORD
                + ProtocolLimits.MAX_NONCE
                + Math.min(USUAL_CIPHERTEXT, limits.maxCiphertext())
                + ofLongestResponse(limits);
    }

    private static int ofLongestResponse(ProtocolLimits limits) {
        return ProtocolLimits.MAX_NONCE + limits.maxAnswer() + ProtocolLimits.MAX_SIGNATURE;
    }

    private static int length(Optional<String> text) {
        return text.map(String::length).orElse(0);
    }
}
