package dev.harp.relay.service;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.Seen;
import java.util.Optional;

/** A device's list, read page by page from its cursor on. */
final class DeviceSource implements EventSubscription.Source<DeviceUpdate> {
    private final RequestLists lists;
    private final Caller.Device caller;
    private final Allowance memory;
    private Optional<Cursor> cursor;
    private boolean current;

    /**
     * @param after the device's cursor; empty for the open requests only
     * @param memory holds the memory of the last page
     */
    DeviceSource(RequestLists lists, Caller.Device caller, Optional<Cursor> after, Allowance memory) {
        this.lists = lists;
        this.caller = caller;
        this.cursor = after;
        this.memory = memory;
    }

    @Override
    public EventSubscription.Read<DeviceUpdate> read(Seen seen) {
        Optional<Page> read = lists.inbox(caller, seen, cursor, memory);
        if (read.isEmpty()) {
            return EventSubscription.Read.last(Optional.empty());
        }
        Page page = read.get();
        cursor = Optional.of(page.cursor());
        boolean complete = !page.more() && (page.reset() || !current);
        current = !page.more() || (current && !page.reset());
        DeviceUpdate update = new DeviceUpdate(page, complete);
        return new EventSubscription.Read<>(
                Optional.of(update)
                        .filter(_ -> page.reset() || complete || !page.entries().isEmpty()),
                page.more(),
                false);
    }
}
