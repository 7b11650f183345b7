package dev.harp.relay.store;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much a device knows of its list.
 *
 * <p>Two positions, because a long list is cut: the device then has the requests up to where the list was cut, but each of them
 * as it stood when the list was made. Were that one position, a cancellation forgotten in between would send the device back
 * to the beginning, and never past the first part.
 *
 * @param read the position up to which it has read requests
 * @param heard the position up to which it has heard of cancellations, not less than {@code read}
 */
public record Cursor(long read, long heard) {
    private static final Pattern FORM = Pattern.compile("(0|[1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))?");

    /** The cursor that knows everything up to a position. */
    public static Cursor at(long position) {
        return new Cursor(position, position);
    }

    /** The cursor that the text writes; empty if no relay writes such a text. */
    public static Optional<Cursor> parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            return Optional.empty();
        }
        long read = Long.parseLong(form.group(1));
        if (form.group(2) == null) {
            return Optional.of(at(read));
        }
        long heard = Long.parseLong(form.group(2));
        return heard > read ? Optional.of(new Cursor(read, heard)) : Optional.empty();
    }

    /** The same list read on to a position. */
    public Cursor readTo(long position) {
        return new Cursor(position, Math.max(heard, position));
    }

    /** The text for the wire: {@code 17}, or {@code 17-42} within a cut list. */
    @Override
    public String toString() {
        return read == heard ? String.valueOf(read) : read + "-" + heard;
    }
}
