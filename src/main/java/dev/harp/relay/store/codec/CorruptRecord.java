package dev.harp.relay.store.codec;

/** Bytes that are no record: damaged, cut off, or of a format that this version does not know. */
public final class CorruptRecord extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With what is wrong; never with what the bytes hold. */
    CorruptRecord(String message) {
        super(message);
    }
}
