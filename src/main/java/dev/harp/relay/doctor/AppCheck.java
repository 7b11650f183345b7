package dev.harp.relay.doctor;

import java.net.URI;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Checks whether the page of the approver's app and its files arrive as the relay sends them. */
record AppCheck(Site site) {
    private static final String POLICY = "Content-Security-Policy";

    /** A directive of the relay's policy, in no policy that a proxy would add. */
    private static final String OWN = "script-src 'self'";

    private static final String PAGE = "index.html";
    private static final String LIST = "/app/hashes.json";
    private static final int MOST_FILES = 60;
    private static final int MOST_NAMED = 4;

    /** Without the right one a browser runs no script, no service worker and no style. */
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html",
            "js", "text/javascript",
            "css", "text/css",
            "webmanifest", "application/manifest+json",
            "svg", "image/svg+xml",
            "png", "image/png");

    Finding page() throws Failed {
        RelayAnswer about = site.call(BasicChecks.ABOUT);
        if (about.status() == 404 || !about.is(200).flag("app")) {
            return Finding.skip("the relay serves no app (APP, or built without it)");
        }
        RelayAnswer page = site.call(Site.get("/app/"));
        if (page.status() != 200 || !page.isOf("text/html")) {
            return Finding.fail("/app/ is not the relay's page: proxy_pass has to lead there for all paths");
        }
        List<String> policies = page.http().values(POLICY);
        if (policies.stream().noneMatch(policy -> policy.contains(OWN))) {
            return Finding.fail("the page arrives without its " + POLICY + ": the proxy has to pass it on");
        }
        // Of two policies a browser allows what both allow.
        return policies.size() == 1
                ? files(page)
                : Finding.fail("the page arrives with a second " + POLICY + ", which may forbid it its own scripts: the"
                        + " proxy must not add one; nginx: add_header as in deploy/nginx");
    }

    private Finding files(RelayAnswer page) throws Failed {
        Map<String, String> hashes = site.call(Site.get(LIST)).texts("[A-Za-z0-9._/-]{1,200}", "[0-9a-f]{64}");
        if (hashes.isEmpty()) {
            return Finding.fail(LIST + " is not the relay's: proxy_pass has to lead there for all paths");
        }
        List<String> lost = new ArrayList<>();
        int files = 0;
        try (Connection connection = Connection.open(site)) {
            for (Map.Entry<String, String> each : hashes.entrySet()) {
                String name = each.getKey();
                String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "");
                if (type.isEmpty() || ++files > MOST_FILES) {
                    continue;
                }
                RelayAnswer file = name.equals(PAGE)
                        ? page
                        : again(connection, Site.get("/app/" + name).target());
                if (file.status() == 429 || file.status() == 503) {
                    throw file.unexpected();
                }
                String fault = file.status() != 200
                        ? Integer.toString(file.status())
                        : !file.isOf(type)
                                ? file.header("Content-Type").orElse("no type")
                                : sha256(file.http().body()).equals(each.getValue()) ? "" : "changed";
                if (!fault.isEmpty()) {
                    lost.add(name + " (" + fault + ")");
                }
            }
        }
        if (!lost.isEmpty()) {
            return Finding.fail("files of the app do not arrive as the relay sends them: "
                    + String.join(", ", lost.subList(0, Math.min(MOST_NAMED, lost.size())))
                    + (lost.size() > MOST_NAMED ? ", ..." : "")
                    + ". The proxy has to pass on all paths below /app/ with"
                    + " their Content-Type, and to change, compress or add no content");
        }
        return way(files);
    }

    /** A connection that the server closes after an answer is followed by another one. */
    private RelayAnswer again(Connection connection, String path) throws Failed {
        try {
            return connection.ask(Site.get(path), site.patience());
        } catch (Failed e) {
            if (e.kind() != Failed.Kind.ENDED) {
                throw e;
            }
            return site.call(Site.get(path));
        }
    }

    /** Whether {@code /app}, which people type, leads to the page at this address. */
    private Finding way(int files) throws Failed {
        RelayAnswer way = site.call(Site.get("/app"));
        String location = way.header("Location").orElse("");
        String there = site + "/app/";
        try {
            if (way.status() == 308
                    && URI.create(site + "/app").resolve(location).toString().equals(there)) {
                return Finding.ok("the page arrives with its policy, and " + files + " files as the relay sends them");
            }
        } catch (IllegalArgumentException e) {
            // The text is no URL; it is quoted below.
        }
        return Finding.fail("/app leads to '" + location + "' (" + way.status() + ") and not to " + there
                + ": the proxy must not rewrite the relay's Location; nginx: proxy_redirect off");
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each JDK has SHA-256", e);
        }
    }
}
