package dev.harp.relay.wait;

/** Why a wait has ended. */
public enum WakeReason {
    /** Something may have changed: read again. */
    SIGNALED,
    /** The time is over. */
    DEADLINE,
    /** A newer long poll has taken the place of this one: answer as if the time were over. */
    DISPLACED,
    /** The relay is shutting down. */
    DRAINING
}
