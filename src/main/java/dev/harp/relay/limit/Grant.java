package dev.harp.relay.limit;

import java.time.Duration;

/**
 * What a rate limit says about one call.
 *
 * @param allowed whether the call may go on
 * @param remaining how many calls may follow at once
 * @param retryIn time until one more call is allowed than now, rounded up to whole seconds; zero if none is missing
 */
public record Grant(boolean allowed, long remaining, Duration retryIn) {}
