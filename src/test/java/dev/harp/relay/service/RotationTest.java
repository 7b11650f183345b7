package dev.harp.relay.service;

import static dev.harp.relay.service.Rig.LONG;
import static dev.harp.relay.service.Rig.NO_WAIT;
import static dev.harp.relay.service.Rig.ok;
import static dev.harp.relay.service.Rig.parked;
import static dev.harp.relay.service.Rig.refused;
import static dev.harp.relay.service.Rig.soon;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.instanceOf;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.limit.Allowance;
import dev.harp.relay.protocol.ErrorCode;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.RequestId;
import dev.harp.relay.protocol.Result;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.Token;
import dev.harp.relay.store.Page;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Another token in place of the present one, and the list of a device's pairings (sections 2.6 and 5.5). */
class RotationTest {
    private final Rig rig = new Rig();
    private final Rig.Pair pair = rig.pair();
    private final Subscriptions streams =
            new Subscriptions(rig.store, rig.lifecycle, rig.room, Duration.ofHours(1), Duration.ofHours(2));

    @Test
    void aPlatformIsKnownByItsNewTokenOnly() {
        Pairings.Opened opened = ok(rig.pairings.open(Samples.secret(1), Duration.ofMinutes(5), Opener.NONE));
        Caller.Platform before = platform(opened.token());
        Token next = ok(rig.pairings.rotate(before));
        assertThat(rig.authenticator.caller(opened.token()), is(Optional.empty()));
        Caller.Platform after = platform(next);
        assertThat(after.pair(), is(before.pair()));
        assertThat(ok(rig.pairings.await(after, NO_WAIT)).state(), is(new Pairing.Pending(0)));
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.rotate(before));
    }

    @Test
    void aDeviceIsKnownByItsNewTokenOnly() {
        Token first = ok(rig.devices.register(Opener.NONE)).token();
        Caller.Device before = phone(first);
        Token next = ok(rig.devices.rotate(before));
        assertThat(rig.authenticator.caller(first), is(Optional.empty()));
        assertThat(phone(next).device(), is(before.device()));
        refused(ErrorCode.UNAUTHORIZED, rig.devices.rotate(before));
        assertThat(rig.authenticator.caller(ok(rig.devices.rotate(phone(next)))).isPresent(), is(true));
        assertThat(rig.authenticator.caller(next), is(Optional.empty()));
    }

    @Test
    void ofTwoAtOnceOneWins() {
        for (int round = 0; round < 100; round++) {
            Caller.Platform platform = rig.platform(rig.session());
            assertThat(winners(Crowd.of(3, _ -> rig.pairings.rotate(platform))), is(1));
            Caller.Device phone = rig.phone();
            assertThat(winners(Crowd.of(3, _ -> rig.devices.rotate(phone))), is(1));
        }
    }

    private static int winners(List<Result<Token>> results) {
        return (int) results.stream().filter(Result.Ok.class::isInstance).count();
    }

    @Test
    void whatWaitsWithAPlatformsFormerTokenEnds() {
        RequestId open = rig.submitted(pair, 1);
        PairId session = rig.session();
        Caller.Platform waiting = rig.platform(session);
        Future<Result<Pairing>> join = parked(() -> rig.pairings.await(waiting, LONG));
        Future<Result<Request>> answer = parked(() -> rig.requests.await(pair.platform(), open, LONG));
        EventSubscription<PairingUpdate> stream =
                ok(streams.ofPairing(pair.platform(), Optional.empty(), Opener.NONE, Allowance.UNBOUNDED));
        assertThat(stream.next(), instanceOf(EventSubscription.Update.class));
        ok(rig.pairings.rotate(waiting));
        refused(ErrorCode.UNAUTHORIZED, soon(join));
        ok(rig.pairings.rotate(pair.platform()));
        refused(ErrorCode.UNAUTHORIZED, soon(answer));
        assertThat(stream.next(), is(new EventSubscription.Ended<>(EventSubscription.Reason.ENDED)));
        stream.close();
    }

    @Test
    void whatWaitsWithADevicesFormerTokenEnds() {
        Future<Result<Page>> poll = parked(() -> rig.inbox(pair, Optional.empty(), LONG));
        EventSubscription<DeviceUpdate> stream =
                ok(streams.ofDevice(pair.phone(), Optional.empty(), Opener.NONE, Allowance.UNBOUNDED));
        assertThat(stream.next(), instanceOf(EventSubscription.Update.class));
        ok(rig.devices.rotate(pair.phone()));
        refused(ErrorCode.UNAUTHORIZED, soon(poll));
        assertThat(stream.next(), is(new EventSubscription.Ended<>(EventSubscription.Reason.ENDED)));
        stream.close();
    }

    /** The calls of a platform whose token was looked up just before it was replaced. */
    @Test
    void aCallThatTheRotationOvertakesIsRefused() {
        RequestId open = rig.submitted(pair, 1);
        ok(rig.pairings.rotate(pair.platform()));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.await(pair.platform(), open, NO_WAIT));
        refused(ErrorCode.UNAUTHORIZED, rig.requests.cancel(pair.platform(), open));
        refused(ErrorCode.UNAUTHORIZED, rig.pairings.await(pair.platform(), NO_WAIT));
        assertThat(rig.store.openRequests(pair.id()).size(), is(1));
    }

    @Test
    void nothingElseChanges() {
        ok(rig.devices.updatePushToken(pair.phone(), Optional.of("push")));
        RequestId open = rig.submitted(pair, 1);
        Caller.Platform platform = platform(ok(rig.pairings.rotate(pair.platform())));
        Caller.Device phone = phone(ok(rig.devices.rotate(pair.phone())));
        assertThat(rig.store.device(phone.device()).orElseThrow().pushToken(), is(Optional.of("push")));
        ok(rig.requests.respond(phone, open, Samples.answer(1)));
        assertThat(ok(rig.requests.await(platform, open, NO_WAIT)).stateName(), is("responded"));
        assertThat(ok(rig.pairings.revoke(platform, pair.id())).id(), is(pair.id()));
    }

    @Test
    void anEndedPairingGetsNoToken() {
        ok(rig.pairings.revoke(pair.phone(), pair.id()));
        refused(ErrorCode.PAIR_REVOKED, rig.pairings.rotate(pair.platform()));
        Caller.Platform late = rig.platform(rig.session());
        rig.clock.advance(Duration.ofMinutes(6));
        refused(ErrorCode.PAIRING_EXPIRED, rig.pairings.rotate(late));
    }

    @Test
    void aDeviceListsItsPairingsPageByPage() {
        Caller.Device phone = pair.phone();
        List<PairId> joined = new ArrayList<>(List.of(pair.id()));
        for (int i = 0; i < 2 * Devices.PAGE; i++) {
            joined.add(rig.pair(phone).id());
        }
        rig.pair();
        rig.session();
        ok(rig.pairings.revoke(phone, joined.removeFirst()));
        Devices.Joined first = rig.devices.pairings(phone, Optional.empty());
        assertThat(first.pairings().size() >= Devices.PAGE - 1, is(true));
        List<PairId> listed = new ArrayList<>(ids(first));
        for (Devices.Joined page = first; page.next().isPresent(); ) {
            page = rig.devices.pairings(phone, page.next());
            listed.addAll(ids(page));
        }
        joined.sort(java.util.Comparator.comparing(PairId::value));
        assertThat(listed, is(joined));
        Instant paired = rig.clock.instant();
        assertThat(first.pairings().getFirst().usedAt(), is(Optional.of(paired)));
        assertThat(
                rig.devices.pairings(rig.phone(), Optional.empty()),
                is(new Devices.Joined(List.of(), Optional.empty())));
    }

    private static List<PairId> ids(Devices.Joined page) {
        return page.pairings().stream().map(Pairing::id).toList();
    }

    private Caller.Platform platform(Token token) {
        return (Caller.Platform) rig.authenticator.caller(token).orElseThrow();
    }

    private Caller.Device phone(Token token) {
        return (Caller.Device) rig.authenticator.caller(token).orElseThrow();
    }
}
