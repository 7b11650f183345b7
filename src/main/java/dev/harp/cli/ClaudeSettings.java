package dev.harp.cli;

import dev.harp.cli.SettingsText.Node;
import dev.harp.json.JsonTree;
import java.util.List;
import java.util.Map;

/** Puts the hooks of {@code harp} into a text of Claude Code's settings, and takes them out of one. */
final class ClaudeSettings {
    /** By which a command is known as one of ours, whatever its path and its options. */
    private static final String MARK = " hook claude --name ";

    /** How much longer than the hook waits the agent waits for the hook, in seconds. */
    private static final int GRACE = 15;

    /** For what withdraws a card, in seconds: as long as a relay is tried. */
    private static final int WITHDRAWAL = 45;

    private ClaudeSettings() {}

    /**
     * The text with these hooks instead of any that it has. Later ones come first in the text.
     *
     * @param command as a shell takes it
     * @param seconds how long the hook waits
     */
    static String installed(String text, String command, int seconds, boolean strict) {
        if (!command.contains(MARK)) {
            throw new IllegalArgumentException(command);
        }
        JsonTree.Builder asks = hook(command, seconds + GRACE);
        if (strict) {
            asks.add("onFailure", "block");
        }
        JsonTree.Builder after = hook(command, WITHDRAWAL).add("async", true);
        String ending = entry(after);
        String changed = uninstalled(text);
        for (Map.Entry<String, String> each : List.of(
                Map.entry("PostToolUseFailure", ending),
                Map.entry("PostToolUse", ending),
                Map.entry("PermissionRequest", entry(asks)))) {
            changed = with(changed, each.getKey(), each.getValue());
        }
        return changed;
    }

    private static JsonTree.Builder hook(String command, int timeout) {
        return JsonTree.object().add("type", "command").add("command", command).add("timeout", timeout);
    }

    private static String entry(JsonTree.Builder hook) {
        return HookQuestion.json(JsonTree.object()
                .add("matcher", "*")
                .add("hooks", List.of(hook.build()))
                .build());
    }

    private static String with(String text, String event, String entry) {
        Node root = SettingsText.read(text);
        String member = "\"" + event + "\": [" + entry + "]";
        if (root.member("hooks").isEmpty()) {
            return SettingsText.insert(text, root, "\"hooks\": {" + member + "}");
        }
        Node hooks = checked(root.member("hooks").get(), '{', "hooks");
        if (hooks.member(event).isEmpty()) {
            return SettingsText.insert(text, hooks, member);
        }
        return SettingsText.insert(text, checked(hooks.member(event).get(), '[', "hooks." + event), entry);
    }

    private static Node checked(Node node, char bracket, String path) {
        if (!node.is(bracket)) {
            throw Failure.usage("the settings are left as they are: " + path + " does not begin with " + bracket);
        }
        return node;
    }

    /** The text without any hook of ours, and without what was made for them. */
    static String uninstalled(String text) {
        String changed = text;
        for (String next = without(changed); !next.equals(changed); next = without(changed)) {
            changed = next;
        }
        return changed;
    }

    /** Without the first of them. */
    private static String without(String text) {
        Node root = SettingsText.read(text);
        for (Node hooks : root.member("hooks").stream().toList()) {
            for (Node event : hooks.children()) {
                for (Node entry : event.children()) {
                    for (Node commands : entry.member("hooks").stream().toList()) {
                        for (Node hook : commands.children()) {
                            if (isOurs(text, hook)) {
                                return without(text, List.of(root, hooks, event, entry, commands, hook));
                            }
                        }
                    }
                }
            }
        }
        return text;
    }

    private static boolean isOurs(String text, Node hook) {
        return hook.member("command")
                .filter(command -> text.substring(command.open(), command.end()).contains(MARK))
                .isPresent();
    }

    /** Without the last of the path, or with the one above that was made for it. */
    private static String without(String text, List<Node> path) {
        int last = path.size() - 1;
        // An entry of one command is ours as a whole.
        if (path.get(last - 1).children().size() == 1) {
            last -= 2;
            while (last > 1 && SettingsText.isMadeFor(path.get(last - 1), path.get(last))) {
                last--;
            }
        }
        return SettingsText.remove(text, path.get(last - 1), path.get(last));
    }
}
