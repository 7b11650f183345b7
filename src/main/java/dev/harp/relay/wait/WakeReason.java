package dev.harp.relay.wait;

/** Why a wait has ended. */
public enum WakeReason {
    /** Something may have changed: read again. */
    RUNG,
    /** The time is over. */
    TIME,
    /** A newer long poll has taken the place of this one: answer as if the time were over. */
    DISPLACED,
    /** The relay is shutting down. */
    DRAINING
}
