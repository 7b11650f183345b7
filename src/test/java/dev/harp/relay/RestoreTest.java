package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.HttpAnswer;
import dev.harp.testing.RedisServer;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;

/**
 * A store that has fallen back to an earlier state ({@code docs/protocol.md}, 6.4 and 15.2): clients with cursors of
 * what is lost get a reset, and miss none of the requests that were accepted since.
 */
@Timeout(300)
class RestoreTest {

    /** The cases, for any store that can fall back. */
    abstract static class Cases {
        protected TestRelay relay;

        abstract TestRelay start();

        /** Keeps the present state; returns the relay to go on with. */
        abstract TestRelay kept(TestRelay open);

        /** Goes back to the state that was kept. */
        abstract TestRelay fallenBack(TestRelay open);

        @BeforeEach
        void startOne() {
            relay = start();
        }

        @AfterEach
        void stop() {
            relay.close();
        }

        void keep() {
            relay = kept(relay);
        }

        void fallBack() {
            relay = fallenBack(relay);
        }

        private static List<String> facts(HttpAnswer list) {
            return list.is(200).json().getJsonArray("requests").getValuesAs(JsonObject.class).stream()
                    .map(entry -> entry.getString("request_id") + " " + entry.getString("state"))
                    .toList();
        }

        private static boolean reset(HttpAnswer list) {
            return list.is(200).json().containsKey("reset");
        }

        EventClient device(Pair pair, String lastId) {
            return EventClient.open(
                    relay.port(),
                    "/v1/devices/" + pair.phone().id() + "/events",
                    pair.phone().token(),
                    lastId);
        }

        private EventClient platform(Pair pair, String lastId) {
            return EventClient.open(relay.port(), "/v1/pairs/" + pair.id() + "/events", pair.platform(), lastId);
        }

        /** Everything up to and with {@code current}, in words. */
        static List<String> upToCurrent(EventClient stream) {
            List<String> told = new ArrayList<>();
            do {
                EventClient.Event event = stream.event();
                told.add(event.name().equals("request") ? event.fact() : event.name());
            } while (!told.getLast().equals("current"));
            return told;
        }

        /** The case of which this rule was made: two requests that were accepted with 201, and an empty list. */
        @Test
        void aDeviceWithALostCursorMissesNoRequest() {
            Pair pair = relay.pair();
            String kept = relay.submitted(pair);
            relay.list(pair.phone()).is(200);
            keep();
            relay.submitted(pair);
            relay.submitted(pair);
            String cursor = relay.list(pair.phone()).text("cursor");
            fallBack();
            String first = relay.submitted(pair);
            String second = relay.submitted(pair);
            HttpAnswer list = relay.list(pair.phone(), cursor);
            assertThat(reset(list), is(true));
            assertThat(facts(list), contains(kept + " delivered", first + " delivered", second + " delivered"));
            HttpAnswer next = relay.list(pair.phone(), list.text("cursor"));
            assertThat(facts(next), is(List.of()));
            assertThat(reset(next), is(false));
        }

        @Test
        void bothStreamsBeginAnewAfterALostId() {
            Pair pair = relay.pair();
            String kept = relay.submitted(pair);
            relay.list(pair.phone()).is(200);
            keep();
            String lost = relay.submitted(pair);
            String read;
            String seen;
            try (EventClient device = device(pair, "");
                    EventClient platform = platform(pair, "")) {
                assertThat(upToCurrent(device), contains(kept + " delivered", lost + " delivered", "current"));
                assertThat(
                        upToCurrent(platform),
                        contains("pairing", kept + " delivered", lost + " delivered", "current"));
                read = device.lastId();
                seen = platform.lastId();
            }
            fallBack();
            String first = relay.submitted(pair);
            String second = relay.submitted(pair);
            String third = relay.submitted(pair);
            try (EventClient device = device(pair, read)) {
                assertThat(
                        upToCurrent(device),
                        contains(
                                "reset",
                                kept + " delivered",
                                first + " delivered",
                                second + " delivered",
                                third + " delivered",
                                "current"));
            }
            try (EventClient platform = platform(pair, seen)) {
                assertThat(
                        upToCurrent(platform),
                        contains(
                                "reset",
                                "pairing",
                                kept + " delivered",
                                first + " delivered",
                                second + " delivered",
                                third + " delivered",
                                "current"));
            }
        }

