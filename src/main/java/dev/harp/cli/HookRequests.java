package dev.harp.cli;

import dev.harp.client.JsonFile;
import dev.harp.client.RequestJournal;
import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.json.JsonTree.Whole;
import dev.harp.message.AskedQuestion;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * What waiting hooks have open, for the hook that runs after the tool: if the person has answered at the terminal, the
 * agent does not tell the waiting hook. A file for each, named by a digest of session, tool and input and by the time,
 * which holds the pairing, the end of its time, and the request's id once there is one; nothing of the input.
 */
final class HookRequests {
    private static final String SUFFIX = ".json";

    private final Path folder;
    private final JsonFile lock;

    HookRequests(Path folder) {
        this.folder = folder;
        this.lock = new JsonFile(folder.resolve("all" + SUFFIX));
    }

    /** What a waiting hook had open. */
    record Open(String pairing, Optional<String> requestId) {}

    /**
     * Notes that a hook waits.
     *
     * @param now milliseconds since 1970
     * @param endsAt when nobody waits any more, in Unix seconds
     */
    Entry open(HookEvent event, String pairing, long now, long endsAt, RandomGenerator random) {
        String name = String.format(Locale.ROOT, "%s-%015d-%08x", key(event), now, random.nextInt());
        Entry entry = new Entry(new JsonFile(folder.resolve(name + SUFFIX)), pairing, endsAt);
        entry.write(Optional.empty());
        return entry;
    }

    /** One waiting hook. */
    final class Entry {
        private final JsonFile file;
        private final String pairing;
        private final long endsAt;

        private Entry(JsonFile file, String pairing, long endsAt) {
            this.file = file;
            this.pairing = pairing;
            this.endsAt = endsAt;
        }

        private void write(Optional<String> requestId) {
            file.write(JsonTree.object()
                    .add("pairing", pairing)
                    .add("ends_at", endsAt)
                    .add("request_id", requestId)
                    .build());
        }

        /** Whether nobody has taken it since. */
        boolean isOpen() {
            return Files.exists(file.path());
        }

        void delete() {
            file.delete();
        }

        /** A journal that notes the request's id before the relay gets the request, and sends none that is taken. */
        RequestJournal journal(RequestJournal journal) {
            return new RequestJournal() {
                @Override
                public void opened(AskedQuestion asked) {
                    journal.opened(asked);
                    boolean noted = lock.locked(() -> {
                        boolean open = isOpen();
                        if (open) {
                            write(Optional.of(asked.question().requestId()));
                        }
                        return open;
                    });
                    if (!noted) {
                        journal.closed(asked.question().requestId());
                        throw answeredElsewhere();
                    }
                }

                @Override
                public void closed(String requestId) {
                    journal.closed(requestId);
                }

                @Override
                public Optional<AskedQuestion> find(String requestId) {
                    return journal.find(requestId);
                }
            };
        }
    }

    static Failure answeredElsewhere() {
        return new Failure(ExitCode.ENDED, "not asked: the agent has gone on meanwhile");
    }

    /** Takes what waits longest for an event of this session, tool and input. */
    Optional<Open> take(HookEvent event) {
        String start = key(event) + "-";
        if (files(start).isEmpty()) {
            return Optional.empty();
        }
        return lock.locked(() -> files(start).stream().findFirst().flatMap(this::taken));
    }

    private Optional<Open> taken(Path path) {
        JsonFile file = new JsonFile(path);
        Optional<Members> json = file.read();
        file.delete();
        return json.flatMap(
                members -> members.text("pairing").map(pairing -> new Open(pairing, members.text("request_id"))));
    }

    /** Deletes what hooks that were killed have left and whose time was over at {@code now}, in Unix seconds. */
    void forgetExpired(long now) {
        for (Path path : files("")) {
            JsonFile file = new JsonFile(path);
            boolean waits;
            try {
                waits = file.read()
                        .flatMap(json -> json.get("ends_at"))
                        .filter(end -> end instanceof Whole(long at) && at > now)
                        .isPresent();
            } catch (UncheckedIOException e) {
                waits = false;
            }
            if (!waits) {
                file.delete();
            }
        }
    }

    /** In the order of their times, if they have one key. */
    private List<Path> files(String start) {
        return Home.files(folder, start, SUFFIX);
    }

    private static String key(HookEvent event) {
        // The answers to a question are a part of its input once the tool has run.
        JsonTree input = event.isQuestion() ? event.input().get("questions").orElse(event.input()) : event.input();
        Items all = new Items(List.of(new Text(event.session()), new Text(event.tool()), sorted(input)));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(ExactJson.writeAny(all));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** With the names of each object in order: that of an agent may change. */
    private static JsonTree sorted(JsonTree value) {
        return switch (value) {
            case Members(Map<String, JsonTree> values) -> {
                Map<String, JsonTree> members = new TreeMap<>();
                values.forEach((name, member) -> members.put(name, sorted(member)));
                yield new Members(members);
            }
            case Items(List<JsonTree> values) ->
                new Items(values.stream().map(HookRequests::sorted).toList());
            default -> value;
        };
    }
}
