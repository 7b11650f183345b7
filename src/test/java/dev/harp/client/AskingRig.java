package dev.harp.client;

import dev.harp.client.Platform.Sent;
import dev.harp.json.JsonTree.Members;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A pairing at a hostile relay, and a platform that asks. */
abstract class AskingRig {
    static final Duration TTL = TwoEnds.TTL;

    final TwoEnds ends = new TwoEnds();
    PlatformCredentials credentials;
    Platform platform;

    @BeforeEach
    void pair() throws Exception {
        credentials = ends.pair();
        platform = ends.platform(credentials);
    }

    @AfterEach
    void close() {
        platform.close();
        ends.close();
    }

    Sent ask(String action) throws InterruptedException {
        return TwoEnds.sent(platform, Ask.authorize(action, TTL));
    }

    HostileRelay.Entry entry(Sent sent) {
        return ends.relay.entry(sent.requestId());
    }

    Members answerTo(Sent sent) {
        return entry(sent).response().orElseThrow();
    }

    Inbox.Card card(Sent sent) throws Exception {
        return ends.phone.list().cards().stream()
                .filter(card -> card.requestId().equals(sent.requestId()))
                .findFirst()
                .orElseThrow();
    }
}
