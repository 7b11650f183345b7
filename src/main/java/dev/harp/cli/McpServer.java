package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Foreign;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.json.JsonTree.Whole;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The server's side of the Model Context Protocol over standard input and output: one JSON-RPC 2.0 message a line, for
 * a server that offers nothing but tools. One thread reads; each call of a tool has a virtual thread of its own, so
 * that pings, cancellations and further calls are heard meanwhile.
 *
 * <p>A call that was cancelled gets no response, as the protocol wants it. What is no message gets an error with the id
 * {@code null}: so does a request whose id belongs to a call that runs, since an error with that id would be taken for
 * the answer to the call.
 */
final class McpServer {
    /** The longest message in bytes: a question has at most 49,136, and JSON's escapes take six for one. */
    static final int MAX_LINE = 1 << 20;

    /** The most calls that run at once. */
    static final int MAX_CALLS = 64;

    /** The revisions that a client may ask for, newest first. 2025-03-26 is left out: only it has batches. */
    static final List<String> REVISIONS = List.of("2025-11-25", "2025-06-18", "2024-11-05");

    private static final int PARSE_ERROR = -32_700;
    private static final int INVALID_REQUEST = -32_600;
    private static final int METHOD_NOT_FOUND = -32_601;
    private static final int INVALID_PARAMS = -32_602;
    private static final int INTERNAL_ERROR = -32_603;
    private static final JsonTree NULL = new Foreign("null");
    private static final Members EMPTY = new Members(Map.of());

    private final McpLines in;
    private final PrintStream out;
    private final String version;
    private final Tools tools;
    private final Map<JsonTree, McpCall> running = new ConcurrentHashMap<>();
    private final Semaphore room = new Semaphore(MAX_CALLS);

    /** What the server offers. */
    interface Tools {
        /** What the client's model is told of the server. */
        String instructions();

        /** The result of {@code tools/list}. */
        Members list();

        /** The names of the tools. */
        List<String> names();

        /** Who calls from now on, as it calls itself. */
        void client(String name);

        /** Calls a tool; its result, which is not sent if the call has been cancelled. */
        Members call(String name, Members arguments, McpCall call) throws InterruptedException;
    }

    /** A refusal that JSON-RPC has a code for. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        private final int code;
        private final String line;

        Refused(int code, String line) {
            super(line, null, false, false);
            this.code = code;
            this.line = line;
        }
    }

    McpServer(InputStream in, PrintStream out, String version, Tools tools) {
        this.in = new McpLines(in, MAX_LINE);
        this.out = out;
        this.version = version;
        this.tools = tools;
    }

    /** Serves until the client closes the input or stops reading the output. Calls may still run then. */
    void run() throws IOException {
        while (true) {
            Optional<McpLines.Line> line = in.next();
            if (line.isEmpty() || out.checkError()) {
                return;
            }
            if (line.get().tooLong()) {
                sendError(NULL, new Refused(INVALID_REQUEST, "a message is longer than " + MAX_LINE + " bytes"));
            } else {
                read(line.get().bytes().toByteArray());
            }
        }
    }

    private void read(byte[] line) {
        String start = new String(line, UTF_8).strip();
        if (start.isEmpty()) {
            return;
        }
        Optional<Members> message = ExactJson.readAny(line);
        if (message.isPresent()) {
            read(message.get());
        } else if (start.startsWith("[")) {
            sendError(
                    NULL,
                    new Refused(INVALID_REQUEST, "a line is one message; revisions after 2025-03-26 have no batches"));
        } else {
            sendError(
                    NULL,
                    new Refused(
                            PARSE_ERROR,
                            "a line is no JSON object in UTF-8 with unique names, nested at most 64 levels deep"));
        }
    }

    private void read(Members message) {
        Optional<JsonTree> id = message.get("id");
        Optional<String> method = message.text("method");
        if (method.isEmpty()
                && (message.get("result").isPresent() || message.get("error").isPresent())) {
            return; // a response, though this server asks nothing
        }
        boolean known = id.isEmpty() || isId(id.get());
        if (method.isEmpty() || !known || !message.text("jsonrpc").equals(Optional.of("2.0"))) {
            sendError(
                    known ? id.orElse(NULL) : NULL,
                    new Refused(
                            INVALID_REQUEST,
                            "a message needs \"jsonrpc\":\"2.0\", a method, and an id that is a text or a number"
                                    + " unless it is a notification"));
            return;
        }
        if (id.isEmpty()) {
            notified(method.get(), message);
            return;
        }
        try {
            answer(id.get(), method.get(), message);
        } catch (Refused e) {
            sendError(id.get(), e);
        }
    }

    private static boolean isId(JsonTree id) {
        return id instanceof Text || id instanceof Whole || (id instanceof Foreign && !id.equals(NULL));
    }

    /** Nothing answers a notification. Those that are not known are none of this server's business. */
    private void notified(String method, Members message) {
        if (method.equals("notifications/cancelled") && message.get("params").orElse(EMPTY) instanceof Members told) {
            // The call may have ended already, or never have been.
            told.get("requestId").map(running::get).ifPresent(McpCall::cancel);
        }
    }

