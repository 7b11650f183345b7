package dev.harp.relay.http.api;

import dev.harp.relay.http.edge.GuardedListener;
import dev.harp.relay.limit.Allowance;
import dev.harp.relay.limit.Grant;
import dev.harp.relay.limit.InFlight;
import dev.harp.relay.limit.RateLimit;
import dev.harp.relay.limit.Toll;
import dev.harp.relay.net.ClientKey;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import dev.harp.relay.service.Authenticator;
import dev.harp.relay.service.ClientGone;
import dev.harp.relay.service.NoRoom;
import dev.harp.relay.service.Openers;
import dev.harp.relay.service.Refusals;
import dev.harp.relay.store.StoreUnavailable;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Routes a call under {@code /v1}, or of a large document: the client's rate limit, the method, the endpoint, the
 * answer.
 *
 * <p>Each path is registered once, for every method, so that a wrong method is told from a wrong path; Helidon answers
 * both with 404.
 *
 * <p>A call gives back the memory that it takes for large messages when it ends. A large header section takes some of
 * its own, because a call that waits keeps it for so long.
 */
record Router(
        HttpRouting.Builder routing,
        CallLog log,
        InFlight<ClientKey> largeHeads,
        Authenticator authenticator,
        Openers openers,
        RateLimit<ClientKey> limit,
        RateLimit<ClientKey> files,
        int maxBody,
        SecurityEvents events,
        Cors cors) {
    /** Bytes of a header section that count as part of its connection. */
    private static final int SMALL_HEAD = 4096;

    /** Helidon keeps a large field as bytes and as text, and the last read. */
    private static final int HEAD_COPIES = 3;

    void add(String path, Map<Method, Endpoint> endpoints) {
        String allow = endpoints.keySet().stream().map(Method::text).sorted().collect(Collectors.joining(", "));
        routing.any(path, (request, response) -> {
            CallLog.Entry entry = CallLog.entry(request).orElseThrow();
            entry.route = path;
            Optional<Reply> preflight = cors.preflight(request, allow);
            if (preflight.isPresent()) {
                // Not counted: it costs no more than /health, and a refusal would hide from the script why the
                // call that follows is refused.
                preflight.get().send(request, response);
            } else {
                Endpoint endpoint =
                        endpoints.getOrDefault(request.prologue().method(), _ -> Reply.methodNotAllowed(allow));
                handle(endpoint, calls(), Router::storeUnavailable, entry, request, response);
            }
        });
    }

    /**
     * A document for GET and HEAD, which counts as a call as well: it costs the relay more than most calls do. It needs
     * no store, and is served uncounted while the store that counts cannot be reached.
     */
    void addDocument(String path, Function<ServerRequest, Reply> document) {
        addDocument(path, document, calls());
    }

    /** A file of the app. They have a limit of their own: a page of many files must not use up an office's calls. */
    void addFile(String path, Function<ServerRequest, Reply> document) {
        addDocument(path, document, new Quota("files", "files", files));
    }

    /** A rate limit, its name for clients, and what it counts. */
    private record Quota(String policy, String what, RateLimit<ClientKey> limit) {}

    private void addDocument(String path, Function<ServerRequest, Reply> document, Quota quota) {
        routing.any(path, (request, response) -> {
            CallLog.Entry entry = CallLog.entry(request).orElseThrow();
            entry.route = path;
            Supplier<Reply> reply = () -> document.apply(request);
            handle(_ -> reply.get(), quota, reply, entry, request, response);
        });
    }

    /** Ends the list of paths. A call of any other path counts as a call too, so that a scan is limited. */
    void close() {
        Reply nothing = Reply.problem(Refusal.of(ErrorCode.NOT_FOUND, "Nothing is served at this path."));
        for (String path : List.of("/v1", "/v1/*")) {
            routing.any(
                    path,
                    (request, response) -> handle(
                            _ -> nothing,
                            calls(),
                            Router::storeUnavailable,
                            CallLog.entry(request).orElseThrow(),
                            request,
                            response));
        }
    }

    private static Reply storeUnavailable() {
        return Reply.problem(Refusals.storeUnavailable());
    }

    private Quota calls() {
        return new Quota("client", "calls", limit);
    }

    private void handle(
            Endpoint endpoint,
            Quota quota,
            Supplier<Reply> withoutStore,
            CallLog.Entry entry,
            ServerRequest request,
            ServerResponse response) {
        if (entry.client.forwarded() == Client.Forwarded.IGNORED) {
            events.forwardedIgnored(entry);
        }
        Call call = new Call(request, entry, authenticator, openers, maxBody);
        try (Allowance head = largeHeads.of(call.client().key());
                entry.memory) {
            Reply reply = answer(call, head, endpoint, quota, withoutStore);
            reply.code()
                    .ifPresent(code -> events.refused(code, entry, call.bearer().isPresent()));
            call.quotas().forEach(response::header);
            reply.send(request, response);
        } catch (CloseConnectionException e) {
            log.aborted(request, response, entry);
            throw e;
        }
    }

    private Reply answer(Call call, Allowance head, Endpoint endpoint, Quota quota, Supplier<Reply> withoutStore) {
        int bytes = GuardedListener.headBytes();
        if (bytes > SMALL_HEAD && !head.hold((long) HEAD_COPIES * bytes)) {
            return Reply.problem(Refusals.noMemory());
        }
        try {
            Toll toll = quota.limit().toll(call.client().key());
            Grant grant = call.admit(toll);
            call.quota(quota.policy(), grant);
            if (!grant.allowed()) {
                return Reply.problem(Refusals.rateLimited(
                        quota.what() + " of one client address", grant.perMinute(), grant.retryIn()));
            }
            return endpoint.answer(call);
        } catch (Refused e) {
            return Reply.problem(e.refusal());
        } catch (NoRoom _) {
            return Reply.problem(Refusals.noMemory());
        } catch (StoreUnavailable _) {
            // The store logs an outage once; a line for each call would add nothing.
            return withoutStore.get();
        } catch (ClientGone e) {
            throw new CloseConnectionException("the client has gone", e);
        }
    }
}
