package dev.harp.relay.config;

import java.util.List;

/** The configuration is not usable. Each line names one option, what was given, and what is allowed. */
public final class InvalidConfig extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> lines;

    /** With at least one line for the operator. */
    public InvalidConfig(List<String> lines) {
        super(lines.getFirst());
        this.lines = List.copyOf(lines);
    }

    /** One line for each error. */
    public List<String> lines() {
        return lines;
    }
}
