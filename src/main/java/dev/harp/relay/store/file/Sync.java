package dev.harp.relay.store.file;

/** When what was written is forced to the disk ({@code FSYNC}). */
public enum Sync {
    /** Before it is acknowledged: a power cut loses nothing that anybody was told of. */
    ALWAYS,
    /**
     * Once a second: a power cut may lose what was acknowledged in the last second or so, the end of the process
     * nothing.
     */
    INTERVAL
}
