package dev.harp.cli;

import dev.harp.client.PlatformCredentials;
import dev.harp.json.JsonTree;
import dev.harp.message.Answer;
import dev.harp.message.Bytes;
import dev.harp.message.Checked;
import dev.harp.message.Decision;
import dev.harp.message.Receipt;
import dev.harp.message.Receipt.Verified;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Verifies a receipt offline: that the paired device has signed this answer to this question. Ends"
                + " with 0 if the answer is an approval, with 10 if it is a denial.")
final class VerifyCommand extends BaseCommand {
    private static final int LARGEST = 1_000_000;
    private static final int T_BYTES = 32;

    @Parameters(paramLabel = "FILE", description = "The receipt.")
    private Path file = Path.of("");

    @Option(
            names = "--pairing",
            required = true,
            paramLabel = "NAME|T",
            description = "The pairing, by its name here or by the T that 'harp show' prints. It has to be named: under"
                    + " a stranger's key any receipt would be valid.")
    private String pairing = "";

    @Option(
            names = "--request-id",
            paramLabel = "ID",
            description = "The request that it has to be the answer to. Without it, an older receipt passes as well.")
    private Optional<String> requestId = Optional.empty();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    VerifyCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() {
        return switch (Receipt.verify(bytes(), transcript())) {
            case Checked.Refused<Verified>(var reason) ->
                throw new Failure(ExitCode.NOT_GENUINE, "the receipt is not genuine (" + reason.code() + ")");
            case Checked.Ok<Verified>(Verified verified)
            when requestId
                    .filter(id -> !id.equals(verified.question().requestId()))
                    .isPresent() ->
                throw new Failure(
                        ExitCode.NOT_GENUINE,
                        "the receipt is that of another request: "
                                + verified.question().requestId());
            case Checked.Ok<Verified>(Verified verified) -> {
                print(verified);
                yield verified.answer().decision() == Decision.DENIED ? ExitCode.DENIED : ExitCode.OK;
            }
        };
    }

    private Bytes transcript() {
        Optional<Bytes> named = Bytes.ofBase64(pairing).filter(bytes -> bytes.length() == T_BYTES);
        return named.orElseGet(() -> {
            PlatformCredentials credentials = home().pairing(pairing);
            return credentials.pairing().transcript();
        });
    }

    private byte[] bytes() {
        try {
            if (Files.size(file) > LARGEST) {
                throw Failure.usage(Printable.line(file.toString()) + " is too large for a receipt");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw Failure.usage(Printable.line(file.toString()) + " cannot be read ("
                    + e.getClass().getSimpleName() + ")");
        }
    }

    private void print(Verified verified) {
        Answer answer = verified.answer();
        if (json) {
            terminal()
                    .answer(Report.text(JsonTree.object()
                            .add("genuine", true)
                            .add("decision", answer.decision().code())
                            .add("action", verified.question().action())
                            .add("request_id", verified.question().requestId())
                            .add("assurance", verified.given().code())
                            .add("decided_at", answer.decidedAt())
                            .add("device", verified.join().name())
                            .add("reason", answer.reason())
                            .add("choice", answer.choice())
                            .add("rule", verified.rule())));
            return;
        }
        terminal()
                .answer("genuine: " + answer.decision().code() + " by "
                        + verified.given().code());
        terminal().answer("action: " + Printable.line(verified.question().action()));
        terminal().answer("device: " + Printable.line(verified.join().name()));
        terminal().answer("decided at (the device's clock): " + Instant.ofEpochSecond(answer.decidedAt()));
        answer.reason().ifPresent(reason -> terminal().answer("reason: " + Printable.line(reason)));
        answer.choice().ifPresent(choice -> terminal().answer("choice: " + choice));
        verified.rule().ifPresent(rule -> terminal().answer("rule: " + Printable.line(rule)));
    }
}
