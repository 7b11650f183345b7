package dev.harp.relay.http.api;

import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.net.ClientAddress;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Refusals;
import dev.harp.relay.store.StoreUnavailable;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The way of a call under {@code /v1}: who is calling and how often, which method, the endpoint, the answer.
 *
 * <p>Each path is registered once, for every method, so that a wrong method is told from a wrong path.
 */
public final class Router {
    static final HeaderName FORWARDED_FOR = HeaderNames.create("X-Forwarded-For");
    static final Header NO_STORE = HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store");

    private final HttpRouting.Builder routing;
    private final Authenticator authenticator;
    private final ClientAddress clients;
    private final RateLimit<ClientKey> limit;
    private final int maxBody;
    private final SecurityEvents events;
    private final Cors cors;

    Router(
            HttpRouting.Builder routing,
            Authenticator authenticator,
            ClientAddress clients,
            RateLimit<ClientKey> limit,
            int maxBody,
            SecurityEvents events,
            Cors cors) {
        this.routing = routing;
        this.authenticator = authenticator;
        this.clients = clients;
        this.limit = limit;
        this.maxBody = maxBody;
        this.events = events;
        this.cors = cors;
    }

    void add(String path, Map<Method, Endpoint> endpoints) {
        String allow = endpoints.keySet().stream().map(Method::text).sorted().collect(Collectors.joining(", "));
        Endpoint other = _ -> methodNotAllowed(allow);
        routing.any(
                path,
                (request, response) -> cors.preflight(request, allow)
                        .ifPresentOrElse(
                                answer -> preflight(path, answer, request, response),
                                () -> handle(
                                        path,
                                        endpoints.getOrDefault(
                                                request.prologue().method(), other),
                                        request,
                                        response)));
    }

    /**
     * A browser's question and no call: it is not counted. It costs no more than {@code /health}, and a refusal would hide from the script why its call, which comes next, is
     * refused.
     */
    private static void preflight(String path, Reply answer, ServerRequest request, ServerResponse response) {
        CallLog.entry(request).ifPresent(entry -> entry.routed(path));
        CallLog.entry(request).ifPresent(entry -> entry.answered(answer));
        response.header(NO_STORE);
        answer.send(request, response);
    }

    /** Ends the list of paths. What is not among them counts as a call, too: who looks around is calling. */
    void close() {
        Endpoint nothing = _ -> Reply.problem(Refusal.of(ErrorCode.NOT_FOUND, "Nothing is served at this path."));
        for (String path : List.of("/v1", "/v1/*")) {
            routing.any(path, (request, response) -> handle(CallLog.UNMATCHED, nothing, request, response));
        }
    }

    private void handle(String path, Endpoint endpoint, ServerRequest request, ServerResponse response) {
        InetAddress address = address(clients, request);
        ClientKey client = ClientKey.at(address);
        Call call = new Call(request, authenticator, maxBody);
        Optional<CallLog.Entry> entry = CallLog.entry(request);
        entry.ifPresent(begun -> begun.routed(path, call));
        if (request.headers().contains(FORWARDED_FOR) && !clients.trusts(peer(request))) {
            events.forwardedIgnored(client, address);
        }
        Reply reply = answer(call, client, endpoint);
        entry.ifPresent(begun -> begun.answered(reply));
        reply.code().ifPresent(code -> events.refused(code, path, call, client, address));
        response.header(NO_STORE);
        call.quotas().forEach(response::header);
        reply.send(request, response);
    }

    /** The client's address, as far as whoever tells it is believed. */
    static InetAddress address(ClientAddress clients, ServerRequest request) {
        return clients.of(peer(request), request.headers().values(FORWARDED_FOR));
    }

    static InetAddress peer(ServerRequest request) {
        return ((InetSocketAddress) request.remotePeer().address()).getAddress();
    }

    private Reply answer(Call call, ClientKey client, Endpoint endpoint) {
        try {
            Grant grant = limit.take(client);
            call.quota("client", grant);
            if (!grant.allowed()) {
                return Reply.problem(
                        Refusals.rateLimited("calls of one client address", grant.perMinute(), grant.retryIn()));
            }
            return endpoint.answer(call);
        } catch (Refused e) {
            return Reply.problem(e.refusal());
        } catch (StoreUnavailable _) {
            // The store says once that it is gone; a line for each call would say no more.
            return Reply.problem(Refusals.storeUnavailable());
        }
    }

    public static Reply methodNotAllowed(String allow) {
        return Reply.problem(
                Refusal.of(ErrorCode.METHOD_NOT_ALLOWED, "This path takes " + allow + " only."),
                HeaderValues.create(HeaderNames.ALLOW, allow));
    }
}
