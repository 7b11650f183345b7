package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.ok;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.config.ConfigReader;
import dev.harp.relay.config.InvalidConfig;
import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.RequestKey;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Shares.Measure;
import dev.harp.relay.protocol.Submission;
import dev.harp.relay.store.memory.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/protocol.md}, section 9.8: with the defaults of the smallest heap, an office of 200 phones and 50 agents
 * behind one address meets no share, on a day on which nobody answers.
 */
class OfficeTest {
    private static final int PHONES = 200;
    private static final int AGENTS = 50;
    private static final int PAIRINGS_OF_A_PHONE = 5;
    private static final String ADDRESS = "4-0000000000000001";
    private static final Opener OFFICE = new Opener(List.of(ADDRESS));

    @Test
    void anOfficeBehindOneAddressMeetsNoShare() throws InvalidConfig {
        RelayConfig config =
                ConfigReader.read(Optional.empty(), new ConfigReader.Environment(Map.of(), 256L << 20, 100_000));
        Rig rig = new Rig(new MemoryStore(config.terms(), config.capacity()), config.terms(), 0, 10_000);
        int requests = 0;
        for (int i = 0; i < PHONES; i++) {
            Caller.Device phone = Rig.phone(ok(rig.devices.register(OFFICE)).device());
            for (int of = 0; of < PAIRINGS_OF_A_PHONE; of++) {
                var pairing = ok(rig.pairings.open(Samples.secret(1), Duration.ofMinutes(5), OFFICE))
                        .pairing();
                ok(rig.pairings.join(
                        phone, Optional.of(pairing.id()), Samples.secret(1), Optional.of(Samples.text(1000))));
                // Half of the phones have an open question of each of two agents.
                if (i % 2 == 0 && of < 2) {
                    Submission submission = new Submission(
                            new RequestKey(pairing.id(), rig.id(requests)),
                            new Envelope("nonce", Samples.text(2000)),
                            Duration.ofHours(1));
                    ok(rig.requests
                            .submit(rig.platform(pairing.id()), submission)
                            .result());
                    requests++;
                }
            }
            ok(rig.devices.updatePushToken(phone, Optional.of(Samples.text(500))));
        }
        assertThat(rig.store.levels().openRequests(), is(PHONES));
        long places = config.capacity()
                .shares()
                .ofNetwork(Measure.WAITERS, config.limits().waiters(), ADDRESS);
        assertThat(places, greaterThan((long) PHONES + AGENTS));
    }
}
