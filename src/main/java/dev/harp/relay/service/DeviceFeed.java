package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestEvent;
import dev.harp.relay.protocol.Transition;
import dev.harp.relay.store.Cursor;
import dev.harp.relay.store.Page;
import dev.harp.relay.store.RelayStore;
import java.util.List;
import java.util.Optional;

/** The list of one device, read from its cursor on. What is read has been delivered, as in a poll. */
final class DeviceFeed implements EventSubscription.Source<DeviceUpdate> {
    private final RelayStore store;
    private final RequestLifecycle lifecycle;
    private final DeviceId device;
    private Optional<Cursor> cursor;
    private boolean current;

    /** @param after what the device knows; empty for the open requests only */
    DeviceFeed(RelayStore store, RequestLifecycle lifecycle, DeviceId device, Optional<Cursor> after) {
        this.store = store;
        this.lifecycle = lifecycle;
        this.device = device;
        this.cursor = after;
    }

    @Override
    public EventSubscription.Found<DeviceUpdate> read() {
        if (store.device(device).isEmpty()) {
            return EventSubscription.Found.last(Optional.empty());
        }
        while (true) {
            Page page = store.inbox(device, cursor, Subscriptions.PAGE, Subscriptions.PAGE_TEXT);
            List<Page.Entry> requests = page.entries().stream()
                    .flatMap(told -> current(told).stream())
                    .toList();
            cursor = Optional.of(page.cursor());
            current &= !page.reset();
            boolean reached = !page.more() && !current;
            current |= reached;
            if (page.reset() || !requests.isEmpty() || reached) {
                return new EventSubscription.Found<>(
                        Optional.of(new DeviceUpdate(page.reset(), requests, reached ? cursor : Optional.empty())),
                        page.more(),
                        false);
            }
            if (!page.more()) {
                return new EventSubscription.Found<>(Optional.empty(), false, false);
            }
        }
    }

    /** As it stands; what has ended since it was listed is none of the device's business, or stands further on in the list. */
    private Optional<Page.Entry> current(Page.Entry told) {
        if (!told.request().open()) {
            return Optional.of(told);
        }
        return lifecycle
                .apply(told.request().key(), new RequestEvent.Read())
                .map(Transition::record)
                .filter(Request::open)
                .map(request -> new Page.Entry(request, told.cursor()));
    }
}
