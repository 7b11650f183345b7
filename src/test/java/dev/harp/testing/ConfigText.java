package dev.harp.testing;

import java.util.regex.Pattern;

/** Changes of a shipped configuration, so that a test can run it. */
public final class ConfigText {
    private ConfigText() {}

    /** The file with {@code text} replaced, which has to occur exactly {@code times}. */
    public static String replaced(String file, int times, String text, String replacement) {
        int found = file.split(Pattern.quote(text), -1).length - 1;
        if (found != times) {
            throw new IllegalStateException("\"" + text + "\" occurs " + found + " times and not " + times);
        }
        return file.replace(text, replacement);
    }
}
