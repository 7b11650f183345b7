package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.ok;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Token;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** {@code docs/protocol.md}, sections 2.2 to 2.4: the token alone identifies the caller. */
class AuthenticatorTest {
    private final Rig rig = new Rig();

    @Test
    void platformTokenIdentifiesItsPairing() {
        Pairings.Opened opened = ok(rig.pairings.open(Samples.secret(1), Duration.ofSeconds(300), Opener.NONE));
        PairId id = opened.pairing().id();
        assertThat(opened.token().isPlatform(), is(true));
        assertThat(rig.asPlatform(opened.token(), caller -> Result.ok(caller.pair())), is(Optional.of(Result.ok(id))));
        assertThat(ok(rig.pairings.revoke(rig.platform(id), id)).id(), is(id));
        assertThat(rig.asPlatform(opened.token(), caller -> Result.ok(caller.pair())), is(Optional.of(Result.ok(id))));
        rig.clock.advance(Duration.ofSeconds(300));
        rig.lifecycle.processDue();
        assertThat(rig.authenticator.caller(opened.token()), is(Optional.empty()));
    }

    @Test
    void deviceTokenIdentifiesItsDeviceUntilRemoval() {
        Devices.Registered registered = ok(rig.devices.register(Opener.NONE));
        Caller.Device phone = Rig.phone(registered.device());
        assertThat(registered.token().isDevice(), is(true));
        assertThat(
                rig.asDevice(registered.token(), caller -> Result.ok(caller.device())),
                is(Optional.of(Result.ok(phone.device()))));
        assertThat(ok(rig.devices.remove(phone)), is(registered.device().id()));
        assertThat(rig.authenticator.caller(registered.token()), is(Optional.empty()));
    }

    @Test
    void otherTokensIdentifyNobody() {
        Token platform = ok(rig.pairings.open(Samples.secret(1), Duration.ofSeconds(300), Opener.NONE))
                .token();
        String body = platform.value().substring(4);
        for (String text : new String[] {
            "",
            "x",
            "hpt_",
            body,
            "hdt_" + body,
            "hpt_" + "A".repeat(43),
            "hdt_" + "A".repeat(43),
            platform.value() + "A"
        }) {
            assertThat(rig.authenticator.caller(new Token(text)), is(Optional.empty()));
        }
    }

    @Test
    void tokensDiffer() {
        assertThat(
                Crowd.of(200, _ -> ok(rig.devices.register(Opener.NONE)).token().value()).stream()
                        .distinct()
                        .count(),
                is(200L));
    }
}
