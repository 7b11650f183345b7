package dev.harp.relay.http.api;

import io.helidon.common.configurable.Resource;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** The description of the interface ({@code docs/protocol.md}, section 12.2). */
final class DescriptionRoute {
    private static final String PATH = "/openapi.yaml";
    private static final Header YAML = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/yaml");

    private final String tag;
    private final Reply whole;
    private final Reply unchanged;

    DescriptionRoute() {
        byte[] bytes = Resource.create("openapi.yaml").bytes();
        this.tag = '"' + AppFiles.sha256(bytes) + '"';
        Header etag = HeaderValues.createCached(HeaderNames.ETAG, tag);
        this.whole = Reply.document(Status.OK_200, YAML, bytes, etag, AppRoute.REVALIDATE);
        this.unchanged = Reply.empty(Status.NOT_MODIFIED_304, etag, AppRoute.REVALIDATE);
    }

    /** @param documents takes each path with its answers */
    void addTo(BiConsumer<String, Function<ServerRequest, Reply>> documents) {
        documents.accept(PATH, request -> DocumentRoutes.read(request, () -> description(request)));
    }

    private Reply description(ServerRequest request) {
        return AppRoute.matches(request.headers().values(HeaderNames.IF_NONE_MATCH), tag) ? unchanged : whole;
    }
}
