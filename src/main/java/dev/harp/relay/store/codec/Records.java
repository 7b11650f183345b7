package dev.harp.relay.store.codec;

import dev.harp.relay.protocol.Callback;
import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PushState;
import dev.harp.relay.protocol.Question;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.protocol.WebhookState;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Encodes and decodes pairings, devices and requests. What is decoded is exactly what was encoded; anything else is a
 * {@link CorruptRecord}.
 *
 * <p>Each record carries the number of its format. A version of the relay that needs another field takes the next
 * number, writes only that, and still reads all earlier ones; {@code RecordsTest} keeps bytes of each.
 */
public final class Records {
    /** The format of requests, and of pairings and devices that relays of earlier versions must be able to read. */
    public static final int FORMAT = 2;

    /** The format of devices with their opener. The first one of pairings with their opener and their last use. */
    static final int WITH_OPENER = 3;

    /** The format of pairings with the digest of their {@code secret_hash}; earlier ones have that itself. */
    static final int HASHED = 4;

    /** The first format whose requests have the states of their push notification and their webhook. */
    private static final int WITH_DELIVERY = 2;

    private static final int PENDING = 0;
    private static final int ACTIVE = 1;
    private static final int CLOSED_BY_TIME = 2;
    private static final int CLOSED_BY_GUESSES = 3;
    private static final int REVOKED = 4;

    private static final int OPEN = 0;
    private static final int RESPONDED = 1;
    private static final int EXPIRED = 2;
    private static final int CANCELLED = 3;

    /**
     * Stands before a question's digest: a nonce has at least one character. Relays of earlier versions on the same
     * store take the digest for the ciphertext of a request that has ended, of which they show no more than that.
     */
    private static final String NO_NONCE = "";

    private static final int PUSH_NONE = 0;
    private static final int PUSH_DUE = 1;
    private static final int PUSH_ACCEPTED = 2;
    private static final int PUSH_TOKEN_DEAD = 3;
    private static final int PUSH_FAILED = 4;

    private Records() {}

    /** Encodes a pairing in the newest format. */
    public static byte[] bytes(Pairing pairing) {
        return Bytes.write(HASHED, out -> {
            write(out, pairing);
            out.text(networks(pairing.opener()));
            out.optional(pairing.usedAt(), out::time);
        });
    }

    /**
     * Encodes a pairing without opener and last use, as earlier versions read it: {@link #pairing(byte[], boolean)}.
     */
    public static byte[] bare(Pairing pairing) {
        return Bytes.write(FORMAT, out -> write(out, pairing));
    }

    private static void write(Bytes.Out out, Pairing pairing) throws IOException {
        out.text(pairing.id().value());
        digest(out, pairing.token());
        digest(out, pairing.secret());
        out.time(pairing.createdAt());
        out.time(pairing.expiresAt());
        switch (pairing.state()) {
            case Pairing.Pending(int wrongSecrets) -> {
                out.tag(PENDING);
                out.number(wrongSecrets);
            }
            case Pairing.Active(DeviceId device, var payload, var pairedAt) -> {
                out.tag(ACTIVE);
                out.text(device.value());
                out.optional(payload, out::text);
                out.time(pairedAt);
            }
            case Pairing.Closed(var why, var at) -> {
                out.tag(
                        switch (why) {
                            case TIME -> CLOSED_BY_TIME;
                            case WRONG_SECRETS -> CLOSED_BY_GUESSES;
                        });
                out.time(at);
            }
            case Pairing.Revoked(var device, var at) -> {
                out.tag(REVOKED);
                out.optional(device.map(DeviceId::value), out::text);
                out.time(at);
            }
        }
    }

    /** Decodes a pairing. */
    public static Pairing pairing(byte[] bytes) {
        return pairing(bytes, false);
    }

