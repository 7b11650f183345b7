package dev.harp.relay.store.redis;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Those who change the same record at this relay take turns, rather than race and repeat: races are left for other relays. */
final class StripedLock {
    private static final int LOCKS = 1024;

    private final ReentrantLock[] locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(ReentrantLock[]::new);

    <T> T take(Object key, Supplier<T> work) {
        ReentrantLock lock = locks[Math.floorMod(key.hashCode() * 0x9e3779b9, LOCKS)];
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
