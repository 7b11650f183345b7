package dev.harp.relay.store.redis;

import dev.harp.relay.protocol.Request;
import dev.harp.relay.store.Audience;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.codec.CorruptRecord;
import dev.harp.relay.store.codec.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what one device or platform has to know, as {@code store.memory.ChangeList} does, in stretches of the list: most often one.
 *
 * <p>Each stretch is a snapshot. What changes while the next one is read has moved to the list's end by then, and is read there.
 */
final class FeedReader {
    /** What a record has beside the ciphertext that is told, usually: one with more makes a stretch shorter. */
    private static final long BESIDE = 1024;

    private final String list;
    private final Audience audience;
    private final int limit;
    private final long maxText;
    private final Link link;

    private record Entry(long position, Request request) {}

    private record Stretch(long position, long floor, boolean last, long end, List<Entry> entries) {}

    /** @param list the id of the device or pairing whose list it is */
    FeedReader(String list, Audience audience, int limit, long maxText, Link link) {
        this.list = list;
        this.audience = audience;
        this.limit = limit;
        this.maxText = maxText;
        this.link = link;
    }

    Page read(Optional<Cursor> after) {
        Stretch stretch = stretch(after.map(Cursor::read).orElse(0L));
        boolean reset = after.isPresent()
                && (after.get().heard() < stretch.floor() || after.get().heard() > stretch.position());
        if (reset && after.get().read() > 0) {
            stretch = stretch(0);
        }
        long floor = stretch.floor();
        Cursor cursor = after.isEmpty() || reset ? new Cursor(0, stretch.position()) : after.get();
        List<Page.Entry> entries = new ArrayList<>();
        long text = 0;
        while (true) {
            for (Entry entry : stretch.entries()) {
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
            if (stretch.last()) {
                return new Page(entries, Cursor.at(stretch.position()), reset);
            }
            stretch = stretch(stretch.end());
            if (stretch.floor() != floor) {
                // A request was forgotten meanwhile, perhaps before its end was told.
                return read(after);
            }
        }
    }

    private Stretch stretch(long from) {
        List<?> answer = (List<?>) link.run(
                        Script.FEED,
                        arguments -> arguments.add(list).add(from).add(limit).add(maxText + limit * BESIDE))
                .orElseThrow();
        List<Entry> entries = new ArrayList<>();
        long end = from;
        for (int i = 3; i < answer.size(); i += 2) {
            end = Long.parseLong(RedisStore.text(answer.get(i)));
            byte[] data = (byte[]) answer.get(i + 1);
            // One whose own life has run out is taken out of the list by whoever settles what is due.
            if (data.length > 0) {
                entries.add(new Entry(end, decoded(data)));
            }
        }
        return new Stretch(number(answer.get(0)), number(answer.get(1)), number(answer.get(2)) == 1, end, entries);
    }

    private Request decoded(byte[] data) {
        try {
            return Records.request(data);
        } catch (CorruptRecord e) {
            throw link.corrupt("the list of " + list, e);
        }
    }

    private static long number(Object bulk) {
        return Long.parseLong(RedisStore.text(bulk));
    }
}
