package dev.harp.relay.store;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Result;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/** Results of the relay as the texts of {@link NaiveRelay}. */
final class HistoryTexts {
    private HistoryTexts() {}

    static NaiveRelay.Shown shown(Page inbox, long end) {
        List<String> full = inbox.requests().stream()
                .filter(Request::open)
                .map(request -> request.key().pair() + " " + request.key().request() + " " + request.stateName())
                .toList();
        List<String> cancelled = inbox.requests().stream()
                .filter(request -> !request.open())
                .map(request -> request.key().pair() + " " + request.key().request())
                .sorted()
                .toList();
        return new NaiveRelay.Shown(full, cancelled, inbox.reset(), end);
    }

    static <T> String text(Result<T> result, Function<T, String> value) {
        return switch (result) {
            case Result.Ok<T>(T done) -> value.apply(done);
            case Result.Refused<T>(Refusal refusal) -> refusal.code().code();
        };
    }

    static String joined(Pairing pairing) {
        return pairing.state() instanceof Pairing.Active active
                ? "active " + active.pairedAt().toEpochMilli()
                : "not active";
    }

    static String read(Pairing pairing) {
        return pairing.state() instanceof Pairing.Active(var device, var payload, var at)
                ? "active " + device + " " + payload.orElse("") + " " + at.toEpochMilli()
                : "pending " + pairing.expiresAt().toEpochMilli();
    }

    static String timeline(Request request) {
        Supplier<String> answer =
                () -> request.state() instanceof Request.Responded(Response given, var _) ? given.ciphertext() : "";
        return request.stateName() + " " + request.createdAt().toEpochMilli() + " "
                + request.expiresAt().toEpochMilli() + " " + answer.get();
    }
}
