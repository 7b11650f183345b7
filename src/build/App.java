import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * Builds the approver's app, and puts it where the relay's jar is made of: App SOURCES STATE OUT npm|dist.
 *
 * <p>SOURCES is the folder of the app. In OUT are then its files, each with a compressed copy beside it (FILE.gz) where
 * that is smaller, and {@code hashes.json}, the sorted list of the files with their SHA-256. The list is also in
 * SOURCES/dist, for those who host that folder. The same files give the same bytes.
 *
 * <p>Nothing happens while no source has changed. Without Node, or when npm fails, OUT has only {@code missing.txt},
 * which says so; where the environment has {@code CI=true}, that is an error. With {@code dist} npm is not called:
 * SOURCES/dist is taken as it is.
 *
 * <p>STATE/inputs has the time of the last try, and the digest of the sources, or, if nothing could be built, the Node
 * that was there then ("Node v18.20.8", "Node none"). src/build/launch.sh compares both.
 */
final class App {
    private static final String NODE = "Node 20.19 or newer with npm";
    private static final String LIST = "hashes.json";
    private static final String INDEX = "index.html";
    private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\..*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*");

    /** What is in the folder of the app and no source of what is built. */
    private static final Set<String> NO_SOURCES = Set.of("node_modules", "dist", "build", "test", "e2e");

    private static final long NPM_MINUTES = 10;
    private static final int LOG_LINES = 40;

    private final Path sources;
    private final Path state;
    private final Path out;
    private String node = "none";

    /** Why there is no app. */
    private static final class Missing extends Exception {
        private static final long serialVersionUID = 1;

        Missing(String why) {
            super(why);
        }
    }

