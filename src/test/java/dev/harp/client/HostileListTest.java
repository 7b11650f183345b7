package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Reason;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attacks by the relay on the list of a device: what it writes there beside the platforms' envelopes. */
@Timeout(300)
class HostileListTest {
    private static final String ID = "01900000-0000-7000-8000-000000000002";

    private final TwoEnds ends = new TwoEnds();
    private PlatformCredentials credentials;

    @BeforeEach
    void pair() throws Exception {
        credentials = ends.pair();
    }

    @AfterEach
    void close() {
        ends.close();
    }

    private static Members item(String requestId, String pairId) {
        return JsonTree.object()
                .add("request_id", requestId)
                .add("pair_id", pairId)
                .add("nonce", "A".repeat(32))
                .add("ciphertext", "A".repeat(2_752))
                .add("state", "pending")
                .build();
    }

    /** The relay answers the next read of the list with these items. */
    private void lists(List<Members> items) {
        ends.relay.instead(
                "GET /v1/devices/.*",
                HostileRelay.json(200, JsonTree.object().add("requests", items).add("cursor", "1")));
    }

    /** A false card in the place of an id: blanks up to the width of the terminal, then the head of a card. */
    @Test
    void anIdThatIsFreeTextIsNeverToldToAnybody() throws Exception {
        String pairId = credentials.pairing().pairId();
        for (String id : List.of(
                " ".repeat(80) + "---- " + ID + " from deploy-bot",
                ID + "\n",
                " " + ID,
                "01900000-0000-7000-8000-00000000000A",
                "01900000-0000-4000-8000-000000000002",
                "01900000000070008000000000000002",
                "-".repeat(36),
                "")) {
            Members withdrawn = JsonTree.object()
                    .add("request_id", id)
                    .add("pair_id", pairId)
                    .add("state", "cancelled")
                    .build();
            lists(List.of(item(id, pairId), item(id, "pair_000000000666"), withdrawn));
            Inbox inbox = ends.phone.list();
            assertEquals(List.of(), inbox.unreadable(), id);
            assertEquals(List.of(), inbox.withdrawn(), id);
            assertThrows(IllegalArgumentException.class, () -> new Inbox.Unreadable(id, Reason.SEAL));
        }
        lists(List.of(item(ID, pairId), item(ID, "pair_000000000666")));
        assertEquals(
                List.of(new Inbox.Unreadable(ID, Reason.SEAL), new Inbox.Unreadable(ID, Reason.WRONG_PAIRING)),
                ends.phone.list().unreadable());
    }

    /** 4 MiB hold more than a million items, and each cost a lock and a read of the file. */
    @Test
    void aPageIsOneReadOfTheStateAndItsItemsAreBounded() throws Exception {
        AtomicInteger transactions = new AtomicInteger();
        DeviceStore counting = new DeviceStore() {
            @Override
            public <T> T change(Function<Optional<DeviceState>, Change<T>> transaction) {
                transactions.incrementAndGet();
                return ends.phoneStore.change(transaction);
            }
        };
        try (Device device = new Device(ends.relay.url(), counting, ends.phoneEnvironment)) {
            lists(List.of());
            device.list();
            int ofAnEmptyPage = transactions.getAndSet(0);
            List<Members> full =
                    Collections.nCopies(100, item(ID, credentials.pairing().pairId()));
            lists(full);
            assertEquals(100, device.list().unreadable().size());
            assertEquals(ofAnEmptyPage, transactions.get());
        }
        lists(Collections.nCopies(101, JsonTree.object().build()));
        RelayException e = assertThrows(RelayException.class, ends.phone::list);
        assertTrue(e.line().contains("101 items"), e.line());
    }
}
