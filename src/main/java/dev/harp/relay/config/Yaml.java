package dev.harp.relay.config;

import io.helidon.common.media.type.MediaType;
import io.helidon.config.spi.ConfigNode;
import io.helidon.config.spi.ConfigNode.ListNode;
import io.helidon.config.spi.ConfigNode.ObjectNode;
import io.helidon.config.spi.ConfigNode.ValueNode;
import io.helidon.config.spi.ConfigParser;
import io.helidon.config.yaml.YamlConfigParser;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of options as text by place: {@code server.port} for {@code port} under {@code server}.
 *
 * <p>This takes Helidon's YAML parser and leaves out what Helidon's configuration puts on top of it. That took half of the relay's start, most of
 * it for looking up mappers, filters and file types that a list of words does not need.
 */
final class Yaml {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^{}$]+)}");

    private Yaml() {}

    /** The file for the parser, which asks for nothing else of it. */
    private record Content(InputStream data) implements ConfigParser.Content {

        @Override
        public Optional<MediaType> mediaType() {
            return Optional.empty();
        }

        @Override
        public Charset charset() {
            return StandardCharsets.UTF_8;
        }
    }

    /**
     * The texts by place.
     *
     * @throws RuntimeException if it is not one mapping in YAML
     */
    static Map<String, String> read(InputStream file) {
        Map<String, String> values = new HashMap<>();
        collect("", YamlConfigParser.create().parse(new Content(file)), values);
        return values;
    }

    private static void collect(String place, ConfigNode node, Map<String, String> values) {
        switch (node) {
            case ObjectNode object -> object.forEach((name, child) -> collect(below(place, name), child, values));
            case ListNode list -> {
                for (int i = 0; i < list.size(); i++) {
                    collect(below(place, String.valueOf(i)), list.get(i), values);
                }
            }
            case ValueNode value -> values.put(place, value.get());
            default -> throw new IllegalArgumentException("a kind of node that there is not");
        }
    }

    private static String below(String place, String name) {
        return place.isEmpty() ? name : place + "." + name;
    }

    /**
     * The texts with each <code>${PLACE}</code> in them replaced by the text at that place; one that is nowhere stays.
     *
     * @throws IllegalArgumentException if a text refers to itself
     */
    static Map<String, String> resolved(Map<String, String> values) {
        Map<String, String> resolved = new HashMap<>();
        values.forEach((place, text) -> resolved.put(place, resolved(text, values, Set.of(place))));
        return resolved;
    }

    private static String resolved(String text, Map<String, String> values, Set<String> within) {
        return REFERENCE.matcher(text).replaceAll(reference -> {
            String place = reference.group(1);
            String found = values.get(place);
            if (found == null) {
                return Matcher.quoteReplacement(reference.group());
            }
            Set<String> deeper = new HashSet<>(within);
            if (!deeper.add(place)) {
                throw new IllegalArgumentException("a value refers to itself");
            }
            return Matcher.quoteReplacement(resolved(found, values, deeper));
        });
    }
}
