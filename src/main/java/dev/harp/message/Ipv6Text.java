package dev.harp.message;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * IPv6 addresses as text, in the spelling of RFC 5952, section 4; all eight fields in hexadecimal, none in dotted
 * decimal.
 */
final class Ipv6Text {
    private static final int FIELDS = 8;
    private static final Pattern FIELD = Pattern.compile("[0-9a-f]{1,4}");

    private Ipv6Text() {}

    static Optional<int[]> parse(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return fields(text).filter(fields -> fields.length == FIELDS);
        }
        Optional<int[]> left = fields(text.substring(0, gap));
        Optional<int[]> right = fields(text.substring(gap + 2));
        if (left.isEmpty() || right.isEmpty() || left.get().length + right.get().length >= FIELDS) {
            return Optional.empty();
        }
        int[] all = new int[FIELDS];
        System.arraycopy(left.get(), 0, all, 0, left.get().length);
        System.arraycopy(right.get(), 0, all, FIELDS - right.get().length, right.get().length);
        return Optional.of(all);
    }

    /** Lower case, no leading zeros, the first of the longest runs of two or more zeros as {@code ::}. */
    static String format(int[] fields) {
        int gapStart = -1;
        int gapLength = 1;
        for (int start = 0; start < FIELDS; start++) {
            int length = 0;
            while (start + length < FIELDS && fields[start + length] == 0) {
                length++;
            }
            if (length > gapLength) {
                gapStart = start;
                gapLength = length;
            }
        }
        if (gapStart < 0) {
            return join(fields, 0, FIELDS);
        }
        return join(fields, 0, gapStart) + "::" + join(fields, gapStart + gapLength, FIELDS);
    }

    private static String join(int[] fields, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append(i == from ? "" : ":").append(Integer.toHexString(fields[i]));
        }
        return text.toString();
    }

    private static Optional<int[]> fields(String text) {
        if (text.isEmpty()) {
            return Optional.of(new int[0]);
        }
        String[] parts = text.split(":", -1);
        int[] fields = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            if (!FIELD.matcher(parts[i]).matches()) {
                return Optional.empty();
            }
            fields[i] = Integer.parseInt(parts[i], 16);
        }
        return Optional.of(fields);
    }
}
