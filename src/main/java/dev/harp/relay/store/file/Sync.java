package dev.harp.relay.store.file;

/** When a change is forced to the disk ({@code FSYNC}). */
public enum Sync {
    /** Before it is acknowledged. A power cut loses nothing that was acknowledged. */
    ALWAYS,
    /**
     * Once a second. A power cut may lose what was acknowledged in the last second or so; the end of the process loses
     * nothing.
     */
    INTERVAL
}
