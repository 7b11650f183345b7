package dev.harp.relay.crash;

import jakarta.json.JsonObject;

/** Something that a client was told, and what therefore has to be true from then on, as long as the relay keeps it. */
sealed interface Claim {

    /** A phone was registered: its token is good. */
    record Registered() implements Claim {}

    /** A pairing was opened: its token is good. */
    record Opened() implements Claim {}

    /** A phone has joined the pairing: that phone, with that payload. */
    record Joined() implements Claim {}

    /** The pairing was revoked, and stays so. */
    record Revoked() implements Claim {}

    /** A request was taken, with its envelope, and with this end in Unix seconds. */
    record Taken(long expiresAt) implements Claim {}

    /** The phone was shown the envelope, and the platform sees that. */
    record Delivered() implements Claim {}

    /** The phone's response was taken: this one, and no other ever. */
    record Responded(Response response) implements Claim {}

    /** Somebody was told of an end other than a response: {@code cancelled} or {@code expired}. */
    record Ended(String state) implements Claim {}

    /** The platform has seen the final timeline. Not a byte of it changes. */
    record Seen(JsonObject timeline) implements Claim {}

    /** What a phone answers. */
    record Response(String nonce, String ciphertext, String signature) {}
}
