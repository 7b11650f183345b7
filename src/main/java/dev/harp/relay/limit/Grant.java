package dev.harp.relay.limit;

import java.time.Duration;

/**
 * What a rate limit says about one call.
 *
 * @param perMinute how many calls a minute the limit allows; 0 is no limit
 * @param allowed whether the call may proceed
 * @param remaining how many further calls may follow at once
 * @param retryIn time until one more call is allowed than now, rounded up to whole seconds; zero if the full number is
 */
public record Grant(int perMinute, boolean allowed, long remaining, Duration retryIn) {
    /** The grant of a limit that is off. */
    static final Grant UNLIMITED = new Grant(0, true, Long.MAX_VALUE, Duration.ZERO);
}
