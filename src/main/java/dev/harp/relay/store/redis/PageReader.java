package dev.harp.relay.store.redis;

import static dev.harp.relay.store.redis.RedisConnections.text;

import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.Positions;
import dev.harp.relay.store.Seen;
import dev.harp.relay.store.redis.RecordReader.SeenList;
import dev.harp.relay.store.redis.RecordReader.SeenRequest;
import dev.harp.relay.store.redis.RecordReader.Stamped;
import dev.harp.relay.store.redis.RedisConnections.ScriptCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the list of a device or a pairing, by the rules of {@code store.memory.ChangeList}, in slices; most often one
 * is enough.
 *
 * <p>Each slice is a snapshot. A request that changes while the next slice is read has moved to the end of the list by
 * then, and is read there.
 *
 * @param list the id of the device or pairing whose list it is
 * @param token the digest of the token that the device has to have; empty if that does not matter
 */
record PageReader(String list, String token, Audience audience, int limit, long maxText, RecordReader records) {
    /**
     * The usual size of a record without the ciphertext that its reader is sent. Larger records make a slice shorter.
     */
    private static final long OVERHEAD = 1024;

    /** How many elements of a reply are the state of the list. */
    private static final int STATE = 2 + Positions.MAX_LEAPS;

    private record Entry(long position, SeenRequest seen) {
        Request request() {
            return seen.request().record().orElseThrow();
        }
    }

    /** A part of a list, as it was at one time. */
    record Slice(Positions positions, boolean last, long end, List<Entry> entries) {}

    /**
     * Reads a page.
     *
     * @param seen perhaps the first slice
     * @return empty if the device has another token
     */
    Optional<Page> read(Optional<Cursor> after, Seen seen) {
        long start = start(after);
        if (seen instanceof SeenList(long position, Slice first) && position == start) {
            return page(after, Optional.of(first));
        }
        return page(after, slice(start));
    }

    /** The call whose reply {@link #read(Optional, Optional)} takes. */
    ScriptCall call(Optional<Cursor> after) {
        return call(start(after));
    }

    /** Reads on from the reply to the first call; empty if the device has another token. */
    Optional<Page> read(Optional<Cursor> after, Optional<Object> reply) {
        return page(after, reply.map(first -> slice(list, (List<?>) first, start(after), records)));
    }

    static long start(Optional<Cursor> after) {
        return after.map(Cursor::read).orElse(0L);
    }

    private Optional<Page> page(Optional<Cursor> after, Optional<Slice> first) {
        if (first.isEmpty()) {
            return Optional.empty();
        }
        Slice slice = first.get();
        boolean reset = after.isPresent() && !slice.positions().know(after.get());
        if (reset && after.get().read() > 0) {
            Optional<Slice> all = slice(0);
            if (all.isEmpty()) {
                return Optional.empty();
            }
            slice = all.get();
        }
        long floor = slice.positions().floor();
        Cursor cursor =
                after.isEmpty() || reset ? new Cursor(0, slice.positions().last()) : after.get();
        List<Page.Entry> entries = new ArrayList<>();
        long text = 0;
        while (true) {
            for (Entry entry : slice.entries()) {
                Request request = entry.request();
                if (audience.skips(request, entry.position(), cursor)) {
                    continue;
                }
                text += audience.text(request);
                if (entries.size() == limit || (!entries.isEmpty() && text > maxText)) {
                    return Optional.of(new Page(entries, cursor, reset, true));
                }
                cursor = cursor.readTo(entry.position());
                entries.add(new Page.Entry(request, cursor, entry.seen()));
            }
            if (slice.last()) {
                return Optional.of(new Page(entries, Cursor.at(slice.positions().last()), reset));
            }
            Optional<Slice> next = slice(slice.end());
            if (next.isEmpty()) {
                return Optional.empty();
            }
            slice = next.get();
            if (slice.positions().floor() != floor) {
                // A request was forgotten meanwhile, and its reader may not know its end.
                return read(after, Seen.NOTHING);
            }
        }
    }

    private Optional<Slice> slice(long from) {
        return Optional.ofNullable(records.connections().evalAll(call(from)).getFirst())
                .map(reply -> slice(list, (List<?>) reply, from, records));
    }

    private ScriptCall call(long from) {
        return new ScriptCall(Script.FEED, List.of(list, from, limit, maxText + limit * OVERHEAD, token));
    }

    /** Reads the reply of {@code page} in {@code reading.lua}. */
    static Slice slice(String list, List<?> reply, long from, RecordReader records) {
        List<Entry> entries = new ArrayList<>();
        Map<String, Stamped<Pairing>> pairings = new HashMap<>();
        long end = from;
        for (int i = 1 + STATE; i < reply.size(); i += 4) {
            end = number(reply.get(i));
            String pair = text(reply.get(i + 1)).split(":", 2)[0];
            String name = "the list of " + list;
            if (reply.get(i + 3) instanceof List<?> pairing) {
                pairings.put(pair, records.stamped(pairing, name, RecordReader::pairing));
            }
            Stamped<Request> request = records.stamped(reply.get(i + 2), name, RecordReader::request);
            // The key of a request that has expired in Redis: due.lua will remove its entry.
            if (request.record().isPresent()) {
                RequestKey key = request.record().get().key();
                entries.add(new Entry(
                        end, new SeenRequest(key, pairings.getOrDefault(pair, RecordReader.none()), request)));
            }
        }
        return new Slice(positions(reply.subList(1, 1 + STATE)), number(reply.getFirst()) == 1, end, entries);
    }

    private static Positions positions(List<?> state) {
        List<Positions.Leap> leaps = state.subList(2, STATE).stream()
                .map(RedisConnections::text)
                .filter(leap -> !leap.isEmpty())
                .map(leap -> leap.split(" ", 2))
                .map(leap -> new Positions.Leap(Long.parseLong(leap[0]), Long.parseLong(leap[1])))
                .toList();
        return new Positions(number(state.get(0)), number(state.get(1)), leaps);
    }

    private static long number(Object bulk) {
        return Long.parseLong(RedisConnections.text(bulk));
    }
}