    private App(Path sources, Path state, Path out) {
        this.sources = sources;
        this.state = state;
        this.out = out;
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        App app = new App(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
        Files.createDirectories(app.state);
        boolean built = arguments[3].equals("dist");
        Optional<String> missing = built ? app.pack() : app.build();
        if (missing.isPresent()) {
            boolean required = built || "true".equals(System.getenv("CI"));
            System.err.println(
                    "harp-relay: " + (required ? "no" : "built without") + " approver's app: " + missing.get());
            System.exit(required ? 1 : 0);
        }
    }

    private Optional<String> build() throws IOException, InterruptedException {
        Instant begin = Instant.now();
        Path stamp = state.resolve("inputs");
        String inputs = inputs();
        boolean done = Files.exists(out.resolve(LIST))
                && Files.exists(stamp)
                && Files.readString(stamp).equals(inputs);
        Optional<String> missing = Optional.empty();
        if (!done) {
            Files.writeString(stamp, "");
            try {
                if (inputs.isEmpty()) {
                    throw new Missing("its sources, the folder " + sources + ", are not here.");
                }
                node();
                npm();
                missing = pack();
            } catch (Missing e) {
                missing = Optional.of(e.getMessage());
                replace(new TreeMap<>());
            }
            if (missing.isPresent()) {
                Files.writeString(out.resolve("missing.txt"), missing.get() + "\n");
                Files.writeString(stamp, "Node " + node);
            } else {
                Files.writeString(stamp, inputs);
            }
        }
        // A source that was changed meanwhile is newer.
        Files.setLastModifiedTime(stamp, FileTime.from(begin));
        return missing;
    }

    /** The digest of all sources: the names and what is in them. Empty if there are none. */
    private String inputs() throws IOException {
        if (!Files.isDirectory(sources)) {
            return "";
        }
        MessageDigest digest = sha256();
        for (var file : files(sources, NO_SOURCES).entrySet()) {
            digest.update((file.getKey() + "\n").getBytes());
            digest.update(sha256().digest(Files.readAllBytes(file.getValue())));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void node() throws Missing, InterruptedException {
        String found;
        try {
            Process node = new ProcessBuilder("node", "--version")
                    .redirectErrorStream(true)
                    .start();
            found = new String(node.getInputStream().readAllBytes()).strip();
            node.waitFor();
        } catch (IOException _) {
            throw new Missing("it needs " + NODE + ", and there is none.");
        }
        Matcher version = VERSION.matcher(found);
        if (!version.matches()) {
            throw new Missing("it needs " + NODE + ", and 'node --version' does not print a version.");
        }
        node = found;
        int major = Integer.parseInt(version.group(1));
        if (major < 20 || (major == 20 && Integer.parseInt(version.group(2)) < 19)) {
            throw new Missing("it needs " + NODE + ", and this is Node " + found + ".");
        }
    }

    private void npm() throws IOException, Missing, InterruptedException {
        Path log = state.resolve("npm.log");
        Files.deleteIfExists(log);
        // npm's own list of what it has installed: older than the lock file, if that has changed since.
        Path installed = sources.resolve("node_modules/.package-lock.json");
        Path lock = sources.resolve("package-lock.json");
        if (!Files.exists(installed)
                || Files.getLastModifiedTime(installed).compareTo(Files.getLastModifiedTime(lock)) < 0) {
            run(log, "ci", "--include=dev", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error");
        }
        run(log, "run", "build");
    }

    private void run(Path log, String... arguments) throws IOException, Missing, InterruptedException {
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        List<String> command = new ArrayList<>(List.of(windows ? "npm.cmd" : "npm"));
        command.addAll(Arrays.asList(arguments));
        String call =
                "npm " + String.join(" ", Arrays.asList(arguments).subList(0, arguments[0].equals("run") ? 2 : 1));
        ProcessBuilder npm = new ProcessBuilder(command)
                .directory(sources.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        npm.environment().put("npm_config_update_notifier", "false");
        Process running;
        try {
            running = npm.start();
        } catch (IOException _) {
            throw new Missing("it needs " + NODE + ", and there is no npm.");
        }
        if (!running.waitFor(NPM_MINUTES, TimeUnit.MINUTES)) {
            running.descendants().forEach(ProcessHandle::destroyForcibly);
            running.destroyForcibly();
            throw new Missing("'" + call + "' has not ended within " + NPM_MINUTES + " minutes, see " + log + ".");
        }
        if (running.exitValue() != 0) {
            if ("true".equals(System.getenv("CI"))) {
                List<String> lines = Files.readAllLines(log);
                lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size())
                        .forEach(System.err::println);
            }
            throw new Missing("'" + call + "' has failed with " + running.exitValue() + ", see " + log + ".");
        }
    }

    /** Takes SOURCES/dist. */
    private Optional<String> pack() throws IOException {
        Path dist = sources.resolve("dist");
        if (!Files.exists(dist.resolve(INDEX))) {
            return Optional.of("there is no " + dist.resolve(INDEX) + ".");
        }
        SortedMap<String, byte[]> files = new TreeMap<>();
        StringBuilder list = new StringBuilder("{");
        for (var file : files(dist, Set.of()).entrySet()) {
            String name = file.getKey();
            if (name.equals(LIST)) {
                continue;
            }
            if (!NAME.matcher(name).matches()) {
                return Optional.of("'" + name + "' is no name that is the same in every URL.");
            }
            byte[] bytes = Files.readAllBytes(file.getValue());
            files.put(name, bytes);
            list.append(list.length() > 1 ? "," : "")
                    .append("\n  \"" + name + "\": \"" + HexFormat.of().formatHex(sha256().digest(bytes)) + '"');
        }
        byte[] hashes = list.append("\n}\n").toString().getBytes();
        Files.write(dist.resolve(LIST), hashes);
        files.put(LIST, hashes);
        replace(files);
        return Optional.empty();
    }

    /** Makes these all the files of OUT. The list comes last: when it is there, all are. */
    private void replace(SortedMap<String, byte[]> files) throws IOException {
        if (Files.exists(out)) {
            try (var old = Files.walk(out)) {
                for (Path each : old.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(each);
                }
            }
        }
        Files.createDirectories(out);
        List<String> names = new ArrayList<>(files.keySet());
        if (names.remove(LIST)) {
            names.add(LIST);
        }
        for (String name : names) {
            byte[] bytes = files.get(name);
            byte[] compressed = gzip(bytes);
            Files.createDirectories(out.resolve(name).getParent());
            if (compressed.length < bytes.length) {
                Files.write(out.resolve(name + ".gz"), compressed);
            }
            Files.write(out.resolve(name), bytes);
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        // Java writes no time and no name into the header, so the same bytes give the same file.
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed) {
            {
                def.setLevel(9);
            }
        }) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }

    /** All files below a folder, by their path with slashes, without those in the folders of these names. */
    private static SortedMap<String, Path> files(Path folder, Set<String> without) throws IOException {
        SortedMap<String, Path> files = new TreeMap<>();
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path each, BasicFileAttributes attributes) {
                boolean left = folder.equals(each.getParent())
                        && without.contains(each.getFileName().toString());
                return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.put(folder.relativize(file).toString().replace('\\', '/'), file);
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
