package dev.harp.client;

import dev.harp.message.DecisionLog;
import dev.harp.message.DevicePairing;
import dev.harp.message.Reason;
import dev.harp.message.ReceivedQuestion;
import java.util.List;
import java.util.Optional;

/**
 * What a device has to show, or what has changed of it.
 *
 * @param cards questions, oldest first; one may come twice
 * @param withdrawn ids of requests whose cards go
 * @param unreadable requests of which nothing is shown
 * @param cursor for the next read
 * @param reset whether every card that is not among {@code cards} goes
 */
public record Inbox(
        List<Card> cards, List<String> withdrawn, List<Unreadable> unreadable, String cursor, boolean reset) {

    /**
     * A question that the platform of the pairing has written.
     *
     * @param notNow why it cannot be decided now, by the device's own clock: expired, from the future, a clock that is
     *     behind; empty if it can
     * @param decided the decision that the device has made already
     */
    public record Card(
            DevicePairing pairing,
            ReceivedQuestion question,
            Optional<Reason> notNow,
            Optional<DecisionLog.Entry> decided) {
        public String requestId() {
            return question.requestId();
        }
    }

    /**
     * Something that no platform of this device has written, or of a pairing that the device does not have.
     *
     * @param requestId a UUIDv7 in lower case: the one thing that is shown of it must not be free text of the relay's
     * @param reason why; {@code wrong_pairing} if there is no such pairing
     */
    public record Unreadable(String requestId, Reason reason) {
        public Unreadable {
            if (!RequestIds.isId(requestId)) {
                throw new IllegalArgumentException("no request id");
            }
        }
    }

    public Inbox {
        cards = List.copyOf(cards);
        withdrawn = List.copyOf(withdrawn);
        unreadable = List.copyOf(unreadable);
    }
}
