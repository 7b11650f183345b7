package dev.harp.relay.http.edge;

import io.helidon.common.GenericType;
import io.helidon.config.Config;
import io.helidon.config.ConfigValue;
import io.helidon.config.ConfigValues;
import io.helidon.config.spi.ConfigMapper;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A configuration of Helidon's in which nothing is set, whatever is asked for.
 *
 * <p>Helidon's builders look for more settings in a configuration, and without one in {@code Config.empty()}, which finds and sorts all
 * mappers of values before it says nothing: a tenth of the relay's start. The relay sets everything itself and reads its options
 * without any of that, so it gives them this.
 */
@SuppressWarnings("unchecked") // asNodeList: the two interfaces of Helidon's do not agree
enum NoSettings implements Config {
    NO_SETTINGS;

    @Override
    public Key key() {
        return Key.create("");
    }

    @Override
    public Config root() {
        return this;
    }

    @Override
    public Config get(String key) {
        return this;
    }

    @Override
    public Config get(Key key) {
        return this;
    }

    @Override
    public Config detach() {
        return this;
    }

    @Override
    public Type type() {
        return Type.MISSING;
    }

    @Override
    public boolean hasValue() {
        return false;
    }

    @Override
    public Stream<Config> traverse(Predicate<Config> predicate) {
        return Stream.empty();
    }

    @Override
    public <T> ConfigValue<T> as(GenericType<T> type) {
        return ConfigValues.empty();
    }

    @Override
    public <T> ConfigValue<T> as(Class<T> type) {
        return ConfigValues.empty();
    }

    @Override
    public <T> ConfigValue<T> as(Function<Config, T> mapper) {
        return ConfigValues.empty();
    }

    @Override
    public <T> ConfigValue<List<T>> asList(Class<T> type) {
        return ConfigValues.empty();
    }

    @Override
    public <T> ConfigValue<List<T>> asList(Function<Config, T> mapper) {
        return ConfigValues.empty();
    }

    @Override
    public ConfigValue<List<Config>> asNodeList() {
        return ConfigValues.empty();
    }

    @Override
    public ConfigValue<Map<String, String>> asMap() {
        return ConfigValues.empty();
    }

    /** Nothing is ever loaded: the beginning of time. */
    @Override
    public Instant timestamp() {
        return Instant.EPOCH;
    }

    /**
     * There is no value to convert.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public <T> T convert(Class<T> type, String value) {
        throw new UnsupportedOperationException("nothing is set");
    }

    /**
     * There is no value to map.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public ConfigMapper mapper() {
        throw new UnsupportedOperationException("nothing is set");
    }
}
