package dev.harp.relay.limit;

/**
 * So many calls a minute for each key: a token bucket that holds a minute's worth and refills evenly.
 *
 * @param <K> what is counted by
 */
public interface RateLimit<K> {

    /** How many calls a minute; 0 is no limit. */
    int perMinute();

    /** Whether there is a limit at all. */
    default boolean on() {
        return perMinute() > 0;
    }

    /** How many calls this process has refused, because they found their bucket empty. */
    long refused();

    /** Takes one call from the key's bucket, if the bucket has one. */
    Grant take(K key);

    /** What the key's bucket says, without taking anything. */
    Grant look(K key);
}
