package dev.harp.relay.net;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The origins whose scripts may call the relay from a browser ({@code CORS_ORIGINS}).
 *
 * @param any whether every origin may
 * @param allowed otherwise those that may: scheme, host and port, as browsers write them
 */
public record Origins(boolean any, List<String> allowed) {
    /** No origin. */
    public static final Origins NONE = new Origins(false, List.of());

    /** Packaged apps have schemes of their own, such as {@code capacitor://localhost}. */
    private static final Pattern FORM = Pattern.compile(
            "[a-z][a-z0-9+.-]*://([a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\\[[0-9a-f:.]+\\])(:[1-9][0-9]{0,4})?");

    /** Copies the list. */
    public Origins {
        allowed = List.copyOf(allowed);
    }

    /** Parses a comma-separated list, or a single {@code *}; empty if it is neither. */
    public static Optional<Origins> parse(String text) {
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

    /** Browsers omit the default port of the scheme. */
    private static String withoutDefaultPort(String origin) {
        String port = origin.startsWith("https:") ? ":443" : origin.startsWith("http:") ? ":80" : "";
        return !port.isEmpty() && origin.endsWith(port) ? origin.substring(0, origin.length() - port.length()) : origin;
    }

    /** Whether any origin may call. */
    public boolean on() {
        return any || !allowed.isEmpty();
    }

    /** Whether the origin may call. */
    public boolean allow(String origin) {
        return any || allowed.contains(origin);
    }

    /** The value of the option. */
    @Override
    public String toString() {
        return any ? "*" : String.join(", ", allowed);
    }
}
