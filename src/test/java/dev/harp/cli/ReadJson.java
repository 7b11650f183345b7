package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Flag;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import java.util.List;

/** JSON that has to be of one form: anything else fails the test. */
final class ReadJson {
    private ReadJson() {}

    static Members json(String text) {
        return ExactJson.readAny(text.getBytes(UTF_8)).orElseThrow(() -> new AssertionError(text));
    }

    static Members member(Members in, String name) {
        return (Members) in.get(name).orElseThrow(() -> missing(in, name));
    }

    static List<JsonTree> items(Members in, String name) {
        return ((Items) in.get(name).orElseThrow(() -> missing(in, name))).values();
    }

    static String text(Members in, String name) {
        return in.text(name).orElseThrow(() -> missing(in, name));
    }

    private static AssertionError missing(Members in, String name) {
        return new AssertionError(name + " is not in " + in);
    }

    /** What a tool of MCP says that came of it. */
    static String outcome(Members result) {
        return text(member(result, "structuredContent"), "outcome");
    }

    static boolean isError(Members result) {
        return result.get("isError").orElseThrow().equals(new Flag(true));
    }
}
