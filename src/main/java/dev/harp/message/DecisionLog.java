package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a device remembers of its answers in one pairing, so that a request has one answer whatever the relay shows it
 * again. A value: a caller stores the log that a step returns in one transaction with reading the log before it, and
 * before anything is sent.
 *
 * <p>Entries do not go by the clock, which can be set, but when a genuine question was issued 30 days after their
 * expiry. Whoever puts back a copy of an older log may answer an open question twice; the relay takes one.
 *
 * @param newestIssuedAt M: the greatest {@code issued_at} of the pairing's questions that {@link Clocks#judge} let
 *     pass; 0 at first
 * @param entries by request id
 */
public record DecisionLog(long newestIssuedAt, Map<String, Entry> entries) {
    /** How long after their expiry entries are kept, in seconds of M. */
    public static final long KEPT = 30 * 86_400L;

    public static final DecisionLog EMPTY = new DecisionLog(0, Map.of());

    /**
     * A decision.
     *
     * @param question SHA-256 of the question's plaintext
     * @param response what was or will be sent, exactly
     * @param expiresAt the question's
     */
    public record Entry(Bytes question, Envelope response, long expiresAt) {}

    /** What became of an attempt to decide. */
    public sealed interface Insertion {}

    /** The decision is the request's. Store the log, then send the entry's response. */
    public record Inserted(DecisionLog log, Entry entry) implements Insertion {}

    /** The question has a decision: that one is sent again, whatever was decided now. */
    public record Existing(Entry entry) implements Insertion {}

    /** Another question under an id that has a decision. Nothing is sent: {@code already_decided}. */
    public record OtherQuestion(Reason reason) implements Insertion {}

    public DecisionLog {
        entries = Map.copyOf(entries);
    }

    /** The log after a question has been opened: M grows if the clock lets the question pass, and old entries go. */
    public DecisionLog observe(ReceivedQuestion question, long now) {
        if (Clocks.judge(now, question.issuedAt(), question.expiresAt()).isPresent()
                || question.issuedAt() <= newestIssuedAt) {
            return this;
        }
        long newest = question.issuedAt();
        Map<String, Entry> kept = new LinkedHashMap<>(entries);
        kept.values().removeIf(entry -> newest > entry.expiresAt() + KEPT);
        return new DecisionLog(newest, kept);
    }

    /**
     * Whether the decision may be made now.
     *
     * @return nothing if it may; {@code question_times}, {@code issued_in_future} or {@code expired}; or
     *     {@code clock_behind} for a decision that consents while the clock is behind M
     */
    public Optional<Reason> judge(ReceivedQuestion question, Decision decision, long now) {
        Optional<Reason> times = Clocks.judge(now, question.issuedAt(), question.expiresAt());
        boolean consents = decision == Decision.APPROVED || decision == Decision.ANSWERED;
        if (times.isEmpty() && consents && Clocks.isBehind(now, newestIssuedAt)) {
            return Optional.of(Reason.CLOCK_BEHIND);
        }
        return times;
    }

    /** Inserts the decision if its request has none. */
    public Insertion insert(String requestId, Entry entry) {
        Entry existing = entries.get(requestId);
        if (existing == null) {
            return new Inserted(with(requestId, entry), entry);
        }
        return existing.question().equals(entry.question())
                ? new Existing(existing)
                : new OtherQuestion(Reason.ALREADY_DECIDED);
    }

    DecisionLog with(String requestId, Entry entry) {
        Map<String, Entry> more = new LinkedHashMap<>(entries);
        more.put(requestId, entry);
        return new DecisionLog(newestIssuedAt, more);
    }

    public Members toJson() {
        List<Members> list = entries.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(item -> JsonTree.object()
                        .add("request_id", item.getKey())
                        .add("question", item.getValue().question().base64())
                        .add("nonce", item.getValue().response().nonce())
                        .add("ciphertext", item.getValue().response().ciphertext())
                        .add("expires_at", item.getValue().expiresAt())
                        .build())
                .toList();
        return JsonTree.object()
                .add("v", 1)
                .add("newest_issued_at", newestIssuedAt)
                .add("entries", list)
                .build();
    }

    /** Reads what {@link #toJson} wrote. */
    public static Checked<DecisionLog> fromJson(Members members) {
        return Checked.of(() -> {
            MemberReader json = new MemberReader(members, Reason.JSON_FORM);
            json.unless(json.whole("v") == 1);
            long newest = json.whole("newest_issued_at");
            Map<String, Entry> entries = new LinkedHashMap<>();
            for (JsonTree tree : json.items("entries")) {
                MemberReader item = MemberReader.of(tree, Reason.JSON_FORM);
                Entry entry = new Entry(item.bytes("question"), Envelope.fromJson(item), item.whole("expires_at"));
                entries.put(item.text("request_id"), entry);
                item.nothingElse();
            }
            json.nothingElse();
            return new DecisionLog(newest, entries);
        });
    }
}
