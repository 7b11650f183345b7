package dev.harp.relay.crash;

import jakarta.json.Json;
import jakarta.json.JsonObject;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A request, with all that its two clients have ever tried to do to it. */
final class Asked {
    private final Pair pair;
    private final String id;
    private final String nonce;
    private final String ciphertext;
    private final int ttl;
    private final boolean ignored;
    private final Set<Claim.Response> attempted = ConcurrentHashMap.newKeySet();
    private volatile boolean withdrawing;
    private volatile OptionalLong overSince = OptionalLong.empty();

    /**
     * @param ttl seconds
     * @param ignored whether nobody will answer it
     */
    Asked(Pair pair, String id, String nonce, String ciphertext, int ttl, boolean ignored) {
        this.pair = pair;
        this.id = id;
        this.nonce = nonce;
        this.ciphertext = ciphertext;
        this.ttl = ttl;
        this.ignored = ignored;
    }

    Pair pair() {
        return pair;
    }

    String id() {
        return id;
    }

    String path() {
        return "/v1/requests/" + id;
    }

    boolean ignored() {
        return ignored;
    }

    JsonObject submission() {
        return submission(ciphertext);
    }

    /** The same id with another envelope. */
    JsonObject submission(String otherCiphertext) {
        return Json.createObjectBuilder()
                .add("request_id", id)
                .add("pair_id", pair.id())
                .add("nonce", nonce)
                .add("ciphertext", otherCiphertext)
                .add("ttl", ttl)
                .build();
    }

    /** Whether these are the bytes that were submitted. */
    boolean hasEnvelope(JsonObject item) {
        return item.getString("nonce", "").equals(nonce)
                && item.getString("ciphertext", "").equals(ciphertext);
    }

    /** Whether the phone may be shown that: the envelope while the request is open, and nothing of it afterwards. */
    boolean isShownBy(JsonObject item) {
        return switch (item.getString("state", "")) {
            case "pending", "delivered" -> hasEnvelope(item);
            default -> !item.containsKey("nonce") && !item.containsKey("ciphertext");
        };
    }

    /** The phone is about to send this response. */
    void attempting(Claim.Response response) {
        attempted.add(response);
    }

    /** Whether the phone has ever tried to give this response. */
    boolean wasAttempted(Claim.Response response) {
        return attempted.contains(response);
    }

    /** The platform is about to cancel it. */
    void withdrawing() {
        withdrawing = true;
    }

    /** Whether anybody has ever tried to end it by anything but a response. */
    boolean mayBeCancelled() {
        return withdrawing || pair.revoking().get();
    }

    /** Somebody has been told that it is over. */
    void over() {
        if (overSince.isEmpty()) {
            overSince = OptionalLong.of(System.nanoTime());
        }
    }

    /** Whether somebody had been told that it is over at this time, of {@link System#nanoTime()}. */
    boolean wasOverAt(long nanoTime) {
        OptionalLong since = overSince;
        return since.isPresent() && since.getAsLong() - nanoTime < 0;
    }

    @Override
    public String toString() {
        return id + " of " + pair.id();
    }
}
