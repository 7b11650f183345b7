package dev.harp.relay.config;

import java.io.Reader;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * A file of options as text by place: {@code server.port} for {@code port} under {@code server}. Values stay as they are written,
 * whatever type YAML would see in them, and nothing is ever made of a tag.
 *
 * <p>This reads SnakeYAML's events and no more. Helidon's configuration on top of them took half of the relay's start, most of it for
 * looking up mappers, filters and file types that a list of words does not need.
 */
final class Yaml {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^{}$]+)}");

    private final Parser parser;
    private final Map<String, String> values = new HashMap<>();

    private Yaml(Reader reader) {
        this.parser = new ParserImpl(new StreamReader(reader), new LoaderOptions());
    }

    /**
     * The texts by place.
     *
     * @throws YAMLException if it is not one mapping, or has a key twice, or an alias
     */
    static Map<String, String> read(Reader reader) {
        Yaml yaml = new Yaml(reader);
        yaml.expect(Event.ID.StreamStart);
        yaml.expect(Event.ID.DocumentStart);
        yaml.expect(Event.ID.MappingStart);
        yaml.mapping("");
        yaml.expect(Event.ID.DocumentEnd);
        yaml.expect(Event.ID.StreamEnd);
        return yaml.values;
    }

    private void expect(Event.ID id) {
        Event event = parser.getEvent();
        if (!event.is(id)) {
            throw misplaced(event);
        }
    }

    private void mapping(String prefix) {
        for (Event event = parser.getEvent(); !event.is(Event.ID.MappingEnd); event = parser.getEvent()) {
            if (!(event instanceof ScalarEvent key)) {
                throw misplaced(event);
            }
            value(prefix + key.getValue(), parser.getEvent());
        }
    }

    private void value(String place, Event event) {
        if (event instanceof ScalarEvent scalar) {
            if (values.put(place, scalar.getValue()) != null) {
                throw misplaced(event);
            }
        } else if (event.is(Event.ID.MappingStart)) {
            mapping(place + ".");
        } else if (event.is(Event.ID.SequenceStart)) {
            int index = 0;
            for (Event next = parser.getEvent(); !next.is(Event.ID.SequenceEnd); next = parser.getEvent()) {
                value(place + "." + index++, next);
            }
        } else {
            throw misplaced(event);
        }
    }

    /** Without what stands there. */
    private static YAMLException misplaced(Event event) {
        return new YAMLException("line " + (event.getStartMark().getLine() + 1) + ", column "
                + (event.getStartMark().getColumn() + 1));
    }

    /**
     * The texts with each <code>${PLACE}</code> in them replaced by the text at that place; one that is nowhere stays.
     *
     * @throws YAMLException if a text refers to itself
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
                throw new YAMLException("a value refers to itself");
            }
            return Matcher.quoteReplacement(resolved(found, values, deeper));
        });
    }
}
