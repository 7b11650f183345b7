package dev.harp.relay.crash;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an audit found.
 *
 * @param acknowledged how many claims there were
 * @param found how many of them hold
 * @param missing what the relay does not know any more, although it had said that it has it
 * @param contradicted what is otherwise than the relay had said, or than anybody has asked for
 * @param unknown how many calls got no answer that says whether they were done
 */
record Findings(long acknowledged, long found, List<String> missing, List<String> contradicted, long unknown) {
    private static final int SHOWN = 5;

    /** One line of figures, and a few examples if there is anything amiss. */
    String lifecycle(String name, String what) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "ledger %s: %s, acknowledged %d, found %d, missing %d, contradicted %d, unknown outcomes %d",
                name,
                what,
                acknowledged,
                found,
                missing.size(),
                contradicted.size(),
                unknown));
        missing.stream().limit(SHOWN).forEach(each -> lines.add("  missing: " + each));
        contradicted.stream().limit(SHOWN).forEach(each -> lines.add("  contradicted: " + each));
        return String.join("\n", lines);
    }
}
