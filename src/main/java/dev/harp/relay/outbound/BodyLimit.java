package dev.harp.relay.outbound;

/**
 * How much of an answer's body is read.
 *
 * @param bytes the bound
 * @param whole whether a longer body is an error; otherwise only its beginning is read
 */
public record BodyLimit(int bytes, boolean whole) {
    /** The body is not read. */
    public static final BodyLimit NONE = new BodyLimit(0, false);
}
