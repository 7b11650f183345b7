package dev.harp.relay;

import static dev.harp.testing.Await.until;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.TestRelay.Pair;
import dev.harp.testing.RedisServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An outage of Redis during streams ({@code docs/protocol.md}, 15.5): they send heartbeats only, and new ones are
 * refused. Afterwards each client gets what has changed, once, whether it stayed or reconnected.
 */
@Timeout(300)
class StreamOutageTest {
    private RedisServer redis;
    private TestRelay relay;
    private Pair pair;

    /** The stream of a device or a platform, and the changes that it has sent. */
    private final class Follower implements AutoCloseable {
        private final String target;
        private final String token;
        private final List<String> facts = new ArrayList<>();
        private EventClient stream;

        Follower(String target, String token) {
            this.target = target;
            this.token = token;
            this.stream = EventClient.open(relay.port(), target, token, "");
            current();
        }

        /** Reads until the client is up to date. */
        void current() {
            relay.note("GET", target, stream.head().is(200));
            String name;
            do {
                name = note(stream.event());
            } while (!name.equals("current"));
        }

        private String note(EventClient.Event event) {
            assertThat(event.toString(), event.name().equals("reset"), is(false));
            if (event.name().equals("request")) {
                facts.add(event.fact());
            }
            return event.name();
        }

        /** Reads up to this change. */
        void hears(String fact) {
            while (!facts.contains(fact)) {
                note(stream.event());
            }
        }

        /** Reads two heartbeats: all earlier updates were sent before. */
        void sendsHeartbeatsOnly() {
            stream.comment();
            stream.comment();
        }

        /** A new stream is refused, like any call. */
        void isRefusedWhenNew() {
            until("refused", () -> {
                try (EventClient next = EventClient.open(relay.port(), target, token, stream.lastId())) {
                    if (next.head().status() == 200) {
                        return false;
                    }
                    relay.note("GET", target, next.head());
                    return next.head().is(503).text("code").equals("store_unavailable");
                }
            });
        }

        /** The client's connection breaks. */
        void isCut() {
            stream.close();
        }

        /** Reconnects with the last event id, as often as it is refused. */
        void comesBack() {
            String last = stream.lastId();
            until("back", () -> {
                stream = EventClient.open(relay.port(), target, token, last);
                if (stream.head().status() == 200) {
                    return true;
                }
                stream.close();
                return false;
            });
            current();
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    @BeforeEach
    void start() {
        redis = RedisServer.start("--appendonly", "yes", "--appendfsync", "always", "--save", "");
        relay = TestRelay.start("STORE=" + redis.url(), "STREAM_HEARTBEAT=1");
        pair = relay.pair();
    }

    @AfterEach
    void stop() {
        relay.close();
        redis.close();
    }

    @Test
    void itHangs() {
        through(redis::pause, redis::resume);
    }

    @Test
    void crashAndRestart() {
        through(redis::kill, redis::restart);
    }

    private void through(Runnable away, Runnable again) {
        String device = "/v1/devices/" + pair.phone().id() + "/events";
        String platform = "/v1/pairs/" + pair.id() + "/events";
        String before = relay.submitted(pair);
        relay.list(pair.phone()).is(200);
        try (Follower phone = new Follower(device, pair.phone().token());
                Follower agent = new Follower(platform, pair.platform());
                Follower lostPhone = new Follower(device, pair.phone().token());
                Follower lostAgent = new Follower(platform, pair.platform())) {
            List<Follower> all = List.of(phone, agent, lostPhone, lostAgent);
            until(() -> relay.relay().waiters() == 4);

            away.run();
            phone.isRefusedWhenNew();
            agent.isRefusedWhenNew();
            String during = relay.newId();
            assertThat(relay.submit(pair, during).is(503).code(), is("store_unavailable"));
            phone.sendsHeartbeatsOnly();
            agent.sendsHeartbeatsOnly();
            assertThat("a stream that was refused holds no place", relay.relay().waiters(), is(4));
            lostPhone.isCut();
            lostAgent.isCut();
            until("their places are free", () -> relay.relay().waiters() == 2);

            again.run();
            until("answered again", () -> relay.respond(pair, before).status() == 200);
            // Refused, so it is not known whether it was stored; the platform retries.
            int status = relay.submit(pair, during).status();
            assertThat(status == 201 || status == 200, is(true));
            agent.hears(before + " responded");
            phone.hears(during + " delivered");
            agent.hears(during + " delivered");
            lostPhone.comesBack();
            lostAgent.comesBack();
            lostAgent.hears(before + " responded");
            lostAgent.hears(during + " delivered");
            relay.delete("/v1/requests/" + during, pair.platform()).is(204);
            all.forEach(one -> one.hears(during + " cancelled"));
            for (Follower one : all) {
                assertThat(
                        "sent twice: " + one.facts,
                        one.facts.stream().distinct().count(),
                        is((long) one.facts.size()));
            }
        }
        until("nothing is left", () -> relay.relay().waiters() == 0 && relay.connections() == 0);
    }
}
