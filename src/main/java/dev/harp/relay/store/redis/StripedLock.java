package dev.harp.relay.store.redis;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Serializes changes of the same record within this relay, so that only those of other relays have to be retried. */
final class StripedLock {
    private static final int STRIPES = 1024;

    private final ReentrantLock[] locks =
            Stream.generate(ReentrantLock::new).limit(STRIPES).toArray(ReentrantLock[]::new);

    <T> T locked(Object key, Supplier<T> work) {
        ReentrantLock lock = locks[Math.floorMod(key.hashCode() * 0x9e3779b9, STRIPES)];
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }
}
