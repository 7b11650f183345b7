package dev.harp.relay.push;

import dev.harp.json.Json;
import dev.harp.relay.outbound.HttpAnswer;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.protocol.DeviceId;
import jakarta.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Asks Expo for the receipts of the notifications that it has accepted: often it learns only when it passes one on that
 * a token is invalid.
 *
 * <p>A receipt is fetched 15 minutes after its ticket, as Expo advises. If it is missing, it is fetched again after a
 * time that doubles, six times within the day for which Expo keeps it. The number of pending receipts is bounded. When
 * the bound is reached, new ones are dropped: dropping the oldest instead would, at a high rate, mean that none is ever
 * fetched. Nothing survives a restart. Both are harmless: once Expo knows that a token is invalid, the next ticket for
 * it says so.
 */
final class ExpoReceipts {
    /** From the ticket to the first fetch of its receipt. */
    static final Duration FIRST = Duration.ofMinutes(15);

    /** How many are fetched in one call. The documented bound is 1000; Expo's own client uses this one. */
    static final int CALL = 300;

    private static final int ASKED_AT_MOST = 6;
    private static final Duration NAP = Duration.ofMinutes(1);

    private final int most;
    private final LongSupplier nanoTime;
    private final Timer timer;
    private final Function<byte[], Post.Result> call;
    private final BooleanSupplier providerWell;
    private final InvalidTokenListener invalidTokens;
    private final Runnable onCredentials;
    private final PriorityQueue<Pending> pending;
    private boolean armed;
    private boolean closed;

    private record Pending(String id, DeviceId device, String token, int asked, long due) {}

    /**
     * Expects no receipts yet.
     *
     * @param most how many are expected at most
     * @param call posts a body to {@code /getReceipts}
     * @param providerWell false while there is no point in a call
     * @param invalidTokens is told of tokens that receipts report as invalid
     * @param onCredentials is run when the credentials are refused that the app's owner has deposited with Expo
     */
    ExpoReceipts(
            int most,
            LongSupplier nanoTime,
            Timer timer,
            Function<byte[], Post.Result> call,
            BooleanSupplier providerWell,
            InvalidTokenListener invalidTokens,
            Runnable onCredentials) {
        this.most = most;
        this.nanoTime = nanoTime;
        this.timer = timer;
        this.call = call;
        this.providerWell = providerWell;
        this.invalidTokens = invalidTokens;
        this.onCredentials = onCredentials;
        long begin = nanoTime.getAsLong();
        this.pending = new PriorityQueue<>(Comparator.comparingLong(receipt -> receipt.due() - begin));
    }

    synchronized void expect(String id, PushNotification wake) {
        if (!closed && pending.size() < most) {
            pending.add(new Pending(id, wake.device(), wake.token(), 0, nanoTime.getAsLong() + FIRST.toNanos()));
            arm(NAP);
        }
    }

    /** Runs once a minute, so that receipts that are due at about the same time share a call. */
    private void arm(Duration delay) {
        if (!armed && !closed && !pending.isEmpty()) {
            armed = true;
            timer.after(delay, this::ask);
        }
    }

    private void ask() {
        List<Pending> due = due();
        try {
            if (!due.isEmpty()) {
                List<Pending> missing = providerWell.getAsBoolean() ? answered(due) : due;
                missing.forEach(this::putOff);
            }
        } finally {
            synchronized (this) {
                armed = false;
                arm(due.size() == CALL ? Duration.ZERO : NAP);
            }
        }
    }

    private synchronized List<Pending> due() {
        List<Pending> due = new ArrayList<>();
        long now = nanoTime.getAsLong();
        while (due.size() < CALL && !pending.isEmpty() && pending.element().due() - now <= 0) {
            due.add(pending.remove());
        }
        return due;
    }

    /** Fetches the receipts, and returns those that are missing. */
    private List<Pending> answered(List<Pending> due) {
        byte[] body = Json.bytes(json -> {
            json.writeStartObject().writeStartArray("ids");
            due.forEach(receipt -> json.write(receipt.id()));
            json.writeEnd().writeEnd();
        });
        Optional<JsonObject> data = call.apply(body) instanceof HttpAnswer answer && answer.ok()
                ? Json.tryObject(answer.body()).flatMap(object -> Json.object(object, "data"))
                : Optional.empty();
        List<Pending> missing = new ArrayList<>();
        for (Pending each : due) {
            Optional<JsonObject> receipt = data.flatMap(receipts -> Json.object(receipts, each.id()));
            receipt.ifPresentOrElse(present -> heard(each, present), () -> missing.add(each));
        }
        return missing;
    }

    private void heard(Pending of, JsonObject receipt) {
        ExpoAnswer.error(receipt).ifPresent(error -> {
            if (error.equals("DeviceNotRegistered")) {
                invalidTokens.dead(of.device(), of.token());
            } else if (ExpoAnswer.CREDENTIALS.contains(error)) {
                onCredentials.run();
            }
        });
    }

    private synchronized void putOff(Pending receipt) {
        int asked = receipt.asked() + 1;
        if (!closed && asked < ASKED_AT_MOST) {
            long later = nanoTime.getAsLong() + (FIRST.toNanos() << asked);
            pending.add(new Pending(receipt.id(), receipt.device(), receipt.token(), asked, later));
        }
    }

    synchronized int pending() {
        return pending.size();
    }

    synchronized void close() {
        closed = true;
        pending.clear();
    }
}
