package dev.harp.relay.outbound;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The ports at public addresses that the relay calls for strangers ({@code WEBHOOK_PORTS}). Without such a bound it
 * would try any service of anybody's for whoever can open a pairing.
 *
 * @param ranges at least one
 */
public record Ports(List<Range> ranges) {
    /** Those of https. */
    public static final Ports DEFAULT = new Ports(List.of(new Range(443, 443), new Range(8443, 8443)));

    private static final int HIGHEST = 65_535;
    private static final Pattern RANGE = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

    /** Copies the list. */
    public Ports {
        ranges = List.copyOf(ranges);
    }

    /**
     * Ports that follow each other.
     *
     * @param first 1 to {@code last}
     * @param last at most 65535
     */
    public record Range(int first, int last) {
        /** As {@link Ports#parse} reads it. */
        @Override
        public String toString() {
            return first == last ? "" + first : first + "-" + last;
        }
    }

    /** Parses ports and ranges such as {@code 443, 8000-8999}; empty if the text is anything else. */
    public static Optional<Ports> parse(String text) {
        List<Range> ranges = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Matcher range = RANGE.matcher(part.strip());
            if (!range.matches()) {
                return Optional.empty();
            }
            int first = Integer.parseInt(range.group(1));
            int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
            if (first < 1 || first > last || last > HIGHEST) {
                return Optional.empty();
            }
            ranges.add(new Range(first, last));
        }
        return Optional.of(new Ports(ranges));
    }

    boolean has(int port) {
        return ranges.stream().anyMatch(range -> range.first() <= port && port <= range.last());
    }

    /** As {@link #parse} reads them. */
    @Override
    public String toString() {
        return ranges.stream().map(Range::toString).collect(Collectors.joining(", "));
    }
}
