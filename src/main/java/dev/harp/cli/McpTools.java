package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.client.Outcome;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Question;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tools of {@code harp mcp}; {@code mcp-tools.json} has their names, descriptions and schemas. What a person has
 * decided is a result, a denial too. An error says that nothing was decided.
 */
final class McpTools implements McpServer.Tools {
    private static final String RESOURCE = "mcp-tools.json";
    private static final String AUTHORIZE = "human_authorize";
    private static final String COLLECT = "human_collect";
    private static final String INFORM = "human_inform";
    private static final String WAIT = "human_wait";
    private static final String REQUEST_ID = "request_id";
    private static final String UNREACHABLE = "unreachable";
    private static final int LONGEST_NAME = 100;

    private final Context context;
    private final HumanRequests requests;
    private final Duration maxBlock;
    private final String instructions;
    private final Map<String, Members> tools = new LinkedHashMap<>();
    private final Optional<String> agent;
    private volatile Optional<String> client = Optional.empty();

    /**
     * @param maxBlock how long a call may wait
     * @param agent how the agent is called on the card; unless it is given, as the client calls itself
     */
    McpTools(Context context, HumanRequests requests, Duration maxBlock, Optional<String> agent) {
        this.context = context;
        this.requests = requests;
        this.maxBlock = maxBlock;
        this.agent = agent;
        Members resource = resource();
        this.instructions = resource.text("instructions").orElseThrow();
        if (resource.get("tools").orElseThrow() instanceof Items(List<JsonTree> all)) {
            all.forEach(each -> {
                Members tool = (Members) each;
                tools.put(tool.text("name").orElseThrow(), tool(tool, resource));
            });
        }
    }

    private static Members resource() {
        try (InputStream in = McpTools.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is not packaged");
            }
            return ExactJson.readAny(in.readAllBytes()).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tool as clients see it: with the properties that those which ask or tell have in common. */
    private static Members tool(Members tool, Members resource) {
        Members input = (Members) tool.get("inputSchema").orElseThrow();
        Map<String, JsonTree> properties = new LinkedHashMap<>();
        if (!tool.text("name").equals(Optional.of(WAIT))) {
            properties.putAll(((Members) resource.get("common").orElseThrow()).values());
        }
        properties.putAll(((Members) input.get("properties").orElseThrow()).values());
        Map<String, JsonTree> schema = new LinkedHashMap<>(input.values());
        schema.put("properties", new Members(properties));
        Map<String, JsonTree> whole = new LinkedHashMap<>(tool.values());
        whole.put("inputSchema", new Members(schema));
        whole.put("outputSchema", resource.get("outputSchema").orElseThrow());
        whole.put(
                "annotations",
                JsonTree.object()
                        .add("readOnlyHint", false)
                        .add("destructiveHint", false)
                        .add("idempotentHint", tool.text("name").equals(Optional.of(WAIT)))
                        .add("openWorldHint", true)
                        .build());
        return new Members(whole);
    }

    @Override
    public String instructions() {
        return instructions;
    }

    @Override
    public Members list() {
        return JsonTree.object().add("tools", List.copyOf(tools.values())).build();
    }

    @Override
    public List<String> names() {
        return List.copyOf(tools.keySet());
    }

    @Override
    public void client(String name) {
        String line = Printable.line(name);
        client = Optional.of(line.length() <= LONGEST_NAME ? line : line.substring(0, LONGEST_NAME));
    }

    @Override
    public Members call(String name, Members given, McpCall call) throws InterruptedException {
        try {
            Members tool = Optional.ofNullable(tools.get(name)).orElseThrow();
            Members input = (Members) tool.get("inputSchema").orElseThrow();
            Members properties = (Members) input.get("properties").orElseThrow();
            McpArguments arguments = new McpArguments(given, properties.values().keySet());
            return result(
                    switch (name) {
                        case AUTHORIZE ->
                            requests.ask(
                                    arguments.applied(Ask.authorize(arguments.action(), arguments.ttl()), origin()),
                                    call);
                        case COLLECT ->
                            requests.ask(
                                    arguments.applied(
                                            Ask.collect(arguments.action(), arguments.ttl(), arguments.fields()),
                                            origin()),
                                    call);
                        case INFORM ->
                            requests.inform(
                                    arguments.applied(Ask.inform(arguments.action(), arguments.ttl()), origin()), call);
                        case WAIT -> requests.resume(arguments.text(REQUEST_ID), call);
                        default -> throw new IllegalArgumentException(name);
                    });
        } catch (Failure e) {
            return content(true, "Nothing was decided: " + e.getMessage() + ".").build();
        }
    }

    private Question.Context origin() {
        return new Question.Context(
                agent.or(() -> client),
                Optional.of(context.host()),
                Optional.of(context.directory()),
                Optional.empty());
    }

    private Members result(HumanRequests.Result result) {
        return switch (result) {
            case HumanRequests.Ended(Asking.End end) ->
                structured(isError(end.outcome()), text(end.outcome()), Report.json(end));
            case HumanRequests.Pending(String id) ->
                structured(
                        false,
                        "pending: the person has not answered within " + maxBlock.toSeconds()
                                + " s, and can still do so. That is no approval. Call human_wait with request_id " + id
                                + ".",
                        outcome("pending").add(REQUEST_ID, id));
            case HumanRequests.Informed(String id) ->
                structured(
                        false,
                        "sent: the person will see it; nothing was asked.",
                        outcome("sent").add(REQUEST_ID, id));
            case HumanRequests.NotTaken _ -> {
                String why = "the relay has not answered within " + maxBlock.toSeconds()
                        + " s; if it gets the request after all, that is withdrawn";
                yield structured(
                        true, noDecision(UNREACHABLE, why), outcome(UNREACHABLE).add("why", why));
            }
            case HumanRequests.Cancelled _ ->
                structured(false, "withdrawn: the call was cancelled.", outcome("withdrawn"));
        };
    }

    private static JsonTree.Builder outcome(String word) {
        return JsonTree.object().add("outcome", word);
    }

    /** Whether something has failed, so that the person was not asked, or could not be heard. */
    private static boolean isError(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Decided _, Outcome.Expired _, Outcome.Withdrawn _, Outcome.LessAssurance _ -> false;
            case Outcome.PairingEnded _, Outcome.Unreachable _, Outcome.NotGenuine _, Outcome.NotSent _ -> true;
        };
    }

