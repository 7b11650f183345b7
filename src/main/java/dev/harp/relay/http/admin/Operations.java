package dev.harp.relay.http.admin;

import dev.harp.relay.http.api.Reply;
import dev.harp.relay.log.Event;
import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.service.Operator;
import dev.harp.relay.service.Refusals;
import dev.harp.relay.store.StoreUnavailable;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import jakarta.json.stream.JsonGenerator;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The operator's acts on the admin listener: {@code DELETE} of a pairing or a device. Each act is a warning in the log,
 * with ids and numbers.
 */
record Operations(Operator operator) {
    private static final Logger LOG = System.getLogger(Operations.class.getName());

    void addTo(HttpRouting.Builder routing) {
        add(routing, "/pairs/{id}", Method.DELETE, this::revoke);
        add(routing, "/devices/{id}", Method.DELETE, this::remove);
    }

    private static void add(
            HttpRouting.Builder routing, String path, Method method, Function<ServerRequest, Reply> answer) {
        routing.any(
                path, (request, response) -> guarded(request, method, answer).send(request, response));
    }

    private static Reply guarded(ServerRequest request, Method method, Function<ServerRequest, Reply> answer) {
        if (!request.prologue().method().equals(method)) {
            return Reply.methodNotAllowed(method.text());
        }
        if (!Local.isOperator(request)) {
            return Local.refused("This can be done from this machine only, and by no web page.");
        }
        try {
            return answer.apply(request);
        } catch (StoreUnavailable _) {
            return Reply.problem(Refusals.storeUnavailable());
        }
    }

    private Reply revoke(ServerRequest request) {
        String text = id(request);
        return PairId.parse(text)
                .map(id -> done(
                        operator.revoke(id),
                        open -> Event.of("operator_revoked", "the operator has revoked a pairing")
                                .with("pair_id", id.value())
                                .with("open_requests", open),
                        (open, json) -> json.write("pair_id", id.value()).write("open_requests", open)))
                .orElseGet(() -> unknown("pairing", "pair_"));
    }

    private Reply remove(ServerRequest request) {
        String text = id(request);
        return DeviceId.parse(text)
                .map(id -> done(
                        operator.remove(id),
                        pairings -> Event.of("operator_removed", "the operator has removed a device")
                                .with("device_id", id.value())
                                .with("pairings", pairings),
                        (pairings, json) -> json.write("device_id", id.value()).write("pairings", pairings)))
                .orElseGet(() -> unknown("device", "dev_"));
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }

    private static Reply unknown(String what, String prefix) {
        return Reply.problem(Refusal.of(
                ErrorCode.INVALID_PARAMETER, "This is no id of a " + what + ": " + prefix + " and 12 hex digits."));
    }

    private interface View<T> {
        void write(T value, JsonGenerator json);
    }

    private static <T> Reply done(Result<T> result, Function<T, Event> event, View<T> view) {
        return switch (result) {
            case Result.Ok<T>(T value) -> {
                event.apply(value).to(LOG, Level.WARNING);
                yield json(json -> view.write(value, json));
            }
            case Result.Refused<T>(Refusal refusal) -> Reply.problem(refusal);
        };
    }

    private static Reply json(Consumer<JsonGenerator> members) {
        return Reply.json(Status.OK_200, json -> {
            json.writeStartObject();
            members.accept(json);
            json.writeEnd();
        });
    }
}
