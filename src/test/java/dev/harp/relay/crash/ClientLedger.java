package dev.harp.relay.crash;

import dev.harp.testing.RequestIds;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * What the clients of a relay were told, in their own words: the claims that the relay's answers amount to. What was
 * sent without an answer is no claim. It only widens what may be true: a cancellation that got lost may have happened
 * or not.
 *
 * <p>What no honest relay could say even now, such as two responses to one request, is written down at once. The rest
 * is for the {@link Audit}.
 */
final class ClientLedger {
    private final Map<Phone, Queue<Claim>> phones = new ConcurrentHashMap<>();
    private final Map<Pair, Queue<Claim>> pairs = new ConcurrentHashMap<>();
    private final Map<Asked, Queue<Claim>> requests = new ConcurrentHashMap<>();
    private final Map<String, Asked> byId = new ConcurrentHashMap<>();
    private final Queue<String> missing = new ConcurrentLinkedQueue<>();
    private final Queue<String> contradicted = new ConcurrentLinkedQueue<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private long acknowledged;

    void claim(Phone phone, Claim claim) {
        add(phones, phone, claim);
    }

    void claim(Pair pair, Claim claim) {
        add(pairs, pair, claim);
    }

    void claim(Asked asked, Claim claim) {
        if (claim instanceof Claim.Responded || claim instanceof Claim.Ended || claim instanceof Claim.Seen) {
            asked.over();
        }
        add(requests, asked, claim);
    }

    private <T> void add(Map<T, Queue<Claim>> claims, T subject, Claim claim) {
        claims.computeIfAbsent(subject, _ -> new ConcurrentLinkedQueue<>()).add(claim);
        lock.lock();
        try {
            acknowledged++;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A new request, before it is sent. */
    Asked asking(Pair pair, String nonce, String ciphertext, int ttl, boolean ignored) {
        Asked asked = new Asked(pair, RequestIds.now(), nonce, ciphertext, ttl, ignored);
        byId.put(asked.id(), asked);
        return asked;
    }

    Optional<Asked> asked(String id) {
        return Optional.ofNullable(byId.get(id));
    }

    /** A client has found that something acknowledged is not there. */
    void missing(String what) {
        missing.add(what);
    }

    /** A client was told what contradicts what clients were told before, or what they did. */
    void contradicted(String what) {
        contradicted.add(what);
    }

    /** How many claims there are. */
    long acknowledged() {
        lock.lock();
        try {
            return acknowledged;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until there are this many more claims.
     *
     * @param hopeless whether no more will come
     * @return whether there are
     */
    boolean awaitMore(long count, BooleanSupplier hopeless) throws InterruptedException {
        lock.lock();
        try {
            long target = acknowledged + count;
            while (acknowledged < target) {
                if (hopeless.getAsBoolean()) {
                    return false;
                }
                var _ = more.await(100, TimeUnit.MILLISECONDS);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    Map<Phone, Queue<Claim>> phones() {
        return phones;
    }

    Map<Pair, Queue<Claim>> pairs() {
        return pairs;
    }

    Collection<Asked> requests() {
        return byId.values();
    }

    Collection<Claim> claims(Asked asked) {
        return requests.getOrDefault(asked, new ConcurrentLinkedQueue<>());
    }

    /** What clients have found missing while they worked. */
    List<String> missing() {
        return List.copyOf(missing);
    }

    /** What clients have found contradicted while they worked. */
    List<String> contradicted() {
        return List.copyOf(contradicted);
    }
}
