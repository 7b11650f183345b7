package dev.harp.relay.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which web pages' scripts may call the relay from a browser.
 *
 * @param any whether all may
 * @param allowed those that may otherwise: scheme, host and port, as browsers write them
 */
public record Origins(boolean any, List<String> allowed) {
    /** None. */
    public static final Origins NONE = new Origins(false, List.of());

    private static final Pattern FORM =
            Pattern.compile("https?://([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\\[[0-9a-f:.]+\\])(:[1-9][0-9]{0,4})?");

    /** Copies the list. */
    public Origins {
        allowed = List.copyOf(allowed);
    }

    /** A comma-separated list, or a single {@code *}; empty if it is neither. */
    static Optional<Origins> parse(String text) {
        if (text.equals("*")) {
            return Optional.of(new Origins(true, List.of()));
        }
        List<String> parts = Arrays.stream(text.split(","))
                .map(part -> part.strip().toLowerCase(Locale.ROOT))
                .filter(part -> !part.isEmpty())
                .toList();
        return parts.stream().allMatch(part -> FORM.matcher(part).matches())
                ? Optional.of(new Origins(
                        false, parts.stream().map(Origins::withoutDefaultPort).toList()))
                : Optional.empty();
    }

    /** Browsers leave the port out if it is the scheme's own. */
    private static String withoutDefaultPort(String origin) {
        String port = origin.startsWith("https:") ? ":443" : ":80";
        return origin.endsWith(port) ? origin.substring(0, origin.length() - port.length()) : origin;
    }

    /** Whether any page may call at all. */
    public boolean on() {
        return any || !allowed.isEmpty();
    }

    /** Whether pages of that origin may. */
    public boolean allow(String origin) {
        return any || allowed.contains(origin);
    }

    /** As the option is written. */
    @Override
    public String toString() {
        return any ? "*" : String.join(", ", allowed);
    }
}
