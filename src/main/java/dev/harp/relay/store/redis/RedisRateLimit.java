package dev.harp.relay.store.redis;

import dev.harp.relay.limit.Deadlines;
import dev.harp.relay.limit.Gcra;
import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.limit.Toll;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.store.redis.RedisConnections.ScriptCall;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A limit that all relays on one Redis keep together. Each key expires by itself some seconds after its bucket is full
 * again.
 *
 * <p>The life of a key is reckoned from the clock of the relay that wrote it. So a relay's clock that was fast and is
 * set right keeps a client out for little more than a minute at most, not for the difference.
 *
 * <p>The names of keys are digests, so that a list of the keys is not a list of the clients' addresses. They do not
 * hide an address from somebody who tries all addresses.
 *
 * @param <K> what calls are counted by; its text tells it from all others
 */
final class RedisRateLimit<K> extends RateLimit<K> {
    private static final Duration SPARE = Duration.ofSeconds(10);
    private static final int DIGITS = 32;
    private static final int REFUSALS = 4096;

    private final RedisConnections connections;
    private final String scope;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /** Until when a key is refused without asking Redis: other relays can only have taken more. */
    private final Deadlines<String> refusals = new Deadlines<>(REFUSALS);

    /**
     * A limit.
     *
     * @param scope tells this limit's keys from another's
     * @param perMinute how many calls; 0 is no limit
     * @param clock the wall clock, which the relays must have in common to a second or so
     * @param nanoTime a monotonic clock in nanoseconds
     */
    RedisRateLimit(
            RedisConnections connections, String scope, int perMinute, InstantSource clock, LongSupplier nanoTime) {
        super(perMinute, TimeUnit.SECONDS.toMicros(1));
        this.connections = connections;
        this.scope = scope;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    @Override
    protected Gcra.Decision decide(K key, int calls) {
        return new Taking(key, calls).decision();
    }

    @Override
    protected Toll tollOf(K key) {
        return new Taking(key, 1);
    }

    /** Calls that are to be taken from the limit of a key. */
    final class Taking implements Toll {
        private final String name;
        private final int calls;

        private Taking(K key, int calls) {
            this.name = Keys.limit(scope, Sha256.of(scope + " " + key).hex().substring(0, DIGITS));
            this.calls = calls;
        }

        @Override
        public Grant take() {
            return counted(decision());
        }

        private Gcra.Decision decision() {
            return refused()
                    .orElseGet(() -> decided(connections
                            .eval(new ScriptCall(Script.LIMIT, arguments()))
                            .orElseThrow()));
        }

        /** The refusal that is certain without asking Redis. */
        Optional<Gcra.Decision> refused() {
            long left = refusals.left(name, nanoTime.getAsLong());
            long wait = Math.ceilDiv(left, TimeUnit.MICROSECONDS.toNanos(1));
            return left > 0
                    ? Optional.of(gcra.take(gcra.capacity() - gcra.interval() + wait, calls))
                    : Optional.empty();
        }

        /**
         * The grant by the reply of a script that has got the arguments.
         *
         * @param ahead how far the limit was ahead of the clock before
         * @param taken whether the script has taken the calls, if the limit allows them
         */
        Grant granted(Object ahead, boolean taken) {
            Gcra.Decision decision = decided(ahead);
            return taken || !decision.allowed() ? counted(decision) : counted(gcra.take((Long) ahead, 0));
        }

        /** What a script needs to take the calls: key, clock, cost, capacity, spare. */
        List<Object> arguments() {
            return List.of(
                    name,
                    TimeUnit.MILLISECONDS.toMicros(clock.millis()),
                    calls * gcra.interval(),
                    gcra.capacity(),
                    SPARE.toMillis());
        }

        private Gcra.Decision decided(Object ahead) {
            Gcra.Decision decision = gcra.take((Long) ahead, calls);
            if (!decision.allowed()) {
                long now = nanoTime.getAsLong();
                refusals.set(name, now + TimeUnit.MICROSECONDS.toNanos(decision.delay()), now);
            }
            return decision;
        }
    }
}