    /**
     * Decodes a pairing that may be {@link #bare(Pairing)}.
     *
     * @param hashed whether it has the digest of its {@code secret_hash}, whatever its format says
     */
    public static Pairing pairing(byte[] bytes, boolean hashed) {
        return Bytes.read(
                bytes,
                HASHED,
                (in, format) -> new Pairing(
                        new PairId(in.text()),
                        digest(in),
                        hashed || format >= HASHED ? digest(in) : digest(in).digest(),
                        in.time(),
                        in.time(),
                        pairingState(in),
                        format >= WITH_OPENER ? opener(in.text()) : Opener.NONE,
                        format >= WITH_OPENER ? in.optional(in::time) : Optional.empty()));
    }

    private static Pairing.State pairingState(Bytes.In in) {
        int tag = in.tag();
        return switch (tag) {
            case PENDING -> new Pairing.Pending((int) in.number());
            case ACTIVE -> new Pairing.Active(new DeviceId(in.text()), in.optional(in::text), in.time());
            case CLOSED_BY_TIME -> new Pairing.Closed(Pairing.Closed.Why.TIME, in.time());
            case CLOSED_BY_GUESSES -> new Pairing.Closed(Pairing.Closed.Why.WRONG_SECRETS, in.time());
            case REVOKED -> new Pairing.Revoked(in.optional(in::text).map(DeviceId::new), in.time());
            default -> throw new CorruptRecord("a pairing of unknown state " + tag);
        };
    }

    /** Encodes a device in the newest format. */
    public static byte[] bytes(Device device) {
        return Bytes.write(WITH_OPENER, out -> {
            write(out, device);
            out.text(networks(device.opener()));
        });
    }

    /** Encodes a device without opener, as earlier versions read it. */
    public static byte[] bare(Device device) {
        return Bytes.write(FORMAT, out -> write(out, device));
    }

    private static void write(Bytes.Out out, Device device) throws IOException {
        out.text(device.id().value());
        digest(out, device.token());
        out.optional(device.pushToken(), out::text);
        out.time(device.createdAt());
        out.time(device.keptUntil());
    }

    /** The names of an opener as one text. */
    public static String networks(Opener opener) {
        return String.join(" ", opener.networks());
    }

    /** The opener of such a text. */
    public static Opener opener(String networks) {
        return networks.isEmpty() ? Opener.NONE : new Opener(List.of(networks.split(" ", -1)));
    }

    /** When the pairing was used: seconds since 1970, a full stop, nanoseconds; empty if that is unknown. */
    public static String used(Pairing pairing) {
        return pairing.usedAt()
                .map(at -> at.getEpochSecond() + "." + at.getNano())
                .orElse("");
    }

