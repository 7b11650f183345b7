package dev.harp.relay.wait;

/** Why a wait has ended. */
public enum WakeReason {
    /** Something may have changed: read again. */
    SIGNALED,
    /** The deadline has passed. */
    DEADLINE,
    /** A newer call has taken this one's place: answer as if the deadline had passed. */
    DISPLACED,
    /** The client has gone: nobody reads an answer. */
    GONE,
    /** The relay is shutting down. */
    DRAINING
}
