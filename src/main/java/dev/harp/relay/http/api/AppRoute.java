package dev.harp.relay.http.api;

import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Refusal;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The approver's app under {@code /app/} ({@code docs/protocol.md}, section 12.4).
 *
 * <p>A path is looked up in the list of files and nowhere else: no path leads to another file or resource.
 */
public final class AppRoute {
    /**
     * What the page may do, in a browser that fetches it from a relay. Scripts and styles are files of the app only; it
     * may call relays anywhere, because a device may be paired through several.
     */
    public static final String CONTENT_SECURITY_POLICY = String.join(
            "; ",
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob: data:",
            "font-src 'self'",
            "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
            "manifest-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types harp");

    private static final String ROOT = "/";
    private static final String APP = "/app";
    private static final String BELOW = "/app/*";
    private static final String INDEX = "index.html";

    /** Of what a page could ask for, the app needs the camera, and passkeys and the clipboard, which are not here. */
    private static final String PERMISSIONS = "camera=(self), accelerometer=(), display-capture=(), geolocation=(), "
            + "gyroscope=(), hid=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), payment=(), "
            + "serial=(), usb=(), xr-spatial-tracking=()";

    private static final List<Header> SECURITY = List.of(
            HeaderValues.createCached("Content-Security-Policy", CONTENT_SECURITY_POLICY),
            HeaderValues.createCached("Referrer-Policy", "no-referrer"),
            HeaderValues.createCached("X-Content-Type-Options", "nosniff"),
            HeaderValues.createCached("X-Frame-Options", "DENY"),
            HeaderValues.createCached("Cross-Origin-Opener-Policy", "same-origin"),
            HeaderValues.createCached("Permissions-Policy", PERMISSIONS));