    private void answer(JsonTree id, String method, Members message) throws Refused {
        if (!(message.get("params").orElse(EMPTY) instanceof Members params)) {
            throw new Refused(INVALID_PARAMS, "params is no object");
        }
        switch (method) {
            case "initialize" -> sendResult(id, initialize(params));
            case "ping" -> sendResult(id, EMPTY);
            case "tools/list" -> sendResult(id, list(params));
            case "tools/call" -> start(id, params);
            default ->
                throw new Refused(
                        METHOD_NOT_FOUND,
                        "there is no method '" + Printable.line(method)
                                + "'; there are initialize, ping, tools/list and tools/call");
        }
    }

    private Members initialize(Members params) throws Refused {
        String asked = params.text("protocolVersion")
                .orElseThrow(() -> new Refused(INVALID_PARAMS, "protocolVersion is missing, or no text"));
        if (params.get("clientInfo").orElse(EMPTY) instanceof Members client) {
            client.text("name").ifPresent(tools::client);
        }
        return JsonTree.object()
                .add("protocolVersion", revision(asked))
                .add("capabilities", JsonTree.object().add("tools", EMPTY).build())
                .add(
                        "serverInfo",
                        JsonTree.object()
                                .add("name", "harp")
                                .add("title", "HARP: a person approves")
                                .add("version", version)
                                .build())
                .add("instructions", tools.instructions())
                .build();
    }

    /** The newest revision that is no newer than what the client speaks; the newest one for a client of before. */
    private static String revision(String asked) {
        return REVISIONS.stream()
                .filter(each -> each.compareTo(asked) <= 0)
                .findFirst()
                .orElse(REVISIONS.getFirst());
    }

    private Members list(Members params) throws Refused {
        if (params.get("cursor").isPresent()) {
            throw new Refused(INVALID_PARAMS, "cursor is not known; all tools are on the first page");
        }
        return tools.list();
    }

    private void start(JsonTree id, Members params) throws Refused {
        String name = params.text("name").orElseThrow(() -> new Refused(INVALID_PARAMS, "name is missing, or no text"));
        if (!tools.names().contains(name)) {
            throw new Refused(
                    INVALID_PARAMS,
                    "there is no tool '" + Printable.line(name) + "'; there are " + String.join(", ", tools.names()));
        }
        if (!(params.get("arguments").orElse(EMPTY) instanceof Members arguments)) {
            throw new Refused(INVALID_PARAMS, "arguments is no object");
        }
        Optional<JsonTree> token = params.get("_meta").orElse(EMPTY) instanceof Members meta
                ? meta.get("progressToken").filter(McpServer::isId)
                : Optional.empty();
        McpCall call = new McpCall(token, told -> sendNotification("notifications/progress", told));
        if (!room.tryAcquire()) {
            throw new Refused(INTERNAL_ERROR, MAX_CALLS + " calls are running, and no more are allowed at once");
        }
        if (running.putIfAbsent(id, call) != null) {
            room.release();
            sendError(NULL, new Refused(INVALID_REQUEST, "the id of a request is that of a call that is running"));
            return;
        }
        Thread.ofVirtual().name("call").start(() -> serve(id, name, arguments, call));
    }

    /** Waits until no call runs any more, and each that has not been cancelled has its response. */
    void drain(Duration patience) {
        try {
            var _ = room.tryAcquire(MAX_CALLS, patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(JsonTree id, String name, Members arguments, McpCall call) {
        JsonTree.Builder response = response(id);
        try {
            response.add("result", tools.call(name, arguments, call));
        } catch (Throwable e) {
            // An Error too: the client would wait for ever.
            response.add(
                    "error",
                    error(INTERNAL_ERROR, "harp has failed (" + e.getClass().getSimpleName() + ")"));
        }
        // Before the response: the client may use the id again when it has read it.
        running.remove(id, call);
        if (!call.isCancelled()) {
            send(response);
        }
        room.release();
    }

    private static JsonTree.Builder response(JsonTree id) {
        return JsonTree.object().add("jsonrpc", "2.0").add("id", id);
    }

    private static Members error(int code, String line) {
        return JsonTree.object()
                .add("code", new Foreign("" + code))
                .add("message", line)
                .build();
    }

    private void sendResult(JsonTree id, Members result) {
        send(response(id).add("result", result));
    }

    private void sendError(JsonTree id, Refused refused) {
        send(response(id).add("error", error(refused.code, refused.line)));
    }

    private void sendNotification(String method, JsonTree.Builder params) {
        send(JsonTree.object().add("jsonrpc", "2.0").add("method", method).add("params", params.build()));
    }

    /** One line, in which what would act on a terminal is escaped. */
    private void send(JsonTree.Builder message) {
        byte[] line = (Report.anyText(message) + "\n").getBytes(UTF_8);
        synchronized (out) {
            out.write(line, 0, line.length);
            out.flush();
        }
        if (out.checkError()) {
            // Nobody reads any more; what was asked for is withdrawn.
            running.values().forEach(McpCall::cancel);
        }
    }
}
