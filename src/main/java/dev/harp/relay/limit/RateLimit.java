package dev.harp.relay.limit;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/**
 * A number of calls a minute for each key, by {@link Gcra}. A subclass keeps the state of each key.
 *
 * @param <K> what calls are counted by
 */
public abstract class RateLimit<K> {
    private static final long MINUTE = 60;

    /** The algorithm, in units of the subclass's clock. */
    protected final Gcra gcra;

    private final int perMinute;
    private final long second;
    private final LongAdder refused = new LongAdder();

    /**
     * @param perMinute how many calls a minute; 0 is no limit
     * @param second how many units of the subclass's clock a second has
     */
    protected RateLimit(int perMinute, long second) {
        this.perMinute = perMinute;
        this.second = second;
        this.gcra = Gcra.perMinute(perMinute, MINUTE * second);
    }

    /** How many calls a minute; 0 is no limit. */
    public final int perMinute() {
        return perMinute;
    }

    /** How many calls this process has refused. */
    public final long refused() {
        return refused.sum();
    }

    /** Takes one call, if the limit allows it. */
    public final Grant take(K key) {
        return toll(key).take();
    }

    /** One call that is to be taken. A store that keeps the limit can do so together with something else. */
    public final Toll toll(K key) {
        return perMinute == 0 ? Toll.FREE : tollOf(key);
    }

    /** The same. Called only if there is a limit. */
    protected Toll tollOf(K key) {
        return () -> counted(decide(key, 1));
    }

    /** The grant for a call that was to be taken. */
    protected final Grant counted(Gcra.Decision decision) {
        if (!decision.allowed()) {
            refused.increment();
        }
        return grant(decision);
    }

    /**
     * The grant for a call that does not count and takes nothing: {@code remaining} and {@code retryIn} say how the key
     * stands.
     */
    public final Grant look(K key) {
        return perMinute == 0 ? Grant.UNLIMITED : grant(decide(key, 0));
    }

    private Grant grant(Gcra.Decision decision) {
        return new Grant(
                perMinute,
                decision.allowed(),
                gcra.remaining(decision.ahead()),
                Duration.ofSeconds(Math.ceilDiv(gcra.untilNext(decision.ahead()), second)));
    }

    /**
     * Applies {@link Gcra#take} to the state of the key. Called only if there is a limit.
     *
     * @param calls how many to take, 0 or 1
     */
    protected abstract Gcra.Decision decide(K key, int calls);
}
