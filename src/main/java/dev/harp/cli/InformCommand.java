package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.client.Outcome;
import dev.harp.client.Platform;
import dev.harp.json.JsonTree;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "inform", description = "Tells the person something, and waits for nothing.")
final class InformCommand extends BaseCommand {
    @Mixin
    private AskOptions options = new AskOptions();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(names = "--action", required = true, paramLabel = "TEXT", description = "What to tell, in a few words.")
    private String action = "";

    @Option(names = "--description", paramLabel = "TEXT", description = "More of it.")
    private Optional<String> description = Optional.empty();

    InformCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        Ask ask = options.applied(Ask.inform(action, options.ttl()), context, description);
        return switch (new Asking(context, options.name).send(ask)) {
            case Platform.Rejected(Outcome outcome) ->
                new Report(terminal(), json, new ReceiptOption()).print(new Asking.End(outcome, Optional.empty()));
            case Platform.Accepted(Platform.Sent sent) -> {
                terminal()
                        .answer(
                                json
                                        ? Report.text(JsonTree.object()
                                                .add("outcome", "sent")
                                                .add("request_id", sent.requestId()))
                                        : "sent");
                yield ExitCode.OK;
            }
        };
    }
}
