package dev.harp.relay.store.codec;

/** Bytes that cannot be decoded: damaged, cut off, or of a format that this version does not know. */
public final class CorruptRecord extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** @param message what is wrong, without any content of the record */
    CorruptRecord(String message) {
        super(message);
    }
}
