package dev.harp.relay.store;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A client's position in its list.
 *
 * <p>It consists of two positions, because a long list is sent in pages: after a page, the client has the requests up
 * to the page's end, but each of them as it was when the first page was read. With one position, a cancelled request
 * that is removed in between would reset the cursor, and the client would never get past the first page.
 *
 * @param read the position up to which the client has read requests
 * @param heard the position up to which it knows of cancellations, not less than {@code read}
 */
public record Cursor(long read, long heard) {
    private static final Pattern FORM = Pattern.compile("(0|[1-9][0-9]{0,17})(?:-([1-9][0-9]{0,17}))?");

    /** The cursor of a client that knows everything up to a position. */
    public static Cursor at(long position) {
        return new Cursor(position, position);
    }

    /** The cursor in the text; empty if no relay writes such a text. */
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

    /** The cursor after reading on to a position. */
    public Cursor readTo(long position) {
        return new Cursor(position, Math.max(heard, position));
    }

    /** The text on the wire: {@code 17}, or {@code 17-42} within a list that is sent in pages. */
    @Override
    public String toString() {
        return read == heard ? String.valueOf(read) : read + "-" + heard;
    }
}
