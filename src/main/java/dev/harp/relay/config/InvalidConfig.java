package dev.harp.relay.config;

import java.util.List;

/** The configuration is not usable. Each line names one option, what was given, and what is allowed. */
public final class InvalidConfig extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> lines;

    /** With the lines to show to the operator, at least one. */
    public InvalidConfig(List<String> lines) {
        super(lines.getFirst());
        this.lines = List.copyOf(lines);
    }

    /** What to show to the operator. */
    public List<String> lines() {
        return lines;
    }
}