    /** Asked for again each time, and answered by 304 while it is the same. */
    static final Header REVALIDATE = HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "no-cache");

    private static final Header FOREVER =
            HeaderValues.createCached(HeaderNames.CACHE_CONTROL, "public, max-age=31536000, immutable");

    /** A file whose name changes with what is in it, as Vite names them. */
    private static final Pattern HASHED = Pattern.compile("assets/[^/]*-[A-Za-z0-9_-]{8}\\.[a-z0-9.]+");

    private static final Header VARY = HeaderValues.createCached(HeaderNames.VARY, "Accept-Encoding");
    private static final Header GZIP = HeaderValues.createCached(HeaderNames.CONTENT_ENCODING, "gzip");
    private static final Header TEXT = type("text/plain; charset=utf-8");
    private static final Header BYTES = type("application/octet-stream");
    private static final Header TO_APP = HeaderValues.createCached(HeaderNames.LOCATION, "app/");
    private static final Map<String, Header> TYPES = Map.ofEntries(
            Map.entry("html", type("text/html; charset=utf-8")),
            Map.entry("js", type("text/javascript; charset=utf-8")),
            Map.entry("css", type("text/css; charset=utf-8")),
            Map.entry("json", type("application/json")),
            Map.entry("map", type("application/json")),
            Map.entry("webmanifest", type("application/manifest+json")),
            Map.entry("svg", type("image/svg+xml")),
            Map.entry("png", type("image/png")),
            Map.entry("ico", type("image/x-icon")),
            Map.entry("webp", type("image/webp")),
            Map.entry("woff2", type("font/woff2")),
            Map.entry("wasm", type("application/wasm")),
            Map.entry("md", TEXT),
            Map.entry("txt", TEXT));

    private static final Reply NOTHING =
            secured(Reply.problem(Refusal.of(ErrorCode.NOT_FOUND, "Nothing is served at this path.")));

    private final AppFiles files;

    AppRoute(AppFiles files) {
        this.files = files;
    }

    private static Header type(String text) {
        return HeaderValues.createCached(HeaderNames.CONTENT_TYPE, text);
    }

    /** @param documents takes each path with its answers */
    void addTo(BiConsumer<String, Function<ServerRequest, Reply>> documents) {
        boolean there = files.digest().isPresent();
        if (there) {
            documents.accept(ROOT, secured(_ -> redirect(Status.FOUND_302)));
        }
        for (String path : List.of(APP, BELOW)) {
            documents.accept(path, secured(there ? this::file : this::missing));
        }
    }

    private static Function<ServerRequest, Reply> secured(Function<ServerRequest, Reply> answer) {
        return request -> secured(DocumentRoutes.read(request, () -> answer.apply(request)));
    }

    /** Relative, so that it holds behind a proxy that puts the relay under a path of its own. */
    private static Reply redirect(Status status) {
        return Reply.empty(status, TO_APP, REVALIDATE);
    }

    private Reply missing(ServerRequest request) {
        String path = path(request);
        if (!path.equals(APP) && !path.equals(APP + ROOT)) {
            return NOTHING;
        }
        String line = "This relay was built without the approver's app: "
                + (files.whyMissing().isEmpty() ? "the build has not said why." : files.whyMissing())
                + " To have it here, install Node 20.19 or newer with npm, build the relay again"
                + " (./mvnw -q -DskipTests package), and start it again.\n";
        return Reply.bytes(Status.NOT_FOUND_404, TEXT, line.getBytes(StandardCharsets.UTF_8));
    }

    private Reply file(ServerRequest request) {
        String path = path(request);
        if (path.equals(APP)) {
            return redirect(Status.PERMANENT_REDIRECT_308);
        }
        String name = path.equals(APP + ROOT) ? INDEX : path.substring(APP.length() + 1);
        return files.hash(name).map(hash -> file(request, name, hash)).orElse(NOTHING);
    }

    private Reply file(ServerRequest request, String name, String hash) {
        Optional<byte[]> compressed = acceptsGzip(request.headers().values(HeaderNames.ACCEPT_ENCODING))
                ? files.compressed(name)
                : Optional.empty();
        // Two representations have two tags (RFC 9110, 8.8.3.3).
        String tag = '"' + hash + (compressed.isPresent() ? "-gzip" : "") + '"';
        List<Header> headers = new ArrayList<>(List.of(
                HeaderValues.create(HeaderNames.ETAG, tag),
                VARY,
                HASHED.matcher(name).matches() ? FOREVER : REVALIDATE));
        byte[] bytes = compressed.orElseGet(() -> files.bytes(name));
        if (matches(request.headers().values(HeaderNames.IF_NONE_MATCH), tag)) {
            return Reply.empty(Status.NOT_MODIFIED_304, headers.toArray(Header[]::new));
        }
        if (compressed.isPresent()) {
            headers.add(GZIP);
        }
        Header type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), BYTES);
        return Reply.document(Status.OK_200, type, bytes, headers.toArray(Header[]::new));
    }

    /** Decoded, without parameters and dots (section 3.5). */
    private static String path(ServerRequest request) {
        return request.path().absolute().path();
    }

    /** RFC 9110, 12.5.3: {@code gzip}, or {@code *} where gzip is not named, with a weight that is not zero. */
    static boolean acceptsGzip(List<String> fields) {
        Optional<Boolean> any = Optional.empty();
        for (String coding : elements(fields)) {
            String[] parts = coding.toLowerCase(Locale.ROOT).split("\\s*;\\s*", -1);
            boolean wanted = parts.length < 2 || !parts[1].matches("q=0(\\.0*)?");
            if (parts[0].equals("gzip") || parts[0].equals("x-gzip")) {
                return wanted;
            }
            if (parts[0].equals("*")) {
                any = Optional.of(wanted);
            }
        }
        return any.orElse(false);
    }

    /** RFC 9110, 13.1.2: weak comparison. */
    static boolean matches(List<String> fields, String tag) {
        return elements(fields).stream()
                .anyMatch(given ->
                        given.equals("*") || given.replaceFirst("^W/", "").equals(tag));
    }

    private static List<String> elements(List<String> fields) {
        return fields.stream()
                .flatMap(field -> Arrays.stream(field.split(",", -1)))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    private static Reply secured(Reply reply) {
        List<Header> headers = new ArrayList<>(reply.headers());
        headers.addAll(SECURITY);
        return new Reply(reply.status(), reply.code(), headers, reply.content());
    }
}