    /** The time of such a text. */
    public static Optional<Instant> used(String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            int stop = text.indexOf('.');
            long seconds = Long.parseLong(text, 0, stop, 10);
            return Optional.of(Instant.ofEpochSecond(seconds, Integer.parseInt(text, stop + 1, text.length(), 10)));
        } catch (NumberFormatException | IndexOutOfBoundsException | DateTimeException | ArithmeticException _) {
            throw new CorruptRecord("a time that is none");
        }
    }

    /** Decodes a device. */
    public static Device device(byte[] bytes) {
        return Bytes.read(
                bytes,
                WITH_OPENER,
                (in, format) -> new Device(
                        new DeviceId(in.text()),
                        digest(in),
                        in.optional(in::text),
                        in.time(),
                        in.time(),
                        format >= WITH_OPENER ? opener(in.text()) : Opener.NONE));
    }

    /** Encodes a request. */
    public static byte[] bytes(Request request) {
        return Bytes.write(FORMAT, out -> {
            out.text(request.key().pair().value());
            out.number(request.key().request().value().getMostSignificantBits());
            out.number(request.key().request().value().getLeastSignificantBits());
            out.text(request.device().value());
            switch (request.question()) {
                case Envelope(String nonce, String ciphertext) -> {
                    out.text(nonce);
                    out.text(ciphertext);
                }
                case Question.Digest(Sha256 value) -> {
                    out.text(NO_NONCE);
                    out.text(value.hex());
                }
            }
            out.time(request.createdAt());
            out.time(request.expiresAt());
            out.optional(request.deliveredAt(), out::time);
            switch (request.state()) {
                case Request.Open() -> out.tag(OPEN);
                case Request.Responded(Response answer, var at) -> {
                    out.tag(RESPONDED);
                    out.text(answer.nonce());
                    out.text(answer.ciphertext());
                    out.optional(answer.signature(), out::text);
                    out.time(at);
                }
                case Request.Expired() -> out.tag(EXPIRED);
                case Request.Cancelled(var at) -> {
                    out.tag(CANCELLED);
                    out.time(at);
                }
            }
            switch (request.push()) {
                case PushState.None _ -> out.tag(PUSH_NONE);
                case PushState.Due(var at, int failures) -> {
                    out.tag(PUSH_DUE);
                    out.time(at);
                    out.tag(failures);
                }
                case PushState.Accepted _ -> out.tag(PUSH_ACCEPTED);
                case PushState.TokenDead _ -> out.tag(PUSH_TOKEN_DEAD);
                case PushState.Failed _ -> out.tag(PUSH_FAILED);
            }
            out.optional(request.webhook(), webhook -> {
                out.text(webhook.callback().url());
                out.text(webhook.callback().secret());
                out.tag(webhook.told());
                out.tag(webhook.failures());
                out.optional(webhook.dueAt(), out::time);
            });
        });
    }

    /** Decodes a request. */
    public static Request request(byte[] bytes) {
        return Bytes.read(
                bytes,
                FORMAT,
                (in, format) -> new Request(
                        new RequestKey(new PairId(in.text()), new RequestId(new UUID(in.number(), in.number()))),
                        new DeviceId(in.text()),
                        question(in.text(), in.text()),
                        in.time(),
                        in.time(),
                        in.optional(in::time),
                        requestState(in),
                        format >= WITH_DELIVERY ? push(in) : new PushState.None(),
                        format >= WITH_DELIVERY ? in.optional(() -> webhook(in)) : Optional.empty()));
    }

    private static Question question(String nonce, String text) {
        return nonce.equals(NO_NONCE) ? new Question.Digest(digest(text)) : new Envelope(nonce, text);
    }

    private static Request.State requestState(Bytes.In in) {
        int tag = in.tag();
        return switch (tag) {
            case OPEN -> new Request.Open();
            case RESPONDED ->
                new Request.Responded(new Response(in.text(), in.text(), in.optional(in::text)), in.time());
            case EXPIRED -> new Request.Expired();
            case CANCELLED -> new Request.Cancelled(in.time());
            default -> throw new CorruptRecord("a request of unknown state " + tag);
        };
    }

    private static WebhookState webhook(Bytes.In in) {
        return new WebhookState(new Callback(in.text(), in.text()), in.tag(), in.tag(), in.optional(in::time));
    }

    private static PushState push(Bytes.In in) {
        int tag = in.tag();
        return switch (tag) {
            case PUSH_NONE -> new PushState.None();
            case PUSH_DUE -> new PushState.Due(in.time(), in.tag());
            case PUSH_ACCEPTED -> new PushState.Accepted();
            case PUSH_TOKEN_DEAD -> new PushState.TokenDead();
            case PUSH_FAILED -> new PushState.Failed();
            default -> throw new CorruptRecord("a push notification of unknown state " + tag);
        };
    }

    private static void digest(Bytes.Out out, Sha256 digest) throws IOException {
        out.bytes(digest.bytes());
    }

    private static Sha256 digest(Bytes.In in) {
        return known(Sha256.ofBytes(in.bytes()));
    }

    private static Sha256 digest(String hex) {
        return known(Sha256.parse(hex));
    }

    private static Sha256 known(Optional<Sha256> digest) {
        return digest.orElseThrow(() -> new CorruptRecord("a digest of a wrong length"));
    }
}
