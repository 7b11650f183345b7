package dev.harp.relay.store.file;

import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.store.Positions;
import dev.harp.relay.store.StoreSecret;
import dev.harp.relay.store.codec.Records;
import dev.harp.relay.store.memory.Contents;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * The records as they are stored in the file. For one thread.
 *
 * <p>The key of a request is the number of its submission. So requests that are submitted, changed and forgotten
 * together are neighbours, a commit touches few pages, and old parts of the file become free as a whole.
 */
final class Tables {
    /**
     * Converts the contents of each older format to the next one; the first entry makes format 2 of format 1. Records
     * of formats 2 and 3 are read as they are. Those of format 3 may have an opener, and pairings of format 4 have the
     * digest of their {@code secret_hash}.
     */
    private static final List<UnaryOperator<Contents>> UPGRADES =
            List.of(Tables::withHistories, UnaryOperator.identity(), UnaryOperator.identity());

    /** The first format whose requests have a position in their pairing's history. */
    private static final long WITH_HISTORY = 2;

    /** The format that is written. */
    static final long FORMAT = 1L + UPGRADES.size();

    private static final String FORMAT_KEY = "format";
    private static final String OPENED_KEY = "opened";

    private static final int TARGET_FILL_RATE = 50;
    private static final int COMPACTION_BYTES = 1 << 20;

    private final MVStore store;
    private final MVMap<String, byte[]> meta;
    private final Table<String> pairings;
    private final Table<String> devices;
    private final Table<Long> requests;
    private final Table<String> lists;

