package dev.harp.relay.store.redis;

import static dev.harp.relay.protocol.Samples.device;
import static dev.harp.relay.protocol.Samples.key;
import static dev.harp.relay.protocol.Samples.pair;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.wait.Topic;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The messages between relays, and what somebody else may write to their channel. */
class RedisChangeSignalTest {

    @Test
    void aTopicIsParsedAsItWasWritten() {
        for (Topic topic : List.of(
                new Topic.OfPairing(pair(1)),
                new Topic.OfDevice(device(1)),
                new Topic.OfRequest(key(1, 2)),
                new Topic.OfHistory(pair(3)))) {
            assertThat(RedisChangeSignal.topic(RedisChangeSignal.text(topic)), is(Optional.of(topic)));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "p",
                "p:",
                "p:pair_",
                "p:pair_00000000000g",
                "d:",
                "d:dev_1",
                "d:dev_000000000001:x",
                "r:",
                "r::",
                "r:pair_000000000001",
                "r:pair_000000000001:x",
                "x:pair_000000000001",
                "r:pair_000000000001:x:y",
                "\u0000"
            })
    void anyOtherTextIsIgnored(String text) {
        assertThat(RedisChangeSignal.topic(text), is(Optional.empty()));
        assertThat(RedisChangeSignal.topic(text + "A".repeat(1000)), is(Optional.empty()));
    }
}