    /** For a model; what the person has written is named as such, and nothing in it acts on a terminal. */
    private static String text(Outcome outcome) {
        String word = Report.word(outcome);
        return switch (outcome) {
            case Outcome.Decided(Answer answer, var given, var _, var _) -> decided(answer, given.code());
            case Outcome.Expired _ ->
                noDecision(word, "nobody has answered in time, which is neither an approval nor a denial");
            case Outcome.Withdrawn _ -> noDecision(word, "the request was taken back");
            case Outcome.LessAssurance(var given, var asked) ->
                noDecision(word, "the person agreed by " + given.code() + ", and " + asked.code() + " was asked");
            case Outcome.PairingEnded _ ->
                noDecision(word, "the pairing has been revoked, or the relay has lost it; it has to be made anew");
            case Outcome.Unreachable(String why) -> noDecision(word, why);
            case Outcome.NotGenuine(var reason) ->
                noDecision(word, "what came back is not from the paired device (" + reason.code() + ")");
            case Outcome.NotSent(var reason) -> noDecision(word, Report.why(reason));
        };
    }

    private static String noDecision(String word, String why) {
        return word + ": nothing was decided, so do not act: " + why + ".";
    }

    private static String decided(Answer answer, String assurance) {
        List<String> lines = new ArrayList<>();
        lines.add(
                switch (answer.decision()) {
                    case APPROVED -> "approved: the person permits it (" + assurance + ").";
                    case DENIED -> "denied: the person does not permit it (" + assurance + "). Do not do it.";
                    case ANSWERED -> "answered: the person has filled in the form (" + assurance + ").";
                    case SEEN, PAIRED -> answer.decision().code() + ".";
                });
        answer.choice().ifPresent(choice -> lines.add("choice: " + choice));
        answer.values()
                .forEach(value -> lines.add(
                        switch (value) {
                            case Answer.One(String name, String text) -> name + ": " + Printable.line(text);
                            case Answer.Several(String name, List<String> chosen) ->
                                name + ": " + Printable.line(String.join(", ", chosen));
                        }));
        answer.reason().ifPresent(reason -> lines.add("The person writes: " + Printable.line(reason)));
        return String.join("\n", lines);
    }

    private static Members structured(boolean isError, String text, JsonTree.Builder structure) {
        return content(isError, text)
                .add("structuredContent", structure.build())
                .build();
    }

    private static JsonTree.Builder content(boolean isError, String text) {
        return JsonTree.object()
                .add(
                        "content",
                        List.of(JsonTree.object()
                                .add("type", "text")
                                .add("text", text)
                                .build()))
                .add("isError", isError);
    }
}