    /** The file is of a format that this version does not know. */
    static final class UnknownFormat extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnknownFormat(long format) {
            super("is of format " + format + ", and this version of the relay knows 1 to " + FORMAT);
        }
    }

    /** The file does not hold what was written. */
    static final class Damaged extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Damaged(String what) {
            super(what);
        }
    }

    /** The tables of an open file. */
    Tables(ChunkFile chunks) {
        this.store = new MVStore.Builder()
                .adoptFileStore(chunks)
                .autoCommitDisabled()
                .open();
        store.setRetentionTime(0);
        store.setVersionsToKeep(ChunkFile.VERSIONS);
        this.meta = store.openMap(
                "meta",
                new MVMap.Builder<String, byte[]>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
        this.pairings = texts("pairings");
        this.devices = texts("devices");
        this.requests = new Table<>(store, "requests", LongDataType.INSTANCE, Tables::bytes);
        this.lists = texts("lists");
    }

    private Table<String> texts(String name) {
        return new Table<>(store, name, StringDataType.INSTANCE, key -> key.getBytes(StandardCharsets.UTF_8));
    }

    /** Initializes an empty file. */
    void begin() {
        meta.put(FORMAT_KEY, bytes(FORMAT));
        digests().forEach(meta::put);
    }

    /** Whether the file has not been initialized. */
    boolean isNew() {
        return meta.isEmpty();
    }

    /**
     * Reads everything.
     *
     * @throws Damaged if it is not what was written; a damaged file may also cause any other unchecked exception
     */
    Contents read(Progress progress) {
        long format = number(FORMAT_KEY);
        if (format < 1 || format > FORMAT) {
            throw new UnknownFormat(format);
        }
        progress.begin(
                Progress.Step.READ, tables().stream().mapToLong(Table::size).sum());
        List<Pairing> readPairings = new ArrayList<>();
        List<Device> readDevices = new ArrayList<>();
        List<Contents.Listed> readRequests = new ArrayList<>();
        Map<String, Positions> readLists = new HashMap<>();
        pairings.read(progress, (_, value) -> readPairings.add(Records.pairing(value)));
        devices.read(progress, (_, value) -> readDevices.add(Records.device(value)));
        requests.read(progress, (number, value) -> readRequests.add(listed(number, value, format)));
        lists.read(progress, (list, value) -> readLists.put(list, positions(ByteBuffer.wrap(value))));
        digests().forEach((name, counted) -> {
            byte @Nullable [] written = meta.get(name);
            if (written == null || !Arrays.equals(written, counted)) {
                throw new Damaged("its " + name + " are not those that were written");
            }
        });
        // Versions that do not know a secret keep its entry as it is, so it needs no format of its own.
        Map<StoreSecret, String> readSecrets = new EnumMap<>(StoreSecret.class);
        for (StoreSecret secret : StoreSecret.values()) {
            byte @Nullable [] text = meta.get(secret.key());
            if (text != null) {
                readSecrets.put(secret, new String(text, StandardCharsets.UTF_8));
            }
        }
        return upgraded(new Contents(readPairings, readDevices, readRequests, readLists, readSecrets), format);
    }

    /** All conversions are part of the next version of the file, with the number of the format, or none is. */
    private Contents upgraded(Contents read, long format) {
        if (format == FORMAT) {
            return read;
        }
        Contents contents = read;
        for (UnaryOperator<Contents> step : UPGRADES.subList((int) format - 1, UPGRADES.size())) {
            contents = step.apply(contents);
        }
        contents.requests().forEach(request -> requests.set(request.number(), Optional.of(bytes(request))));
        meta.put(FORMAT_KEY, bytes(FORMAT));
        digests().forEach(meta::put);
        return contents;
    }

    /** Pairings had no history in format 1, so nobody has a position in it yet. The order is that of submission. */
    private static Contents withHistories(Contents contents) {
        Map<PairId, Long> last = new HashMap<>();
        return new Contents(
                contents.pairings(),
                contents.devices(),
                contents.requests().stream()
                        .sorted(Comparator.comparingLong(Contents.Listed::number))
                        .map(listed -> new Contents.Listed(
                                listed.request(),
                                listed.number(),
                                listed.position(),
                                last.merge(listed.request().key().pair(), 1L, Long::sum)))
                        .toList(),
                contents.lists(),
                contents.secrets());
    }

    private List<Table<?>> tables() {
        return List.of(pairings, devices, requests, lists);
    }

    private Map<String, byte[]> digests() {
        Map<String, byte[]> digests = new HashMap<>();
        for (Table<?> table : tables()) {
            digests.put(table.name(), table.digest());
        }
        return digests;
    }

    /** Applies the changes, without writing them yet. */
    void apply(Batch batch) {
        batch.pairings.forEach((id, pairing) -> pairings.set(id.value(), pairing.map(Records::bytes)));
        batch.devices.forEach((id, device) -> devices.set(id.value(), device.map(Records::bytes)));
        batch.requests.forEach((number, request) -> requests.set(number, request.map(Tables::bytes)));
        batch.lists.forEach((list, positions) -> lists.set(list, positions.map(Tables::bytes)));
        batch.secrets.forEach((secret, text) -> meta.put(secret.key(), text.getBytes(StandardCharsets.UTF_8)));
        digests().forEach(meta::put);
    }

    /** A change without a meaning, to find out whether the file can be written. */
    void touch() {
        meta.put(OPENED_KEY, bytes(meta.containsKey(OPENED_KEY) ? number(OPENED_KEY) + 1 : 1));
    }

    /** Writes all changes as one new version. */
    void commit() {
        store.commit();
    }

    /** Moves some chunks if much of the file is unused. Returns whether it has written anything. */
    boolean compact() {
        return store.compact(TARGET_FILL_RATE, COMPACTION_BYTES);
    }

    /** Closes the file. */
    void close() {
        store.close(0);
    }

    /** Closes the file without writing. */
    void abandon() {
        store.closeImmediately();
    }

    private long number(String key) {
        byte @Nullable [] value = meta.get(key);
        if (value == null || value.length != Long.BYTES) {
            throw new Damaged("the entry '" + key + "' is missing or too short");
        }
        return ByteBuffer.wrap(value).getLong();
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    /** Leaps follow the two numbers. Versions that do not know leaps read the two numbers only. */
    private static byte[] bytes(Positions positions) {
        ByteBuffer bytes = ByteBuffer.allocate(
                        2 * Long.BYTES * (1 + positions.leaps().size()))
                .putLong(positions.last())
                .putLong(positions.floor());
        positions.leaps().forEach(leap -> bytes.putLong(leap.from()).putLong(leap.to()));
        return bytes.array();
    }

    private static Positions positions(ByteBuffer bytes) {
        long last = bytes.getLong();
        long floor = bytes.getLong();
        List<Positions.Leap> leaps = new ArrayList<>();
        while (bytes.hasRemaining()) {
            leaps.add(new Positions.Leap(bytes.getLong(), bytes.getLong()));
        }
        return new Positions(last, floor, leaps);
    }

    private static byte[] bytes(Contents.Listed request) {
        byte[] record = Records.bytes(request.request());
        return ByteBuffer.allocate(2 * Long.BYTES + record.length)
                .putLong(request.position())
                .putLong(request.change())
                .put(record)
                .array();
    }

    private static Contents.Listed listed(long number, byte[] value, long format) {
        ByteBuffer bytes = ByteBuffer.wrap(value);
        long position = bytes.getLong();
        long change = format >= WITH_HISTORY ? bytes.getLong() : 0;
        Request request = Records.request(Arrays.copyOfRange(value, bytes.position(), value.length));
        return new Contents.Listed(request, number, position, change);
    }
}
