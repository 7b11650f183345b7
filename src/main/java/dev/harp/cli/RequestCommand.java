package dev.harp.cli;

import dev.harp.client.Ask;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "request", description = "Asks whether something may be done, and waits for the decision.")
final class RequestCommand extends BaseCommand {
    @Mixin
    private AskOptions options = new AskOptions();

    @Mixin
    private RuleOption rules = new RuleOption();

    @Mixin
    private ReceiptOption receipt = new ReceiptOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--action",
            required = true,
            paramLabel = "TEXT",
            description = "What is to be done, in a few words.")
    private String action = "";

    @Option(names = "--description", paramLabel = "TEXT", description = "What that means, for the person.")
    private Optional<String> description = Optional.empty();

    RequestCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        Ask ask = rules.applied(options.applied(Ask.authorize(action, options.ttl()), context, description));
        receipt.check();
        return new Asking(context, options.name).ask(ask, new Report(terminal(), json, receipt)::print);
    }
}
