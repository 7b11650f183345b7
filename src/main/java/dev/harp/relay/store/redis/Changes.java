package dev.harp.relay.store.redis;

import dev.harp.relay.store.Change;
import dev.harp.relay.store.StoreResult;
import dev.harp.relay.store.StoreResult.Bound;
import dev.harp.relay.store.StoreUnavailable;
import dev.harp.relay.store.redis.RedisConnections.ScriptCall;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Supplier;

/** Stores what rules make of records, by the scripts that compare and set. */
record Changes(RedisConnections connections, StripedLock locks) {
    /** Stands for nothing among the arguments of a script. */
    static final String NONE = "";

    private static final int ATTEMPTS = 200;
    private static final long MAX_BACKOFF_NANOS = 20_000_000;

    /**
     * Stores what a rule has made of a record, if it has changed it.
     *
     * @param identity what the script compares: ids, stamps, bounds
     * @param fields what the script writes; a record that is removed has none
     * @return empty if another relay was faster
     */
    <T, R> Optional<StoreResult<R>> write(
            Optional<T> before,
            Change<T, R> change,
            Script script,
            List<Object> identity,
            Function<T, List<Object>> fields) {
        return same(before, change.after())
                ? Optional.of(new StoreResult.Done<>(change.result()))
                : connections
                        .eval(new ScriptCall(script, arguments(identity, newStamp(), change.after(), fields)))
                        .flatMap(reply -> result(RedisConnections.text(reply), change.result()));
    }

    /** The arguments of the script: what it compares, the new stamp, what it writes. */
    static <T> List<Object> arguments(
            List<Object> identity, String stamp, Optional<T> after, Function<T, List<Object>> fields) {
        List<Object> arguments = new ArrayList<>(identity);
        arguments.add(stamp);
        arguments.addAll(after.map(fields).orElse(List.of(NONE)));
        return arguments;
    }

    /** The result by the reply of a script; empty if another relay was faster. */
    static <R> Optional<StoreResult<R>> result(String reply, R result) {
        return switch (reply) {
            case "done" -> Optional.of(new StoreResult.Done<>(result));
            case "full" -> Optional.of(new StoreResult.Full<>(Bound.WHOLE));
            case "network" -> Optional.of(new StoreResult.Full<>(Bound.NETWORK));
            case "pairing" -> Optional.of(new StoreResult.Full<>(Bound.PAIRING));
            case "changed" -> Optional.empty();
            default -> throw new IllegalStateException("unknown reply of a script");
        };
    }

    /** Whether a rule has returned the very record that it was given. */
    @SuppressWarnings("ReferenceEquality")
    static <T> boolean same(Optional<T> before, Optional<T> after) {
        return before.orElse(null) == after.orElse(null);
    }

    static String newStamp() {
        return Long.toUnsignedString(ThreadLocalRandom.current().nextLong(), Character.MAX_RADIX);
    }

    /** Rounded up: a record that is handed out too early is kept back for a lease. */
    static String millis(Instant time) {
        return String.valueOf(time.plusNanos(999_999).toEpochMilli());
    }

    /** Repeats the attempt while other relays are faster, which a result that is empty says. */
    <T> T retried(Object key, Supplier<Optional<T>> attempt) {
        return locks.locked(key, () -> {
            for (int i = 0; i < ATTEMPTS; i++) {
                Optional<T> done = attempt.get();
                if (done.isPresent()) {
                    return done.get();
                }
                LockSupport.parkNanos(
                        ThreadLocalRandom.current().nextLong(Math.min(MAX_BACKOFF_NANOS, 50_000L << Math.min(i, 20))));
            }
            throw new StoreUnavailable("other relays change the record all the time");
        });
    }
}
