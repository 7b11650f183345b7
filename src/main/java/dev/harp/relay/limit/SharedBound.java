package dev.harp.relay.limit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An amount that is bounded in all and for each of its holders, such as waiting calls, or bytes of memory.
 *
 * <p>Whoever takes an amount may count as several holders at once, such as a network and a wider one around it. It is
 * taken from all of them or from none.
 *
 * @param <K> a holder
 */
public final class SharedBound<K> {
    private final long most;
    private final Map<K, Long> held = new HashMap<>();
    private long total;

    /** Why an amount was taken or not. */
    public enum Outcome {
        TAKEN,
        /** All holders together have as much as there is. */
        ALL_HELD,
        /** One of the holders has as much as it may. */
        SHARE_HELD
    }

    /**
     * A holder's share.
     *
     * @param most the most that it may hold
     */
    public record Share<K>(K holder, long most) {}

    /** @param most the most that all holders together may hold */
    public SharedBound(long most) {
        this.most = most;
    }

    /** Takes the amount for each of the holders, if it fits. */
    public synchronized Outcome take(long amount, List<Share<K>> shares) {
        if (total + amount > most) {
            return Outcome.ALL_HELD;
        }
        for (Share<K> share : shares) {
            if (held(share.holder()) + amount > share.most()) {
                return Outcome.SHARE_HELD;
            }
        }
        add(amount, shares);
        return Outcome.TAKEN;
    }

    /**
     * Takes for some holders in one step what others had until now, if it fits into the shares of the former. In all
     * nothing changes, so it fits there also where nothing more does.
     */
    public synchronized Outcome passOn(long amount, List<Share<K>> from, List<Share<K>> to) {
        add(-amount, from);
        Outcome outcome = take(amount, to);
        if (outcome != Outcome.TAKEN) {
            add(amount, from);
        }
        return outcome;
    }

    /** Gives back what was taken for the holders. */
    public synchronized void release(long amount, List<Share<K>> shares) {
        add(-amount, shares);
    }

    private void add(long amount, List<Share<K>> shares) {
        total += amount;
        shares.forEach(share -> held.merge(share.holder(), amount, (before, more) -> {
            long sum = before + more;
            return sum == 0 ? null : sum;
        }));
    }

    /** How much all holders together have. */
    public synchronized long held() {
        return total;
    }

    /** How much the holder has. */
    public synchronized long held(K holder) {
        return held.getOrDefault(holder, 0L);
    }

    /** Each holder and how much it has, more than 0. */
    public synchronized Map<K, Long> holders() {
        return Map.copyOf(held);
    }
}
