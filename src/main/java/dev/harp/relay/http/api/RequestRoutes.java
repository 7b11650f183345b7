package dev.harp.relay.http.api;

import static dev.harp.relay.http.api.Endpoint.byRole;
import static dev.harp.relay.http.api.Endpoint.device;
import static dev.harp.relay.http.api.Endpoint.platform;

import dev.harp.relay.protocol.PlatformView;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.service.Caller;
import dev.harp.relay.service.Requests;
import dev.harp.relay.service.Wait;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** {@code /v1/requests} ({@code docs/protocol.md}, section 7). */
record RequestRoutes(Requests requests, ProtocolLimits limits, Duration maxWait) {
    static final int MAX_TTL = 86_400;
    private static final int DEFAULT_TTL = 300;

    void addTo(Router router) {
        router.add("/v1/requests", Map.of(Method.POST, platform(this::submit)));
        router.add(
                "/v1/requests/{id}",
                Map.of(Method.GET, byRole(this::await, this::read), Method.DELETE, platform(this::cancel)));
        router.add("/v1/requests/{id}/response", Map.of(Method.PUT, device(this::respond)));
    }

    private Reply submit(Caller.Platform caller, Call call) {
        Body body = call.body();
        Submission submission = new Submission(
                new RequestKey(body.pairId(), body.requestId()),
                body.envelope(limits.maxCiphertext()),
                body.ttl(1, MAX_TTL, DEFAULT_TTL),
                false,
                body.callback());
        call.names(submission.key().pair(), submission.key().request());
        Requests.Outcome outcome = requests.submit(caller, submission);
        call.quota("pair", outcome.grant());
        return Reply.of(outcome.result(), RequestRoutes::submitted);
    }

    private static Reply submitted(Requests.Submitted submitted) {
        Request request = submitted.request();
        String id = request.key().request().toString();
        return Reply.json(
                submitted.repeated() ? Status.OK_200 : Status.CREATED_201,
                json -> json.writeStartObject()
                        .write("request_id", id)
                        .write("state", request.stateName())
                        .write("expires_at", request.expiresAt().getEpochSecond())
                        .writeEnd(),
                HeaderValues.create(HeaderNames.LOCATION, "/v1/requests/" + id));
    }

    private Reply await(Caller.Platform caller, Call call) {
        Wait wait = call.wait(maxWait);
        return Reply.of(requests.await(caller, call.requestId(), wait), request -> {
            call.takes(Requests.memory(request));
            return Reply.ok(timeline(request));
        });
    }

    private Reply read(Caller.Device caller, Call call) {
        var _ = call.wait(maxWait); // the same parameters as the platform's call, though a device does not wait
        call.takes(Requests.memory(limits));
        return Reply.of(
                requests.read(caller, call.requestId()), request -> Reply.streamed(json -> item(request, json)));
    }

    private Reply cancel(Caller.Platform caller, Call call) {
        return Reply.of(requests.cancel(caller, call.requestId()), _ -> Reply.noContent());
    }

    private Reply respond(Caller.Device caller, Call call) {
        RequestId id = call.requestId();
        return Reply.of(
                requests.respond(caller, id, call.body().answer(limits.maxAnswer())),
                request -> Reply.ok(json -> json.writeStartObject()
                        .write("request_id", request.key().request().toString())
                        .write("state", request.stateName())
                        .writeEnd()));
    }

    /** The platform's view of its request. */
    static Consumer<JsonGenerator> timeline(Request request) {
        return json -> {
            json.writeStartObject();
            name(request, json);
            json.write("created_at", request.createdAt().getEpochSecond())
                    .write("expires_at", request.expiresAt().getEpochSecond());
            PlatformView.push(request).ifPresent(push -> json.write("push", push));
            request.deliveredAt().ifPresent(at -> json.write("delivered_at", at.getEpochSecond()));
            if (request.state() instanceof Request.Responded(Response answer, var at)) {
                json.write("responded_at", at.getEpochSecond());
                json.writeStartObject("response")
                        .write("nonce", answer.nonce())
                        .write("ciphertext", answer.ciphertext());
                answer.signature().ifPresent(signature -> json.write("signature", signature));
                json.writeEnd();
            }
            json.writeEnd();
        };
    }

    /** The device's view of a request; of one that has ended without its envelope. */
    static void item(Request request, JsonGenerator json) {
        json.writeStartObject();
        name(request, json);
        request.envelope()
                .filter(_ -> request.open())
                .ifPresent(
                        envelope -> json.write("nonce", envelope.nonce()).write("ciphertext", envelope.ciphertext()));
        json.write("created_at", request.createdAt().getEpochSecond())
                .write("expires_at", request.expiresAt().getEpochSecond())
                .writeEnd();
    }

    /** The device's view of a request that was cancelled. */
    static void withdrawn(Request request, JsonGenerator json) {
        json.writeStartObject();
        name(request, json);
        json.writeEnd();
    }

    private static void name(Request request, JsonGenerator json) {
        json.write("request_id", request.key().request().toString())
                .write("pair_id", request.key().pair().value())
                .write("state", request.stateName());
    }
}
