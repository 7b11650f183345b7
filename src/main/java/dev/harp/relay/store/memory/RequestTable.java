package dev.harp.relay.store.memory;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.Footprint;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.PlatformView;
import dev.harp.relay.protocol.ProtocolLimits;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.store.DueRecord;
import dev.harp.relay.store.Positions;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The requests of all pairings, kept in step with the lists, the schedule, the totals and the journal. Not for
 * concurrent use.
 */
final class RequestTable {
    private final ProtocolLimits limits;
    private final Schedule schedule;
    private final Totals totals;
    private final Accounts accounts;
    private final Supplier<Journal> journal;
    private final Map<DeviceId, Inbox> inboxes = new HashMap<>();
    private final long base;
    private long submissions;

    /** @param base the lowest position that is given from now on */
    RequestTable(
            ProtocolLimits limits,
            Schedule schedule,
            Totals totals,
            Accounts accounts,
            long base,
            Supplier<Journal> journal) {
        this.limits = limits;
        this.base = base;
        this.schedule = schedule;
        this.totals = totals;
        this.accounts = accounts;
        this.journal = journal;
    }

    /** The device's list, made if there is none. */
    Inbox inbox(DeviceId device) {
        return inboxes.computeIfAbsent(device, _ -> new Inbox());
    }

    Optional<Inbox> findInbox(DeviceId device) {
        return Optional.ofNullable(inboxes.get(device));
    }

    /** Removes the list of a device that was removed, once the last of its pairings is. */
    void dropInbox(DeviceId device) {
        if (findInbox(device).filter(inbox -> inbox.pairings.isEmpty()).isPresent()) {
            inboxes.remove(device);
            journal.get().put(device.value(), Optional.empty());
        }
    }

    /** Restores all requests, in the order in which they were submitted. */
    void restore(Contents contents, Map<PairId, PairingEntry> pairings, Runnable restored) {
        contents.requests().stream()
                .sorted(Comparator.comparingLong(Contents.Listed::number))
                .forEach(listed -> {
                    restore(
                            Optional.ofNullable(
                                            pairings.get(listed.request().key().pair()))
                                    .orElseThrow(() -> new IllegalArgumentException("a request without its pairing")),
                            listed);
                    restored.run();
                });
    }

    private void restore(PairingEntry entry, Contents.Listed listed) {
        Request request = listed.request();
        StoredRequest stored = new StoredRequest(listed.number(), request);
        stored.position = listed.position();
        stored.change = listed.change();
        entry.history.restore(stored, stored.change, true);
        inbox(request.device()).restore(stored);
        charge(entry, footprint(request));
        add(entry, stored);
        submissions = Math.max(submissions, listed.number());
    }

    void store(PairingEntry entry, Request after) {
        StoredRequest stored = entry.requests.get(after.key().request());
        boolean shown = PlatformView.changed(Optional.ofNullable(stored).map(known -> known.request), after);
        Inbox inbox = inbox(after.device());
        long listed = inbox.list.positions().last();
        long changed = entry.history.positions().last();
        if (stored == null) {
            stored = new StoredRequest(++submissions, after);
            inbox.submitted(stored, base);
        } else {
            boolean ends = stored.request.open() && !after.open();
            totals.count(stored.request, -1);
            stored.request = after;
            if (ends) {
                entry.open.remove(after.key().request());
                inbox.ended(stored, base);
            }
        }
        if (shown) {
            entry.history.remove(stored.change);
            stored.change = entry.history.append(stored, base);
        }
        add(entry, stored);
        journal.get().put(stored.listed(), Optional.of(stored.listed()));
        storeLeap(after.device().value(), inbox.list.positions(), listed);
        storeLeap(after.key().pair().value(), entry.history.positions(), changed);
    }

    private void storeLeap(String list, Positions positions, long before) {
        if (positions.last() > before + 1) {
            journal.get().put(list, Optional.of(positions));
        }
    }

    private void add(PairingEntry entry, StoredRequest stored) {
        Request request = stored.request;
        entry.requests.put(request.key().request(), stored);
        if (request.open()) {
            entry.open.add(request.key().request());
        }
        totals.count(request, 1);
        schedule.set(new DueRecord.OfRequest(request.key()), Optional.of(limits.dueAt(request)));
    }

    void remove(PairingEntry entry, RequestId id) {
        StoredRequest stored = entry.requests.remove(id);
        if (stored != null) {
            entry.open.remove(id);
            unlist(stored);
            if (entry.history.forget(stored.change)) {
                journal.get().put(entry.pairing.id().value(), Optional.of(entry.history.positions()));
            }
        }
    }

    /** Removes the requests of a pairing that is removed itself. */
    void removeAll(PairingEntry entry) {
        entry.requests.values().forEach(stored -> {
            charge(entry, -footprint(stored.request));
            unlist(stored);
        });
    }

    /** Counts bytes of a request, fewer if the number is negative. */
    void charge(PairingEntry entry, long growth) {
        totals.addBytes(growth);
        accounts.changed(entry, growth);
    }

    private void unlist(StoredRequest stored) {
        schedule.remove(new DueRecord.OfRequest(stored.request.key()));
        totals.count(stored.request, -1);
        journal.get().put(stored.listed(), Optional.empty());
        DeviceId device = stored.request.device();
        findInbox(device)
                .filter(inbox -> inbox.forget(stored))
                .ifPresent(inbox -> journal.get().put(device.value(), Optional.of(inbox.list.positions())));
    }

    long footprint(Request request) {
        return Footprint.of(request, limits);
    }
}
