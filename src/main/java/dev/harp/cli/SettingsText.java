package dev.harp.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The places of values in a text of JSON with comments and trailing commas, so that a part can be put in or taken out
 * and every other character stays.
 */
final class SettingsText {
    private static final int MAX_DEPTH = 64;

    private final String text;
    private int at;

    /**
     * A value.
     *
     * @param kind its first character
     * @param start of the value, or of its name if it is a member
     * @param open of the value itself
     * @param end after its last character
     * @param name nothing for an element of an array
     * @param children members or elements
     */
    record Node(char kind, int start, int open, int end, Optional<String> name, List<Node> children) {
        Optional<Node> member(String wanted) {
            return children.stream()
                    .filter(child -> child.name().filter(wanted::equals).isPresent())
                    .findFirst();
        }

        /** Whether it is an object or an array, whichever this character begins. */
        boolean is(char bracket) {
            return kind == bracket;
        }
    }

    private SettingsText(String text) {
        this.text = text;
    }

    /** The whole text, which has to be one object. */
    static Node read(String text) {
        SettingsText reader = new SettingsText(text);
        if (text.startsWith("\ufeff")) {
            reader.at = 1;
        }
        reader.skip();
        int start = reader.at;
        Node root = reader.value(start, Optional.empty(), 0);
        reader.skip();
        if (!root.is('{') || reader.at != text.length()) {
            throw reader.bad("one object was expected, and nothing else");
        }
        return root;
    }

    /** The text with this put in as the first child. */
    static String insert(String text, Node container, String child) {
        int after = container.open() + 1;
        if (container.children().isEmpty()) {
            // The space tells it from a container that was made for the child.
            return text.substring(0, after) + " " + child + text.substring(after);
        }
        String lead = text.substring(after, container.children().getFirst().start());
        return text.substring(0, after) + (lead.isBlank() ? lead : "") + child + "," + text.substring(after);
    }

    /** The text without this child of the container: of one that was put in, exactly as it was before. */
    static String remove(String text, Node container, Node child) {
        int index = container.children().indexOf(child);
        int after = container.open() + 1;
        if (index == 0) {
            int from = text.substring(after, child.start()).isBlank() ? after : child.start();
            int to = text.startsWith(",", child.end()) ? child.end() + 1 : child.end();
            return text.substring(0, from) + text.substring(to);
        }
        int comma = comma(text, container.children().get(index - 1).end());
        return text.substring(0, comma) + text.substring(comma + 1, child.start()) + text.substring(child.end());
    }

    private static int comma(String text, int from) {
        SettingsText reader = new SettingsText(text);
        reader.at = from;
        reader.skip();
        return reader.at;
    }

    /** Whether the container holds nothing but this child, not even a space: so it was made for it. */
    static boolean isMadeFor(Node container, Node child) {
        return container.children().size() == 1
                && child.start() == container.open() + 1
                && child.end() == container.end() - 1;
    }

    private Node value(int start, Optional<String> name, int depth) {
        if (depth > MAX_DEPTH || at >= text.length()) {
            throw bad("a value was expected, nested at most " + MAX_DEPTH + " deep");
        }
        int open = at;
        char kind = text.charAt(at);
        List<Node> children = new ArrayList<>();
        switch (kind) {
            case '{' -> members(children, depth);
            case '[' -> elements(children, depth);
            case '"' -> string();
            default -> {
                while (at < text.length() && "+-.0123456789abcdefghijklmnopqrstuvwxyzE".indexOf(text.charAt(at)) >= 0) {
                    at++;
                }
                if (at == open) {
                    throw bad("a value was expected");
                }
            }
        }
        return new Node(kind, start, open, at, name, List.copyOf(children));
    }

    private void members(List<Node> children, int depth) {
        Set<String> names = new HashSet<>();
        at++;
        for (skip(); !ends('}'); separator('}')) {
            int start = at;
            if (at >= text.length() || text.charAt(at) != '"') {
                throw bad("a name in quotation marks was expected");
            }
            String name = string();
            if (!names.add(name)) {
                throw bad("the name \"" + Printable.line(name) + "\" stands twice in one object");
            }
            skip();
            if (!text.startsWith(":", at)) {
                throw bad("a colon was expected");
            }
            at++;
            skip();
            children.add(value(start, Optional.of(name), depth + 1));
        }
    }

    private void elements(List<Node> children, int depth) {
        at++;
        for (skip(); !ends(']'); separator(']')) {
            children.add(value(at, Optional.empty(), depth + 1));
        }
    }

    private boolean ends(char bracket) {
        boolean ends = at < text.length() && text.charAt(at) == bracket;
        if (ends) {
            at++;
        }
        return ends;
    }

    private void separator(char bracket) {
        skip();
        if (text.startsWith(",", at)) {
            at++;
            skip();
        } else if (at >= text.length() || text.charAt(at) != bracket) {
            throw bad("a comma or " + bracket + " was expected");
        }
    }

    /** The characters between the quotation marks, their escapes as they are. */
    private String string() {
        int start = ++at;
        while (at < text.length() && text.charAt(at) != '"') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        if (at >= text.length()) {
            throw bad("a text does not end");
        }
        at++;
        return text.substring(start, at - 1);
    }

    /** White space and comments. */
    private void skip() {
        while (at < text.length()) {
            if (Character.isWhitespace(text.charAt(at))) {
                at++;
            } else if (text.startsWith("//", at)) {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else if (text.startsWith("/*", at)) {
                int end = text.indexOf("*/", at + 2);
                at = end < 0 ? text.length() : end + 2;
            } else {
                return;
            }
        }
    }

    private Failure bad(String what) {
        long line = text.substring(0, Math.min(at, text.length()))
                        .chars()
                        .filter(unit -> unit == '\n')
                        .count()
                + 1;
        return Failure.usage("the settings cannot be read, and are left as they are: line " + line + ": " + what);
    }
}
