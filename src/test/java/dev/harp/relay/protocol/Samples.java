package dev.harp.relay.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** Sample records. The same number always gives the same record. */
public final class Samples {
    /** The start of the tests. Not on a full second, so that rounding shows. */
    public static final Instant T0 = Instant.ofEpochMilli(1_800_000_000_700L);

    /** The protocol's defaults, with few open requests and short texts. */
    public static final ProtocolLimits TERMS =
            new ProtocolLimits(Duration.ofSeconds(300), Duration.ofSeconds(300), 5, 2000, 2000);

    private Samples() {}

    public static PairId pair(int number) {
        return new PairId("pair_%012x".formatted(number));
    }

    public static DeviceId device(int number) {
        return new DeviceId("dev_%012x".formatted(number));
    }

    /** A UUIDv7 of the given time. */
    public static RequestId id(Instant time, int number) {
        return new RequestId(
                new UUID(time.toEpochMilli() << 16 | 0x7000L | (number & 0xfffL), 0x8000_0000_0000_0000L | number));
    }

    public static RequestKey key(int pair, int request) {
        return new RequestKey(pair(pair), id(T0, request));
    }

    public static Envelope envelope(int number) {
        return new Envelope("nonce" + number, "ciphertext" + number);
    }

    public static Response answer(int number) {
        return new Response("answer-nonce" + number, "answer-ciphertext" + number, Optional.of("signature" + number));
    }

    public static Sha256 secret(int number) {
        return Sha256.of("secret" + number);
    }

    public static Pairing pending(int number, Instant createdAt) {
        return new Pairing(
                pair(number),
                Sha256.of("hpt" + number),
                secret(number),
                createdAt,
                createdAt.plusSeconds(300),
                new Pairing.Pending(0));
    }

    public static Pairing active(int number, int device, Instant createdAt) {
        return pending(number, createdAt)
                .withState(new Pairing.Active(device(device), Optional.of("payload" + number), createdAt));
    }

    /** What earlier formats had as the secret is its {@code secret_hash}. */
    public static Pairing hashed(Pairing pairing) {
        return new Pairing(
                pairing.id(),
                pairing.token(),
                pairing.secret().digest(),
                pairing.createdAt(),
                pairing.expiresAt(),
                pairing.state(),
                pairing.opener(),
                pairing.usedAt());
    }

    /** The pairing, whose platform has another token. */
    public static Pairing rotated(Pairing pairing, String token) {
        return pairing.withToken(Sha256.of(token));
    }

    /** The pairing, revoked at the given time. */
    public static Pairing revoked(Pairing pairing, Instant at) {
        return pairing.withState(new Pairing.Revoked(pairing.device(), at));
    }

    public static Request open(RequestKey key, int device, Instant createdAt, Duration ttl) {
        return Request.submitted(
                key, device(device), new Envelope("nonce", "ciphertext"), createdAt, createdAt.plus(ttl));
    }

    /** The request in another state, as a rule may return it. */
    public static Request in(Request request, Request.State state) {
        return request.ended(state);
    }

    /** The request in a final state, as earlier versions of the relay stored it: with its envelope. */
    public static Request endedEarlier(Request request, Request.State state) {
        return new Request(
                request.key(),
                request.device(),
                request.question(),
                request.createdAt(),
                request.expiresAt(),
                request.deliveredAt(),
                state,
                request.push(),
                request.webhook());
    }

    public static Device phone(int number, Instant createdAt) {
        return new Device(
                device(number),
                Sha256.of("hdt" + number),
                Optional.empty(),
                createdAt,
                createdAt.plus(ProtocolLimits.UNPAIRED_DEVICE));
    }

    /** A text of the given length. */
    public static String text(int length) {
        return "A".repeat(length);
    }
}
