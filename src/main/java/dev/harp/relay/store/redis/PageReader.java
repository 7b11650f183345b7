package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.Positions;
import dev.harp.relay.store.codec.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the list of a device or a pairing, by the rules of {@code store.memory.ChangeList}, in slices; most often one
 * is enough.
 *
 * <p>Each slice is a snapshot. A request that changes while the next slice is read has moved to the end of the list by
 * then, and is read there.
 *
 * @param list the id of the device or pairing whose list it is
 */
record PageReader(String list, Audience audience, int limit, long maxText, RedisConnections connections) {
    /**
     * The usual size of a record without the ciphertext that its reader is sent. Larger records make a slice shorter.
     */
    private static final long OVERHEAD = 1024;

    /** How many elements of a reply are the state of the list. */
    private static final int STATE = 2 + Positions.MAX_LEAPS;

    private record Entry(long position, Request request) {}

    private record Slice(Positions positions, boolean last, long end, List<Entry> entries) {}

    Page read(Optional<Cursor> after) {
        Slice slice = slice(after.map(Cursor::read).orElse(0L));
        boolean reset = after.isPresent() && !slice.positions().know(after.get());
        if (reset && after.get().read() > 0) {
            slice = slice(0);
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
                    return new Page(entries, cursor, reset, true);
                }
                cursor = cursor.readTo(entry.position());
                entries.add(new Page.Entry(request, cursor));
            }
            if (slice.last()) {
                return new Page(entries, Cursor.at(slice.positions().last()), reset);
            }
            slice = slice(slice.end());
            if (slice.positions().floor() != floor) {
                // A request was forgotten meanwhile, and its reader may not know its end.
                return read(after);
            }
        }
    }

    private Slice slice(long from) {
        List<?> reply = (List<?>) connections
                .eval(Script.FEED, list, from, limit, maxText + limit * OVERHEAD)
                .orElseThrow();
        List<Entry> entries = new ArrayList<>();
        long end = from;
        for (int i = 1 + STATE; i < reply.size(); i += 2) {
            end = Long.parseLong(RedisConnections.text(reply.get(i)));
            byte[] data = (byte[]) reply.get(i + 1);
            // The key of a request that has expired in Redis: due.lua will remove its entry.
            if (data.length > 0) {
                entries.add(new Entry(end, connections.decode("the list of " + list, data, Records::request)));
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
