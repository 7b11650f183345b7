package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * One question on its way, and its end.
 *
 * @param key its name
 * @param device whom it asks
 * @param envelope the question
 * @param createdAt when the relay took it
 * @param expiresAt when it ends unless it has ended before
 * @param deliveredAt when the device first read it, if it has
 * @param state where it stands
 * @param push how far its device has been woken for it
 * @param webhook where its platform is told of it, and how far that has come; empty if it has not asked
 */
public record Request(
        RequestKey key,
        DeviceId device,
        Envelope envelope,
        Instant createdAt,
        Instant expiresAt,
        Optional<Instant> deliveredAt,
        State state,
        PushState push,
        Optional<WebhookState> webhook) {

    /** Where a request stands. All but {@link Open} are final. */
    public sealed interface State {}

    /** Not over: {@code pending} until the device has read it, {@code delivered} from then on. */
    public record Open() implements State {}

    /**
     * The device has answered.
     *
     * @param answer its answer
     * @param at when the relay took it
     */
    public record Responded(Response answer, Instant at) implements State {}

    /** Its time ran out. That is nobody's denial. */
    public record Expired() implements State {}

    /**
     * The platform withdrew it, or the pairing was revoked.
     *
     * @param at when
     */
    public record Cancelled(Instant at) implements State {}

    /** A request that the relay has just taken. */
    public static Request submitted(
            RequestKey key, DeviceId device, Envelope envelope, Instant createdAt, Instant expiresAt) {
        return new Request(
                key,
                device,
                envelope,
                createdAt,
                expiresAt,
                Optional.empty(),
                new Open(),
                new PushState.None(),
                Optional.empty());
    }

    /** The same request, whose platform is to be told of it. */
    Request calling(Callback callback) {
        return webhook(WebhookState.of(callback));
    }

    Request webhook(WebhookState next) {
        return new Request(key, device, envelope, createdAt, expiresAt, deliveredAt, state, push, Optional.of(next));
    }

    Request push(PushState next) {
        return new Request(key, device, envelope, createdAt, expiresAt, deliveredAt, state, next, webhook);
    }

    Request withoutTelling() {
        return new Request(key, device, envelope, createdAt, expiresAt, deliveredAt, state, push, Optional.empty());
    }

    /** Whether it can still be answered, as far as this record says. */
    public boolean open() {
        return state instanceof Open;
    }

    /** The state's name on the wire. */
    public String stateName() {
        return switch (state) {
            case Open _ -> deliveredAt.isPresent() ? "delivered" : "pending";
            case Responded _ -> "responded";
            case Expired _ -> "expired";
            case Cancelled _ -> "cancelled";
        };
    }

    /** The same request in another state. */
    Request in(State next) {
        return new Request(key, device, envelope, createdAt, expiresAt, deliveredAt, next, push, webhook);
    }

    /** The same request, read by the device at the given time unless it was before. */
    Request delivered(Instant at) {
        return deliveredAt.isPresent()
                ? this
                : new Request(key, device, envelope, createdAt, expiresAt, Optional.of(at), state, push, webhook);
    }
}
