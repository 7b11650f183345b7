package dev.harp.relay.crash;

import dev.harp.relay.crash.PatientClient.Reply;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads everything back that clients were told, as those clients, and holds it against their ledger. Each claim is
 * found, missing or contradicted. Beyond the claims, nothing may be there that nobody has asked for: a response that
 * the phone never sent, a cancellation that nobody wanted, an end by time that has not come, a request still open after
 * its time.
 */
final class Audit {
    private static final int AT_A_TIME = 16;

    private final ClientLedger lifecycle;
    private final Reading relay;
    private final InstantSource clock;
    private final List<String> missing = Collections.synchronizedList(new ArrayList<>());
    private final List<String> contradicted = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong found = new AtomicLong();

    /** How to read. */
    @FunctionalInterface
    interface Reading {
        Reply get(String path, String token) throws IOException, InterruptedException;
    }

    private interface Step {
        void run() throws IOException, InterruptedException;
    }

    private Audit(ClientLedger lifecycle, Reading relay, InstantSource clock) {
        this.lifecycle = lifecycle;
        this.relay = relay;
        this.clock = clock;
    }

    /** @param unknown how many calls of these clients got no answer that says whether they were done */
    static Findings of(ClientLedger lifecycle, Reading relay, InstantSource clock, long unknown)
            throws InterruptedException {
        Audit audit = new Audit(lifecycle, relay, clock);
        audit.contradicted.addAll(lifecycle.contradicted());
        List<Step> steps = new ArrayList<>();
        lifecycle.pairs().forEach((pair, claims) -> steps.add(() -> audit.check(pair, claims)));
        lifecycle.requests().forEach(asked -> steps.add(() -> audit.check(asked)));
        // Last: a list may make a request delivered.
        run(steps);
        run(lifecycle.phones().entrySet().stream()
                .map(each -> (Step) () -> audit.check(each.getKey(), each.getValue()))
                .toList());
        if (audit.missing.isEmpty()) {
            // There again by now, but not when a client needed it.
            audit.missing.addAll(lifecycle.missing());
        }
        return new Findings(
                audit.acknowledged.get(),
                audit.found.get(),
                List.copyOf(audit.missing),
                List.copyOf(audit.contradicted),
                unknown);
    }

    private static void run(List<Step> steps) throws InterruptedException {
        Semaphore turns = new Semaphore(AT_A_TIME);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (Step step : steps) {
                all.add(threads.submit(() -> {
                    turns.acquire();
                    try {
                        step.run();
                    } finally {
                        turns.release();
                    }
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the audit has failed", e);
        }
    }

    private void check(Phone phone, Collection<Claim> claims) throws IOException, InterruptedException {
        Reply list = relay.get("/v1/devices/" + phone.id() + "/requests", phone.token());
        claims.forEach(claim -> weigh(phone + " " + claim, list, 200, true));
        for (JsonValue each :
                list.body().getOrDefault("requests", JsonValue.EMPTY_JSON_ARRAY).asJsonArray()) {
            String id = each.asJsonObject().getString("request_id");
            if (lifecycle
                    .asked(id)
                    .filter(asked -> asked.wasOverAt(System.nanoTime()))
                    .isPresent()) {
                contradicted.add(id + " is over, and yet listed as open: " + each);
            }
        }
    }

    private void check(Pair pair, Queue<Claim> claims) throws IOException, InterruptedException {
        Reply read = relay.get("/v1/pairs/" + pair.id(), pair.token());
        boolean revoked = read.is(410, "pair_revoked");
        boolean wasRevoked = claims.contains(new Claim.Revoked());
        for (Claim claim : claims) {
            String what = pair.id() + " " + claim;
            if (revoked && pair.revoking().get()) {
                weigh(what, read, 410, true);
            } else if (claim instanceof Claim.Joined) {
                weigh(what, read, 200, !wasRevoked && isJoined(pair, read.body()));
            } else {
                weigh(what, read, 200, !wasRevoked);
            }
        }
    }

    private static boolean isJoined(Pair pair, JsonObject body) {
        return body.getString("status", "").equals("active")
                && body.getString("device_id", "").equals(pair.phone().id())
                && body.getString("payload", "").equals(pair.payload());
    }

    private void check(Asked asked) throws IOException, InterruptedException {
        Instant before = clock.instant();
        Reply timeline = relay.get(asked.path(), asked.pair().token());
        Instant after = clock.instant();
        for (Claim claim : lifecycle.claims(asked)) {
            weigh(asked + " " + claim, timeline, 200, holds(claim, timeline.body()));
        }
        if (!timeline.is(200)) {
            return;
        }
        if (!isPossible(asked, timeline.body(), before, after)) {
            contradicted.add(asked + " cannot be so: " + timeline.body());
        }
        Reply item = relay.get(asked.path(), asked.pair().phone().token());
        boolean same = item.is(200)
                && asked.isShownBy(item.body())
                && (isOpen(timeline.body()) || item.text("state").equals(timeline.text("state")));
        if (!same) {
            contradicted.add(asked + " is something else for its phone: " + item);
        }
    }

    private static boolean isOpen(JsonObject timeline) {
        return switch (timeline.getString("state", "")) {
            case "pending", "delivered" -> true;
            default -> false;
        };
    }

    private static boolean holds(Claim claim, JsonObject timeline) {
        return switch (claim) {
            case Claim.Taken(long expiresAt) -> timeline.getInt("expires_at", -1) == expiresAt;
            case Claim.Delivered _ -> timeline.containsKey("delivered_at");
            case Claim.Responded(Claim.Response response) ->
                timeline.getString("state", "").equals("responded") && response.equals(response(timeline));
            case Claim.Ended(String state) -> timeline.getString("state", "").equals(state);
            case Claim.Seen(JsonObject seen) -> timeline.equals(seen);
            case Claim.Registered _, Claim.Opened _, Claim.Joined _, Claim.Revoked _ -> false;
        };
    }

    /** Whether anybody has done what would make it so. Times are shown in whole seconds, rounded down. */
    private static boolean isPossible(Asked asked, JsonObject timeline, Instant before, Instant after) {
        Instant shown = Instant.ofEpochSecond(timeline.getInt("expires_at"));
        return switch (timeline.getString("state")) {
            case "pending", "delivered" -> before.isBefore(shown.plusSeconds(1));
            case "expired" -> !after.isBefore(shown);
            case "cancelled" -> asked.mayBeCancelled();
            case "responded" -> asked.wasAttempted(response(timeline));
            default -> false;
        };
    }

    static Claim.Response response(JsonObject timeline) {
        JsonObject response =
                timeline.getOrDefault("response", JsonValue.EMPTY_JSON_OBJECT).asJsonObject();
        return new Claim.Response(
                response.getString("nonce", ""),
                response.getString("ciphertext", ""),
                response.getString("signature", ""));
    }

    /** Counts one claim, for which {@code wanted} is the answer if the relay knows the thing at all. */
    private void weigh(String claim, Reply reply, int wanted, boolean holds) {
        acknowledged.incrementAndGet();
        if (reply.is(wanted) && holds) {
            found.incrementAndGet();
        } else if (reply.is(401)) {
            missing.add(claim);
        } else {
            contradicted.add(claim + ": " + reply.kind() + " " + reply.body());
        }
    }
}
