package dev.harp.cli;

import dev.harp.client.Ask;
import dev.harp.message.Assurance;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "inform", description = "Tells the person something, and waits for nothing.")
final class InformCommand extends BaseCommand {
    @Mixin
    private AskOptions options = new AskOptions();

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
        return new Asking(context, options.json, Optional.empty())
                .send(options.name, options.assurance.isPresent() ? ask : ask.assurance(Assurance.TAP));
    }
}
