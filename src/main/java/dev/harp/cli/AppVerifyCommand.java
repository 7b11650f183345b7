package dev.harp.cli;

import dev.harp.message.WebAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Fetches every file of the app's page, and compares it with the build that this harp comes from."
                + " Ends with 0 if all are equal, with 17 if not.")
final class AppVerifyCommand extends BaseCommand {
    /** More than any file of the app has. */
    private static final int MAX_FILE = 16 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String PACKAGED = "/app/" + HashList.NAME;
    private static final String INDEX = "index.html";
    private static final int OK = 200;

    /** What the relay's policy has, each word of which matters; the page's own meta element cannot forbid frames. */
    private static final List<String> POLICY = List.of(
            "default-src 'none'",
            "script-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'");

    private static final SortedMap<String, String> FIELDS =
            new TreeMap<>(Map.of("X-Content-Type-Options", "nosniff", "Referrer-Policy", "no-referrer"));

    @Parameters(
            paramLabel = "URL",
            description = "The address of the page, such as https://relay.example.org/app/, or of its relay.")
    private String url = "";

    @Option(
            names = "--hashes",
            paramLabel = "FILE",
            description = "Compare with this hashes.json instead: that of another build, from where you trust it.")
    private Optional<Path> hashes = Optional.empty();

    @Option(
            names = "--insecure-http",
            description = "Accept a page that is fetched in the clear, not from this machine.")
    private boolean insecure;

    private final List<String> different = new ArrayList<>();

    AppVerifyCommand(Context context) {
        super(context);
    }

    @Override
    public Integer call() throws InterruptedException {
        HashList expected = expected();
        URI asked = URI.create(address() + "/");
        try (PageFetcher fetcher = new PageFetcher(MAX_FILE, PATIENCE)) {
            PageFetcher.Answer page = fetch(fetcher, asked, "the page")
                    .filter(answer -> answer.status() == OK)
                    .orElseThrow(() -> new Failure(
                            ExitCode.PAGE_DIFFERS,
                            "there is no page at " + asked + ": " + String.join("; ", different)));
            URI folder = page.from().resolve(".");
            terminal().answer("page: " + Printable.line(folder.toString()));
            terminal().answer("expected: app " + expected.digest());
            compare(expected, "the page", INDEX, Optional.of(page));
            for (String file : expected.files().keySet()) {
                compare(expected, file, file, fetch(fetcher, folder.resolve(file), file));
            }
            compareList(expected, fetch(fetcher, folder.resolve(HashList.NAME), HashList.NAME));
            warnings(page.headers()).forEach(line -> terminal().say("warning: " + line));
        }
        return verdict(expected);
    }

    private HashList expected() {
        String name = hashes.map(file -> Printable.line(file.toString())).orElse("");
        byte[] bytes;
        try (InputStream in = hashes.isPresent()
                ? Files.newInputStream(hashes.get())
                : AppVerifyCommand.class.getResourceAsStream(PACKAGED)) {
            if (in == null) {
                throw Failure.usage(
                        "this harp was built without the app, and does not know its files; name a list of them"
                                + " by --hashes");
            }
            bytes = in.readNBytes(HashList.MAX_BYTES + 1);
        } catch (IOException e) {
            throw Failure.usage(
                    "--hashes: " + name + " cannot be read (" + e.getClass().getSimpleName() + ")");
        }
        return HashList.parse(bytes)
                .orElseThrow(
                        () -> Failure.usage("--hashes: " + name + " is no list of the app's files; allowed is a JSON"
                                + " object of paths and SHA-256 in hex, with " + INDEX + ", as the build writes it"));
    }

    private String address() {
        String text = url.replaceFirst("/$", "");
        Optional<WebAddress> address = WebAddress.parse(text);
        if (address.isEmpty()) {
            throw Failure.usage("URL: '" + Printable.line(url)
                    + "' is no address of a page; allowed is such as https://relay.example.org/app/ or"
                    + " http://localhost:8787/app/, in lower case and without a default port");
        }
        if (!insecure && !address.get().isSecure()) {
            throw Failure.usage("URL: " + text + " is fetched in the clear, and whoever is on the way could answer what"
                    + " this program wants to see; --insecure-http accepts that");
        }
        return text;
    }

    /** The answer; empty, and told, if it cannot be a file of the page. */
    private Optional<PageFetcher.Answer> fetch(PageFetcher fetcher, URI from, String name) throws InterruptedException {
        try {
            PageFetcher.Answer answer = fetcher.get(from);
            if (answer.status() != OK) {
                differs("missing: " + name + " (status " + answer.status() + ")");
            }
            return Optional.of(answer);
        } catch (PageFetcher.NoFile e) {
            differs("differs: " + name + " " + e.why());
            return Optional.empty();
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.UNREACHABLE,
                    from + " cannot be fetched: " + e.getClass().getSimpleName() + " ("
                            + Printable.line(String.valueOf(e.getMessage())) + ")");
        }
    }

    private void compare(HashList expected, String shown, String file, Optional<PageFetcher.Answer> fetched) {
        if (fetched.isPresent() && fetched.get().status() == OK) {
            String hash = HashList.sha256(fetched.get().body().toByteArray());
            if (!hash.equals(expected.files().get(file))) {
                differs("differs: " + shown + " has " + hash);
            }
        }
    }

    /** The host's own list proves nothing; it tells whether the host means to have another build. */
    private void compareList(HashList expected, Optional<PageFetcher.Answer> fetched) {
        if (fetched.isEmpty() || fetched.get().status() != OK) {
            return;
        }
        Optional<HashList> served = HashList.parse(fetched.get().body().toByteArray());
        if (served.isEmpty()) {
            differs("differs: " + HashList.NAME + " is no list of files");
        } else if (!served.get().digest().equals(expected.digest())) {
            differs("differs: " + HashList.NAME + ", by which the host has another build: app "
                    + served.get().digest());
            served.get().files().keySet().stream()
                    .filter(file -> !expected.files().containsKey(file))
                    .forEach(file -> differs("extra: " + file));
        }
    }

    private void differs(String line) {
        different.add(line);
    }

    /** What the header fields of the page lack. A host of static files may not be able to set them. */
    private static List<String> warnings(HttpHeaders headers) {
        List<String> lines = new ArrayList<>();
        List<String> policies = headers.allValues("Content-Security-Policy");
        if (policies.isEmpty()) {
            lines.add("the host sends no Content-Security-Policy: the page's own holds, which cannot forbid other pages"
                    + " to frame it");
        } else {
            List<String> directives = policies.stream()
                    .flatMap(policy -> Arrays.stream(policy.split("[;,]", -1)))
                    .map(String::strip)
                    .toList();
            POLICY.stream()
                    .filter(each -> !directives.contains(each))
                    .forEach(each ->
                            lines.add("the Content-Security-Policy that the host sends is without \"" + each + '"'));
        }
        FIELDS.forEach((name, value) -> {
            if (!headers.allValues(name).contains(value)) {
                lines.add("the host sends no " + name + ": " + value);
            }
        });
        return lines;
    }

    private int verdict(HashList expected) {
        different.forEach(line -> terminal().answer(line));
        boolean equal = different.isEmpty();
        terminal().answer(equal ? "equal: all " + expected.files().size() + " files" : "not equal");
        terminal().say("This is what the host has sent to this program, now. It can send a phone something else.");
        return equal ? ExitCode.OK : ExitCode.PAGE_DIFFERS;
    }
}
