package dev.harp.relay.http.api;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.startsWith;

import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RawClient;
import dev.harp.testing.TestApp;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.testing.junit5.ServerTest;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/protocol.md}, section 12.4: the files of the app. */
@ServerTest
class AppRouteTest {
    private static final String FOREVER = "public, max-age=31536000, immutable";

    private final URI server;

    AppRouteTest(URI server) {
        this.server = server;
    }

    @SetUpRoute
    static void routing(HttpRouting.Builder routing) {
        routing.addFilter(ProtocolErrors::filter);
        new ProtocolErrors(() -> "incident", _ -> {}).addTo(routing);
        new AppRoute(TestApp.files())
                .addTo((path, document) -> routing.any(
                        path, (request, response) -> document.apply(request).send(request, response)));
    }

    private HttpAnswer call(String method, String target, String... headers) {
        try (RawClient connection = new RawClient(server.getPort())) {
            connection.send(method + " " + target + " HTTP/1.1\r\nHost: a\r\n"
                    + String.join(
                            "",
                            List.of(headers).stream()
                                    .map(header -> header + "\r\n")
                                    .toList()) + "\r\n");
            return connection.answer(method);
        } catch (IOException e) {
            throw new AssertionError(method + " " + target, e);
        }
    }

    private HttpAnswer get(String target, String... headers) {
        return call("GET", target, headers);
    }

