package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
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

    private record Entry(long position, Request request) {}

    private record Slice(long position, long floor, boolean last, long end, List<Entry> entries) {}

    Page read(Optional<Cursor> after) {
        Slice slice = slice(after.map(Cursor::read).orElse(0L));
        boolean reset = after.isPresent()
                && (after.get().heard() < slice.floor() || after.get().heard() > slice.position());
        if (reset && after.get().read() > 0) {
            slice = slice(0);
        }
        long floor = slice.floor();
        Cursor cursor = after.isEmpty() || reset ? new Cursor(0, slice.position()) : after.get();
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
                return new Page(entries, Cursor.at(slice.position()), reset);
            }
            slice = slice(slice.end());
            if (slice.floor() != floor) {
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
        for (int i = 3; i < reply.size(); i += 2) {
            end = Long.parseLong(RedisConnections.text(reply.get(i)));
            byte[] data = (byte[]) reply.get(i + 1);
            // The key of a request that has expired in Redis: due.lua will remove its entry.
            if (data.length > 0) {
                entries.add(new Entry(end, connections.decode("the list of " + list, data, Records::request)));
            }
        }
        return new Slice(number(reply.get(0)), number(reply.get(1)), number(reply.get(2)) == 1, end, entries);
    }

    private static long number(Object bulk) {
        return Long.parseLong(RedisConnections.text(bulk));
    }
}
