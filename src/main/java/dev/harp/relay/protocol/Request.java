package dev.harp.relay.protocol;

import java.time.Instant;
import java.util.Optional;

/**
 * A request for approval.
 *
 * @param question the envelope while the request is open, its digest once it has ended; the envelope also of one that
 *     an earlier version of the relay has ended
 * @param createdAt when the relay accepted it
 * @param expiresAt when it expires if it has not ended before
 * @param deliveredAt when the device first read it, if it has
 * @param push the progress of its push notification
 * @param webhook the progress of its webhooks; empty if the platform has asked for none
 */
public record Request(
        RequestKey key,
        DeviceId device,
        Question question,
        Instant createdAt,
        Instant expiresAt,
        Optional<Instant> deliveredAt,
        State state,
        PushState push,
        Optional<WebhookState> webhook) {

    /** The state of a request. All but {@link Open} are final. */
    public sealed interface State {}

    /** Not ended: {@code pending} until the device has read it, {@code delivered} from then on. */
    public record Open() implements State {}

    /**
     * The device has responded.
     *
     * @param at when the relay accepted the response
     */
    public record Responded(Response answer, Instant at) implements State {}

    /** Its time has run out. This is not a denial. */
    public record Expired() implements State {}

    /** The platform has cancelled it, or the pairing was revoked. */
    public record Cancelled(Instant at) implements State {}

    /** A new request. */
    public static Request submitted(
            RequestKey key, DeviceId device, Envelope question, Instant createdAt, Instant expiresAt) {
        return new Request(
                key,
                device,
                question,
                createdAt,
                expiresAt,
                Optional.empty(),
                new Open(),
                new PushState.None(),
                Optional.empty());
    }

    Request withWebhook(Optional<WebhookState> next) {
        return new Request(key, device, question, createdAt, expiresAt, deliveredAt, state, push, next);
    }

    Request withPush(PushState next) {
        return new Request(key, device, question, createdAt, expiresAt, deliveredAt, state, next, webhook);
    }

    /** Whether the stored state is open. The request may have expired since. */
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

    /** The envelope, if it is still kept. */
    public Optional<Envelope> envelope() {
        return question instanceof Envelope envelope ? Optional.of(envelope) : Optional.empty();
    }

    /** The request after its end, without its envelope. */
    Request ended(State next) {
        Question digest = envelope().<Question>map(Question.Digest::of).orElse(question);
        return new Request(key, device, digest, createdAt, expiresAt, deliveredAt, next, push, webhook);
    }

    /** The request, delivered at the given time unless it was before. */
    Request delivered(Instant at) {
        return deliveredAt.isPresent()
                ? this
                : new Request(key, device, question, createdAt, expiresAt, Optional.of(at), state, push, webhook);
    }
}
