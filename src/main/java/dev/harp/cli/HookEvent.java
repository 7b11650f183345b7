package dev.harp.cli;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import java.util.List;
import java.util.Optional;

/**
 * What an agent tells a hook on standard input: the members that Claude Code and Codex have in common.
 *
 * @param name of the event, such as {@code PermissionRequest}
 * @param session the agent's id of its session
 * @param directory in which the agent works
 * @param tool the name of the tool that it wants to use
 * @param input what it wants to give to that tool
 * @param suggestions rules that the agent offers to keep, each in a form of the agent's own
 * @param agentType which kind of sub-agent asks
 */
record HookEvent(
        String name,
        String session,
        Optional<String> directory,
        String tool,
        Members input,
        List<JsonTree> suggestions,
        Optional<String> agentType) {
    /** More than any question may have; an agent writes whole files into an event. */
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    static HookEvent read(Terminal terminal) {
        Members json = ExactJson.readAny(terminal.readAll(MAX_BYTES))
                .orElseThrow(() -> bad("it is not one JSON object in UTF-8 with unique names"));
        String name = text(json, "hook_event_name");
        return new HookEvent(
                name,
                text(json, "session_id"),
                json.text("cwd"),
                text(json, "tool_name"),
                json.get("tool_input")
                        .filter(Members.class::isInstance)
                        .map(Members.class::cast)
                        .orElseThrow(() -> bad("tool_input is missing, or no object")),
                json.get("permission_suggestions")
                        .filter(Items.class::isInstance)
                        .map(items -> ((Items) items).values())
                        .orElse(List.of()),
                json.text("agent_type"));
    }

    private static String text(Members json, String name) {
        return json.text(name)
                .filter(text -> !text.isEmpty())
                .orElseThrow(() -> bad(name + " is missing, empty, or no text"));
    }

    /** What is wrong with the event. */
    static Failure bad(String what) {
        return Failure.usage("the event on standard input cannot be read: " + what);
    }

    /** Whether this asks the person a question of the agent's, rather than for leave. */
    boolean isQuestion() {
        return tool.equals("AskUserQuestion");
    }
}
