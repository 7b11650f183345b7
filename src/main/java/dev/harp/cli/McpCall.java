package dev.harp.cli;

import dev.harp.json.JsonTree;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** One call of a tool that is under way. */
final class McpCall {
    private final CompletableFuture<Void> cancelled = new CompletableFuture<>();
    private final Optional<JsonTree> progressToken;
    private final Consumer<JsonTree.Builder> notify;
    private long told;

    /**
     * @param progressToken what the client wants its notifications marked with, if it wants any
     * @param notify sends the parameters of a progress notification
     */
    McpCall(Optional<JsonTree> progressToken, Consumer<JsonTree.Builder> notify) {
        this.progressToken = progressToken;
        this.notify = notify;
    }

    /** Completed when the client has cancelled the call, or has gone: nobody reads its result. */
    CompletableFuture<Void> cancelled() {
        return cancelled;
    }

    void cancel() {
        cancelled.complete(null);
    }

    boolean isCancelled() {
        return cancelled.isDone();
    }

    /** Tells the client how far the call has come, if it has asked for that. The number only counts what was told. */
    synchronized void progress(String message) {
        progressToken.ifPresent(token -> notify.accept(JsonTree.object()
                .add("progressToken", token)
                .add("progress", ++told)
                .add("message", message)));
    }
}
