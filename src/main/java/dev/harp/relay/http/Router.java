package dev.harp.relay.http;

import dev.harp.relay.limit.Client;
import dev.harp.relay.limit.ClientAddress;
import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.model.ErrorCode;
import dev.harp.relay.model.Refusal;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.Refusals;
import io.helidon.http.Header;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * The way of a call under {@code /v1}: who is calling and how often, which method, the endpoint, the answer.
 *
 * <p>Each path is registered once, for every method, so that a wrong method is told from a wrong path.
 */
final class Router {
    private static final Logger LOG = System.getLogger(Router.class.getName());
    private static final HeaderName FORWARDED_FOR = HeaderNames.create("X-Forwarded-For");
    private static final Header NO_STORE = HeaderValues.create(HeaderNames.CACHE_CONTROL, "no-store");

    /** What answers one method on one path. */
    @FunctionalInterface
    interface Endpoint {
        Reply answer(Call call);
    }

    private final HttpRouting.Builder routing;
    private final Authenticator authenticator;
    private final ClientAddress clients;
    private final RateLimit<Client> limit;
    private final int maxBody;
    private final LongSupplier nanoTime;

    Router(
            HttpRouting.Builder routing,
            Authenticator authenticator,
            ClientAddress clients,
            RateLimit<Client> limit,
            int maxBody,
            LongSupplier nanoTime) {
        this.routing = routing;
        this.authenticator = authenticator;
        this.clients = clients;
        this.limit = limit;
        this.maxBody = maxBody;
        this.nanoTime = nanoTime;
    }

    void add(String path, Map<Method, Endpoint> endpoints) {
        String allow = endpoints.keySet().stream().map(Method::text).sorted().collect(Collectors.joining(", "));
        Endpoint other = _ -> methodNotAllowed(allow);
        routing.any(
                path,
                (request, response) ->
                        handle(path, endpoints.getOrDefault(request.prologue().method(), other), request, response));
    }

    /** Ends the list of paths. What is not among them counts as a call, too: who looks around is calling. */
    void close() {
        Endpoint nothing = _ -> Reply.problem(Refusal.of(ErrorCode.NOT_FOUND, "Nothing is served at this path."));
        for (String path : List.of("/v1", "/v1/*")) {
            routing.any(path, (request, response) -> handle(path, nothing, request, response));
        }
    }

    private void handle(String path, Endpoint endpoint, ServerRequest request, ServerResponse response) {
        long begin = nanoTime.getAsLong();
        Client client = Client.at(clients.of(
                ((InetSocketAddress) request.remotePeer().address()).getAddress(),
                request.headers().values(FORWARDED_FOR)));
        Call call = new Call(request, authenticator, maxBody);
        Reply reply = answer(call, client, endpoint);
        response.header(NO_STORE);
        call.quotas().forEach(response::header);
        reply.send(response);
        LOG.log(
                Level.DEBUG,
                () -> request.prologue().method().text() + " " + path + " "
                        + reply.status().code() + ", " + (nanoTime.getAsLong() - begin) / 1000 + " us, " + client);
    }

    private Reply answer(Call call, Client client, Endpoint endpoint) {
        Grant grant = limit.take(client);
        call.quota("client", limit.perMinute(), grant);
        if (!grant.allowed()) {
            return Reply.problem(
                    Refusals.rateLimited("calls of one client address", limit.perMinute(), grant.retryIn()));
        }
        try {
            return endpoint.answer(call);
        } catch (Refused e) {
            return Reply.problem(e.refusal());
        }
    }

    static Reply methodNotAllowed(String allow) {
        return Reply.problem(
                Refusal.of(ErrorCode.METHOD_NOT_ALLOWED, "This path takes " + allow + " only."),
                HeaderValues.create(HeaderNames.ALLOW, allow));
    }
}
