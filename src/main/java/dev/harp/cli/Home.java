package dev.harp.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.client.DeviceStore;
import dev.harp.client.JsonFile;
import dev.harp.client.PlatformCredentials;
import dev.harp.client.RequestJournal;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.AskedQuestion;
import dev.harp.message.Checked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where {@code harp} keeps its files: {@code ~/.harp}, or {@code HARP_HOME}. Pairings are in
 * {@code pairings/NAME.json}, open requests in {@code requests/ID.json}, what hooks of agents have open in
 * {@code hooks}, and what this machine answers for as a device in {@code device/RELAY.json}.
 */
final class Home {
    private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";
    private static final String SUFFIX = ".json";

    private final Path folder;

    Home(Path folder) {
        this.folder = folder;
    }

    static Home of(Map<String, String> environment) {
        String named = environment.getOrDefault("HARP_HOME", "");
        return new Home(named.isEmpty() ? Path.of(System.getProperty("user.home"), ".harp") : Path.of(named));
    }

    /** The name, if it can be the name of a file everywhere. */
    static String checkedName(String name) {
        if (!name.matches(NAME)) {
            throw Failure.usage("--name: '" + Printable.line(name)
                    + "' is no name of a pairing; allowed are 1 to 64 of A-Z a-z 0-9 . _ -, not beginning with . _ -");
        }
        return name;
    }

    private JsonFile pairingFile(String name) {
        return new JsonFile(folder.resolve("pairings").resolve(checkedName(name) + SUFFIX));
    }

    Optional<PlatformCredentials> find(String name) {
        JsonFile file = pairingFile(name);
        return file.read()
                .map(json -> PlatformCredentials.fromJson(json)
                        .orElseThrow(() -> new Failure(ExitCode.FAILED, file + " is damaged")));
    }

    /** The pairing of this name, or the failure that says which there are. */
    PlatformCredentials pairing(String name) {
        return find(name).orElseThrow(() -> {
            List<String> names = List.copyOf(pairings().keySet());
            return Failure.usage("--name: there is no pairing '" + Printable.line(name) + "'; "
                    + (names.isEmpty()
                            ? "there is none yet: harp pair --name " + name
                            : "there are: " + String.join(", ", names)));
        });
    }

    void save(String name, PlatformCredentials credentials) {
        pairingFile(name).write(credentials.toJson());
    }

    /** Deletes the keys of a pairing, whatever is in its file, with copies that a killed process has left. */
    void delete(String name) {
        pairingFile(name).delete();
        String start = checkedName(name) + SUFFIX + ".";
        try {
            for (Path copy : files(folder.resolve("pairings"), start, ".new")) {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes what is kept of the open requests of these pairings, and of requests that cannot be read. */
    void deleteRequests(Collection<String> names) {
        for (Path file : files("requests", SUFFIX)) {
            JsonFile request = new JsonFile(file);
            if (read(request)
                    .flatMap(Home::openRequest)
                    .filter(open -> !names.contains(open.pairing()))
                    .isEmpty()) {
                request.delete();
            }
        }
    }

    /** The names of all pairings, whatever is in their files. */
    List<String> pairingNames() {
        return files("pairings", SUFFIX).stream()
                .map(Home::name)
                .filter(name -> name.matches(NAME))
                .toList();
    }

    /** The pairing of this name, or nothing if its file is damaged or cannot be read. */
    Optional<PlatformCredentials> readable(String name) {
        return read(pairingFile(name)).flatMap(PlatformCredentials::fromJson);
    }

    private static Optional<Members> read(JsonFile file) {
        try {
            return file.read();
        } catch (UncheckedIOException e) {
            return Optional.empty();
        }
    }

    /** All pairings by name. */
    Map<String, PlatformCredentials> pairings() {
        Map<String, PlatformCredentials> found = new TreeMap<>();
        for (String name : pairingNames()) {
            find(name).ifPresent(credentials -> found.put(name, credentials));
        }
        return found;
    }

    private static String name(Path file) {
        String text = file.getFileName().toString();
        return text.substring(0, text.length() - SUFFIX.length());
    }

    private List<Path> files(String room, String suffix) {
        return files(folder.resolve(room), "", suffix);
    }

    /** The files of a folder whose names start and end so, in the order of their names; none without the folder. */
    static List<Path> files(Path folder, String start, String suffix) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(start) && name.endsWith(suffix);
                    })
                    .sorted()
                    .toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file of what this machine has joined at one relay. */
    DeviceStore device(String relay) {
        // Each relay its own file: two that shared one would get each other's token.
        String name = URLEncoder.encode(relay.replaceFirst("^https://", ""), UTF_8);
        return DeviceStore.inFile(new JsonFile(folder.resolve("device").resolve(name + SUFFIX)));
    }

    /** The stores of all relays at which this machine has joined something. */
    List<DeviceStore> devices() {
        List<DeviceStore> stores = new ArrayList<>();
        files("device", SUFFIX).forEach(file -> stores.add(DeviceStore.inFile(new JsonFile(file))));
        return stores;
    }

    /** What the hooks of agents have open. */
    HookRequests hookRequests() {
        return new HookRequests(folder.resolve("hooks"));
    }

    /** An open request that an earlier process may have left. */
    record OpenRequest(String pairing, AskedQuestion asked) {}

    private JsonFile requestFile(String requestId) {
        return new JsonFile(folder.resolve("requests").resolve(requestId + SUFFIX));
    }

    /** The open request of this id, if there is one. */
    Optional<OpenRequest> openRequest(String requestId) {
        return requestId.matches("[0-9a-f-]{36}")
                ? requestFile(requestId).read().flatMap(Home::openRequest)
                : Optional.empty();
    }

    private static Optional<OpenRequest> openRequest(Members json) {
        return json.text("pairing")
                .flatMap(name -> json.get("asked")
                        .filter(Members.class::isInstance)
                        .map(asked -> AskedQuestion.fromJson((Members) asked))
                        .flatMap(asked -> asked instanceof Checked.Ok<AskedQuestion>(AskedQuestion value)
                                ? Optional.of(new OpenRequest(name, value))
                                : Optional.empty()));
    }

    /** The open requests of all pairings. */
    List<OpenRequest> openRequests() {
        return files("requests", SUFFIX).stream()
                .flatMap(file -> new JsonFile(file).read().flatMap(Home::openRequest).stream())
                .toList();
    }

    /**
     * Deletes what is kept of requests whose time was over at {@code now}, in Unix seconds: nobody reads them again.
     */
    void forgetExpired(long now) {
        for (Path file : files("requests", SUFFIX)) {
            JsonFile request = new JsonFile(file);
            read(request)
                    .flatMap(Home::openRequest)
                    .filter(open -> open.asked().question().expiresAt() <= now)
                    .ifPresent(_ -> request.delete());
        }
    }

    /** The journal of one pairing: a file for each open request. */
    RequestJournal journal(String name) {
        return new RequestJournal() {
            @Override
            public void opened(AskedQuestion asked) {
                requestFile(asked.question().requestId())
                        .write(JsonTree.object()
                                .add("pairing", name)
                                .add("asked", asked.toJson())
                                .build());
            }

            @Override
            public void closed(String requestId) {
                requestFile(requestId).delete();
            }

            @Override
            public Optional<AskedQuestion> find(String requestId) {
                return openRequest(requestId)
                        .filter(open -> open.pairing().equals(name))
                        .map(OpenRequest::asked);
            }
        };
    }
}