    @Test
    void everyListedFileIsServedAsItIs() {
        TestApp.FILES.forEach((name, text) -> {
            HttpAnswer answer = get("/app/" + name).is(200);
            assertThat(name, answer.body(), is(text));
            assertThat(name, answer.header("Content-Encoding").isPresent(), is(false));
        });
        assertThat(get("/app/hashes.json").is(200).body(), is(TestApp.list(TestApp.FILES)));
        assertThat(get("/app/").is(200).body(), is(TestApp.INDEX));
        assertThat(get("/app/?a=b").is(200).body(), is(TestApp.INDEX));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/app/|text/html; charset=utf-8|no-cache",
                "/app/index.html|text/html; charset=utf-8|no-cache",
                "/app/sw.js|text/javascript; charset=utf-8|no-cache",
                "/app/manifest.webmanifest|application/manifest+json|no-cache",
                "/app/hashes.json|application/json|no-cache",
                "/app/icon.png|image/png|no-cache",
                "/app/assets/index-AbCd_-19.js|text/javascript; charset=utf-8|" + FOREVER,
                "/app/assets/index-AbCd_-19.js.map|application/json|" + FOREVER,
                "/app/assets/plain.js|text/javascript; charset=utf-8|no-cache",
                "/app/unknown.type|application/octet-stream|no-cache"
            })
    void typeAndCachingFollowTheName(String target, String type, String caching) {
        HttpAnswer answer = get(target).is(200);
        assertThat(answer.header("Content-Type").orElseThrow(), is(type));
        assertThat(answer.header("Cache-Control").orElseThrow(), is(caching));
        assertThat(answer.header("Vary").orElseThrow(), is("Accept-Encoding"));
    }

    @Test
    void whoAcceptsGzipGetsTheCompressedFileWithATagOfItsOwn() {
        HttpAnswer plain = get("/app/" + TestApp.SCRIPT).is(200);
        HttpAnswer compressed =
                get("/app/" + TestApp.SCRIPT, "Accept-Encoding: br, gzip;q=0.5").is(200);
        assertThat(compressed.header("Content-Encoding").orElseThrow(), is("gzip"));
        assertThat(
                Integer.parseInt(compressed.header("Content-Length").orElseThrow())
                        < Integer.parseInt(plain.header("Content-Length").orElseThrow()) / 10,
                is(true));
        assertThat(
                compressed.header("ETag").orElseThrow(),
                not(is(plain.header("ETag").orElseThrow())));
        // Where it would be larger there is none.
        assertThat(
                get("/app/manifest.webmanifest", "Accept-Encoding: gzip")
                        .is(200)
                        .header("Content-Encoding")
                        .isPresent(),
                is(false));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip|true",
                "GZIP|true",
                "deflate, gzip ; q=1.0|true",
                "x-gzip|true",
                "*|true",
                "gzip;q=0|false",
                "gzip; q=0.000|false",
                "gzip;q=0, *|false",
                "*;q=0|false",
                "identity|false",
                "br|false",
                "gzipped|false",
                "''|false"
            })
    void acceptEncodingIsReadAsTheStandardSays(String field, boolean gzip) {
        assertThat(AppRoute.acceptsGzip(List.of(field)), is(gzip));
    }

    @Test
    void anUnchangedFileIsNotSentAgain() {
        String tag = get("/app/").is(200).header("ETag").orElseThrow();
        assertThat(
                tag, is('"' + TestApp.sha256(TestApp.INDEX.getBytes(java.nio.charset.StandardCharsets.UTF_8)) + '"'));
        for (String given : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            HttpAnswer answer = get("/app/", "If-None-Match: " + given).is(304);
            assertThat(answer.body(), is(""));
            assertThat(answer.header("ETag").orElseThrow(), is(tag));
            assertThat(answer.header("Cache-Control").orElseThrow(), is("no-cache"));
            assertThat(answer.header("Content-Type").isPresent(), is(false));
        }
        get("/app/", "If-None-Match: \"other\"").is(200);
        // The tag of the other representation.
        get("/app/", "If-None-Match: " + tag, "Accept-Encoding: gzip").is(200);
    }

    /** So the next answer on the connection is found. */
    @Test
    void nothingFollowsA304() throws IOException {
        String tag = get("/app/").is(200).header("ETag").orElseThrow();
        try (RawClient connection = new RawClient(server.getPort())) {
            connection.send("GET /app/ HTTP/1.1\r\nHost: a\r\nIf-None-Match: " + tag
                    + "\r\n\r\nGET /app/icon.png HTTP/1.1\r\nHost: a\r\n\r\n");
            connection.answer().is(304);
            assertThat(connection.answer().is(200).body(), is("no picture"));
        }
    }

    @Test
    void headHasTheLengthAndNoBody() throws IOException {
        try (RawClient connection = new RawClient(server.getPort())) {
            connection.send("HEAD /app/ HTTP/1.1\r\nHost: a\r\n\r\nGET /app/icon.png HTTP/1.1\r\nHost: a\r\n\r\n");
            HttpAnswer head = connection.answer("HEAD").is(200);
            assertThat(head.header("Content-Length").orElseThrow(), is("" + TestApp.INDEX.length()));
            assertThat(connection.answer().is(200).body(), is("no picture"));
        }
    }

    /** Also on errors and redirects: a page without them could be framed. */
    @ParameterizedTest
    @ValueSource(strings = {"/app/", "/app/sw.js", "/app/nothing", "/app", "/"})
    void everyAnswerHasTheSecurityHeaders(String target) {
        HttpAnswer answer = get(target);
        assertThat(answer.header("Content-Security-Policy").orElseThrow(), is(AppRoute.CONTENT_SECURITY_POLICY));
        assertThat(
                AppRoute.CONTENT_SECURITY_POLICY,
                allOf(
                        startsWith("default-src 'none'; script-src 'self'; style-src 'self'; "),
                        containsString("; frame-ancestors 'none'; require-trusted-types-for 'script'"),
                        not(containsString("unsafe"))));
        Map.of(
                        "Referrer-Policy",
                        "no-referrer",
                        "X-Content-Type-Options",
                        "nosniff",
                        "X-Frame-Options",
                        "DENY",
                        "Cross-Origin-Opener-Policy",
                        "same-origin")
                .forEach((name, value) -> assertThat(answer.header(name).orElseThrow(), is(value)));
        assertThat(answer.header("Permissions-Policy").orElseThrow(), startsWith("camera=(self), "));
    }

    /** Behind a proxy the relay may lie below a prefix, so no redirect names a path from the root, or a host. */
    @Test
    void redirectsAreRelative() {
        assertThat(get("/app").is(308).header("Location").orElseThrow(), is("app/"));
        assertThat(get("/").is(302).header("Location").orElseThrow(), is("app/"));
        assertThat(call("HEAD", "/").is(302).header("Location").orElseThrow(), is("app/"));
        assertThat(
                get("/app", "X-Forwarded-Host: evil.example").is(308).lines().toString(), not(containsString("evil")));
        for (String target : List.of("//evil.example/", "//evil.example", "/app/\\evil.example", "/%0d%0aX:y")) {
            assertThat(get(target).lines().toString(), not(containsString("Location")));
        }
    }

    /** Whatever they decode to, only names in the list are served. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/app/../application.yaml",
                "/app/%2e%2e/application.yaml",
                "/app/%2e%2e%2fapplication.yaml",
                "/app/%252e%252e%252fapplication.yaml",
                "/app/..%5capplication.yaml",
                "/app/assets/../../application.yaml",
                "/app//application.yaml",
                "/app/%2findex.html",
                "/app/%2e%2e/%2e%2e/etc/passwd",
                "/app/....//etc/passwd",
                "/app/index.html%00",
                "/app/index.html%00.png",
                "/app/%2569ndex.html",
                "/app/INDEX.HTML",
                "/app/index.html.gz",
                "/app/missing.txt",
                "/app/assets",
                "/app/assets/",
                "/app/index.html/",
                "/app/index.html/x",
                "/app/con",
                "/app/%c0%ae%c0%ae/application.yaml",
                "/app/%ff",
                "/appx",
                "/application.yaml",
                "/app/META-INF/MANIFEST.MF",
                "/app/dev/harp/relay/Main.class"
            })
    void noPathLeadsOutOfTheList(String target) {
        HttpAnswer answer = get(target);
        assertThat(answer.lines().toString(), answer.status() == 404 || answer.status() == 400, is(true));
        assertThat(answer.body(), not(containsString("PORT")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"})
    void otherMethodsAreToldWhatIsAllowed(String method) {
        for (String target : List.of("/", "/app", "/app/", "/app/sw.js", "/app/nothing")) {
            HttpAnswer answer = call(method, target, "Content-Length: 0").is(405, "method_not_allowed");
            assertThat(answer.header("Allow").orElseThrow(), is("GET, HEAD"));
        }
    }
}
