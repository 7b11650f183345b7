package dev.harp.cli;

import dev.harp.message.Intent;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "wait", description = "Waits for a request that a harp which was killed has left open.")
final class WaitCommand extends BaseCommand {
    @Option(names = "--list", description = "List those requests instead.")
    private boolean list;

    @Parameters(arity = "0..1", paramLabel = "ID", description = "The request's id.")
    private Optional<String> id = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin
    private ReceiptOption receipt = new ReceiptOption();

    WaitCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (list == id.isPresent()) {
            // A script's id may be empty: that is no request, and ends in no 0.
            throw Failure.usage("ID: name one request, or give --list");
        }
        if (id.isEmpty()) {
            home().forgetExpired(context.environment().clock().instant().getEpochSecond());
            List<Home.OpenRequest> open = home().openRequests();
            open.forEach(each -> terminal()
                    .answer(each.asked().question().requestId() + "  " + each.pairing() + "  "
                            + Printable.line(each.asked().question().action())));
            if (open.isEmpty()) {
                terminal().say("There is no open request.");
            }
            return ExitCode.OK;
        }
        if (home().openRequest(id.get())
                .filter(open -> open.asked().question().intent() == Intent.INFORM)
                .isPresent()) {
            throw Failure.usage("ID: this is information, which nobody decides about");
        }
        String name = home().openRequest(id.get())
                .map(Home.OpenRequest::pairing)
                .orElseThrow(() -> Asking.noSuchRequest(id.get()));
        receipt.check();
        return new Asking(context, name).resume(id.get(), new Report(terminal(), json, receipt)::print);
    }
}
