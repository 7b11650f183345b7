package dev.harp.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.harp.client.RelayException.Kind;
import dev.harp.json.ExactJson;
import dev.harp.testing.FakeServer;
import dev.harp.testing.FakeServer.End;
import dev.harp.testing.FakeServer.Reply;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The device's stream: what it tells, and how it comes back after each way to end. */
@Timeout(300)
class EventStreamTest {
    private static final String STREAM = "GET /v1/devices/.*/events";
    private static final String ID = "01900000-0000-7000-8000-000000000009";
    private static final String GONE =
            "event: request\nid: 9\ndata: {\"request_id\":\"" + ID + "\",\"state\":\"cancelled\"}\n\n";

    private final TwoEnds ends = new TwoEnds();
    private final List<Inbox> told = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();
    private final CountDownLatch silent = new CountDownLatch(1);

    @AfterEach
    void close() {
        ends.close();
    }

    private static Reply events(String text, End end) {
        return new Reply("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + text, end);
    }

    /** Follows the stream until the relay has forgotten the device. */
    private void follow() throws Exception {
        Environment environment =
                new Environment(ends.phoneClock, ends.phoneClock, this::pause, ends.phoneEnvironment.random());
        try (Device device = new Device(ends.relay.url(), ends.phoneStore, environment)) {
            RelayException e = assertThrows(RelayException.class, () -> device.stream(told::add));
            assertEquals(Kind.UNAUTHORIZED, e.kind());
        }
    }

    /** The pause of whoever watches the stream lasts until the test ends it; the others take no time. */
    private void pause(Duration pause) throws InterruptedException {
        if (pause.equals(DeviceInbox.SILENCE)) {
            silent.await();
        } else {
            pauses.add(pause);
        }
    }

    private void ends(Reply... replies) {
        ends.relay.instead(STREAM, replies);
        ends.relay.instead(STREAM, HostileRelay.problem(401, "unauthorized"));
    }

    private List<String> lastIds() {
        return ends.relay.received().stream()
                .filter(request -> request.target().endsWith("/events"))
                .map(request -> request.headerOrEmpty("Last-Event-ID"))
                .toList();
    }

    @Test
    void cardsComeAndGo() throws Exception {
        try (Platform platform = ends.platform(ends.pair())) {
            Platform.Sent sent = TwoEnds.sent(platform, TwoEnds.deploy());
            String item = new String(
                    ExactJson.write(HostileRelay.item(sent.requestId(), ends.relay.entry(sent.requestId()))),
                    StandardCharsets.UTF_8);
            ends(events(
                    "retry: 2000\n\n: heartbeat\n\nevent: request\nid: 1\ndata: " + item
                            + "\n\nevent: current\nid: 1\ndata: {}\n\nevent: later\ndata: {}\n\n" + GONE
                            + "event: reset\ndata: {}\n\n",
                    End.CLOSE));
            follow();
            assertEquals(4, told.size());
            assertTrue(told.get(0).reset());
            assertEquals("Deploy 2.1", action(told.get(1).cards().getFirst()));
            assertEquals("1", told.get(1).cursor());
            assertEquals(List.of(ID), told.get(2).withdrawn());
            assertTrue(told.get(3).reset());
            assertEquals(List.of("", "9"), lastIds());
        }
    }

    private static String action(Inbox.Card card) {
        return ((dev.harp.message.ReceivedQuestion.Understood) card.question())
                .question()
                .action();
    }

    @Test
    void aStreamThatBreaksGoesOnAfterItsLastEvent() throws Exception {
        ends.pair();
        String piece = GONE + "event: request\nid: 10\ndata: {\"requ";
        ends(new Reply(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(piece.length()) + "\r\n"
                        + piece + "\r\n",
                End.CLOSE));
        follow();
        assertEquals(List.of("", "9"), lastIds());
    }

    @Test
    void aRelayThatIsAwayIsTriedAgainWithPausesThatGrow() throws Exception {
        ends.pair();
        ends(
                FakeServer.response(504, ""),
                HostileRelay.problem(503, "shutting_down", "Retry-After: 1"),
                FakeServer.response(502, ""),
                FakeServer.response(502, ""));
        follow();
        assertEquals(4, pauses.size());
        assertEquals(Duration.ofSeconds(1), pauses.get(1));
        assertTrue(pauses.get(3).compareTo(pauses.get(0)) > 0, pauses.toString());
        assertTrue(pauses.stream().allMatch(pause -> pause.compareTo(Duration.ofMillis(900)) > 0), pauses.toString());
    }

    /** Another relay, or one that has lost its store, does not take the id. */
    @Test
    void anIdThatIsRefusedIsDropped() throws Exception {
        ends.pair();
        ends(events(GONE, End.CLOSE), HostileRelay.problem(400, "invalid_parameter"));
        follow();
        assertEquals(List.of("", "9", ""), lastIds());
        assertTrue(told.getLast().reset());
    }

    /** An id that cannot go back in a header field. */
    @Test
    void anIdOfAnotherFormIsNone() throws Exception {
        ends.pair();
        ends(events("event: request\nid: \u0000\u00e9\rX\ndata: {\"request_id\":\"r\"}\n\n", End.CLOSE));
        follow();
        assertEquals(List.of("", ""), lastIds());
    }

    /** The connection is dead, and nothing says so. */
    @Test
    void aStreamOnWhichNothingComesAnyMoreIsLeft() throws Exception {
        ends.pair();
        ends(events(GONE, End.HANG));
        Thread.ofVirtual().start(() -> {
            dev.harp.testing.Await.until(() -> told.size() == 2);
            silent.countDown();
        });
        follow();
        assertEquals(List.of("", "9"), lastIds());
    }

    @Test
    void linesAreReadInEveryForm() throws Exception {
        EventReader events = reader("data:a\r\nid\n\n\n\nevent:  x\nfoo: bar\ndata: b\nid: 2\n\nevent: cut");
        assertEquals(Optional.of(new EventReader.Event("", "a", Optional.empty())), events.next());
        assertEquals(Optional.of(new EventReader.Event(" x", "b", Optional.of("2"))), events.next());
        assertEquals(Optional.empty(), events.next(), "an event that was cut off is none");
    }

    @Test
    void anEventWithoutAnEndIsRefused() {
        EventReader events = reader("data: " + "x".repeat(3 * 1024 * 1024));
        assertThrows(IOException.class, events::next);
    }

    private static EventReader reader(String text) {
        return new EventReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
}
