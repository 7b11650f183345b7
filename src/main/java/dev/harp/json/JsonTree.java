package dev.harp.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A JSON value as a tree of immutable values. Members keep the order in which they were read or added. */
public sealed interface JsonTree {

    /** An object. */
    record Members(Map<String, JsonTree> values) implements JsonTree {
        public Members {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        public Optional<JsonTree> get(String name) {
            return Optional.ofNullable(values.get(name));
        }

        /** The text of a member, or nothing if it is absent or no string. */
        public Optional<String> text(String name) {
            return values.get(name) instanceof Text(String text) ? Optional.of(text) : Optional.empty();
        }
    }

    /** An array. */
    record Items(List<JsonTree> values) implements JsonTree {
        public Items {
            values = List.copyOf(values);
        }
    }

    /** A string, its escapes resolved. */
    record Text(String value) implements JsonTree {}

    /** An integer from 0 to {@link ExactJson#MAX_INTEGER}. */
    record Whole(long value) implements JsonTree {}

    record Flag(boolean value) implements JsonTree {}

    /** {@code null}, or a number that is no {@link Whole}. The exact form has neither; other people's JSON may. */
    record Foreign(String text) implements JsonTree {}

    static Builder object() {
        return new Builder();
    }

    /** Makes an object, member by member. */
    final class Builder {
        private final Map<String, JsonTree> members = new LinkedHashMap<>();

        private Builder() {}

        public Builder add(String name, JsonTree value) {
            if (members.putIfAbsent(name, value) != null) {
                throw new IllegalArgumentException("member twice: " + name);
            }
            return this;
        }

        public Builder add(String name, String value) {
            return add(name, new Text(value));
        }

        public Builder add(String name, long value) {
            return add(name, new Whole(value));
        }

        public Builder add(String name, boolean value) {
            return add(name, new Flag(value));
        }

        public Builder add(String name, List<? extends JsonTree> values) {
            return add(name, new Items(List.copyOf(values)));
        }

        /** Adds the member if there is a value. */
        public Builder add(String name, Optional<String> value) {
            value.ifPresent(text -> add(name, text));
            return this;
        }

        public Members build() {
            return new Members(members);
        }
    }
}
