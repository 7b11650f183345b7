package dev.harp.relay.http.api;

import static dev.harp.relay.http.api.Endpoint.anyCaller;
import static dev.harp.relay.http.api.Endpoint.device;
import static dev.harp.relay.http.api.Endpoint.ownPairing;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Sha256;
import dev.harp.relay.service.Caller;
import dev.harp.relay.service.PairingCursor;
import dev.harp.relay.service.PairingUpdate;
import dev.harp.relay.service.Pairings;
import dev.harp.relay.service.Refusals;
import dev.harp.relay.service.Subscriptions;
import dev.harp.relay.store.Page;
import io.helidon.http.Method;
import jakarta.json.stream.JsonGenerator;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** {@code /v1/pairs} ({@code docs/protocol.md}, section 4). */
record PairingRoutes(Pairings pairings, Subscriptions streams, Optional<Sha256> registrationKey, Duration maxWait) {
    private static final int MIN_TTL = 30;
    static final int MAX_TTL = 600;
    private static final int DEFAULT_TTL = 300;

    void addTo(Router router) {
        router.add("/v1/pairs", Map.of(Method.POST, this::open));
        router.add(
                "/v1/pairs/{id}", Map.of(Method.GET, ownPairing(this::await), Method.DELETE, anyCaller(this::revoke)));
        router.add("/v1/pairs/{id}/events", Map.of(Method.GET, ownPairing(this::events)));
        router.add("/v1/pairs/{id}/token", Map.of(Method.POST, ownPairing(this::rotate)));
        router.add("/v1/pairs/{id}/device", Map.of(Method.PUT, device(this::join)));
    }

    private Reply open(Call call) {
        if (registrationKey.isPresent() && !call.bearer().map(Sha256::of).equals(registrationKey)) {
            throw new Refused(Refusals.unregistered());
        }
        Body body = call.body();
        return Reply.of(
                pairings.open(body.secretHash(), body.ttl(MIN_TTL, MAX_TTL, DEFAULT_TTL), call.opener()),
                PairingRoutes::opened);
    }

    private static Reply opened(Pairings.Opened opened) {
        Pairing pairing = opened.pairing();
        return Reply.created(
                "/v1/pairs/" + pairing.id().value(),
                json -> json.writeStartObject()
                        .write("pair_id", pairing.id().value())
                        .write("status", "pending")
                        .write("platform_token", opened.token().value())
                        .write("expires_at", pairing.expiresAt().getEpochSecond())
                        .writeEnd());
    }

    private Reply await(Caller.Platform caller, Call call) {
        return Reply.of(pairings.await(caller, call.wait(maxWait)), pairing -> Reply.ok(view(pairing)));
    }

    private Reply events(Caller.Platform caller, Call call) {
        return Reply.of(
                streams.ofPairing(caller, call.lastEventId(PairingCursor::parse), call.opener(), call.memory()),
                subscription -> Reply.events(subscription, PairingRoutes::write, call.memory()));
    }

    private static void write(PairingUpdate update, EventWriter out) {
        Page page = update.page();
        if (page.reset()) {
            out.event("reset", Optional.empty());
        }
        update.pairing()
                .ifPresent(pairing -> out.event("pairing", Optional.of(update.at(update.before())), view(pairing)));
        page.entries()
                .forEach(item -> out.event(
                        "request", Optional.of(update.at(item.cursor())), RequestRoutes.timeline(item.request())));
        if (update.complete()) {
            out.event("current", Optional.of(update.at(page.cursor())));
        }
        update.ended()
                .ifPresent(why ->
                        out.event("ended", Optional.empty(), json -> Problems.write(why.code(), why.detail(), json)));
    }

    private static Consumer<JsonGenerator> view(Pairing pairing) {
        return json -> {
            json.writeStartObject().write("pair_id", pairing.id().value());
            switch (pairing.state()) {
                case Pairing.Active active -> {
                    json.write("status", "active")
                            .write("paired_at", active.pairedAt().getEpochSecond())
                            .write("device_id", active.device().value());
                    active.payload().ifPresent(payload -> json.write("payload", payload));
                }
                case Pairing.Pending _, Pairing.Closed _, Pairing.Revoked _ ->
                    json.write("status", "pending")
                            .write("expires_at", pairing.expiresAt().getEpochSecond());
            }
            json.writeEnd();
        };
    }

    private Reply rotate(Caller.Platform caller, Call call) {
        return Reply.of(
                pairings.rotate(caller),
                token -> Reply.ok(json -> json.writeStartObject()
                        .write("pair_id", caller.pair().value())
                        .write("platform_token", token.value())
                        .writeEnd()));
    }

    private Reply join(Caller.Device caller, Call call) {
        Body body = call.body();
        return Reply.of(
                pairings.join(caller, call.anyPairId(), body.secretHash(), body.payload()),
                pairing -> Reply.ok(joined(pairing)));
    }

    private static Consumer<JsonGenerator> joined(Pairing pairing) {
        return json -> {
            json.writeStartObject().write("pair_id", pairing.id().value()).write("status", "active");
            if (pairing.state() instanceof Pairing.Active active) {
                json.write("paired_at", active.pairedAt().getEpochSecond());
            }
            json.writeEnd();
        };
    }

    private Reply revoke(Caller caller, Call call) {
        return Reply.of(pairings.revoke(caller, call.pairId()), _ -> Reply.noContent());
    }
}