        /** The device was told of a cancellation that the relay has lost: it has to show the request again. */
        @Test
        void aRevivedRequestIsShownAgain() {
            Pair pair = relay.pair();
            String id = relay.submitted(pair);
            String cursor = relay.list(pair.phone()).text("cursor");
            keep();
            relay.delete("/v1/requests/" + id, pair.platform()).is(204);
            HttpAnswer told = relay.list(pair.phone(), cursor);
            assertThat(facts(told), contains(id + " cancelled"));
            fallBack();
            String next = relay.submitted(pair);
            HttpAnswer list = relay.list(pair.phone(), told.text("cursor"));
            assertThat(reset(list), is(true));
            assertThat(facts(list), contains(id + " delivered", next + " delivered"));
            relay.respond(pair, id).is(200);
            assertThat(relay.state(pair, id), is("responded"));
        }

        /** Cursors from before the state that was kept are as good as before. */
        @Test
        void aKeptCursorContinues() {
            Pair pair = relay.pair();
            relay.submitted(pair);
            String cursor = relay.list(pair.phone()).text("cursor");
            String seen;
            try (EventClient platform = platform(pair, "")) {
                upToCurrent(platform);
                seen = platform.lastId();
            }
            keep();
            relay.submitted(pair);
            fallBack();
            String next = relay.submitted(pair);
            HttpAnswer list = relay.list(pair.phone(), cursor);
            assertThat(reset(list), is(false));
            assertThat(facts(list), contains(next + " delivered"));
            try (EventClient platform = platform(pair, seen)) {
                assertThat(upToCurrent(platform), contains(next + " delivered", "current"));
            }
        }
    }

    /** A directory that is restored from a copy. */
    @Nested
    class OnFile extends Cases {
        @TempDir
        private Path folder;

        @Override
        TestRelay start() {
            return TestRelay.start("STORE=file:" + folder.resolve("store"), "FSYNC=interval");
        }

        @Override
        TestRelay kept(TestRelay open) {
            open.close();
            copy("store", "copy");
            return start();
        }

        @Override
        TestRelay fallenBack(TestRelay open) {
            open.close();
            copy("copy", "store");
            return start();
        }

        private void copy(String from, String to) {
            try {
                Files.createDirectories(folder.resolve(to));
                for (String name : new String[] {"harp-relay.mv", "harp-relay.synced"}) {
                    Files.copy(
                            folder.resolve(from).resolve(name),
                            folder.resolve(to).resolve(name),
                            StandardCopyOption.REPLACE_EXISTING);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A Redis that restarts with its last snapshot, while the relay stays. */
    @Nested
    class OnRedis extends Cases {
        private final RedisServer redis = RedisServer.start("--save", "", "--appendonly", "no");

        @Override
        TestRelay start() {
            return TestRelay.start("STORE=" + redis.url(), "MAX_STORED_BYTES=10000000");
        }

        @Override
        TestRelay kept(TestRelay open) {
            try (Jedis client = redis.client()) {
                assertThat(client.save(), is("OK"));
            }
            return open;
        }

        @Override
        TestRelay fallenBack(TestRelay open) {
            redis.kill();
            until("not ready", () -> ready(open) == 503);
            redis.restart();
            until("ready", () -> ready(open) == 200);
            return open;
        }

        private static int ready(TestRelay relay) {
            return AdminTest.admin(relay, "GET", "/ready").status();
        }

        @AfterEach
        void stopRedis() {
            redis.close();
        }

        /** A stream that outlasts the outage begins anew as the next one would. */
        @Test
        void anOpenStreamBeginsAnewToo() {
            Pair pair = relay.pair();
            String kept = relay.submitted(pair);
            keep();
            String lost = relay.submitted(pair);
            try (EventClient device = device(pair, "")) {
                assertThat(upToCurrent(device), contains(kept + " delivered", lost + " delivered", "current"));
                fallBack();
                assertThat(upToCurrent(device), contains("reset", kept + " delivered", "current"));
                String next = relay.submitted(pair);
                assertThat(device.event().fact(), is(next + " delivered"));
            }
        }
    }
}
