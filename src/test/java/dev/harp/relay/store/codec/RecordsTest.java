package dev.harp.relay.store.codec;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.harp.relay.protocol.Callback;
import dev.harp.relay.protocol.Device;
import dev.harp.relay.protocol.Envelope;
import dev.harp.relay.protocol.Opener;
import dev.harp.relay.protocol.Pairing;
import dev.harp.relay.protocol.PushState;
import dev.harp.relay.protocol.Request;
import dev.harp.relay.protocol.Response;
import dev.harp.relay.protocol.Samples;
import dev.harp.relay.protocol.WebhookState;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A record is decoded exactly as it was encoded, and damaged bytes are always refused. */
class RecordsTest {
    private static final Instant ODD = Samples.T0.plusNanos(123_456_789);
    private static final Request ASKED = Request.submitted(
            Samples.key(1, 2), Samples.device(3), new Envelope("n", Samples.text(70_000)), ODD, ODD.plusSeconds(60));

    private static final Callback CALLBACK = new Callback("https://hooks.example/", "0123456789abcdef");

    /** Bytes of format 1, as the first version wrote them. Every later version must read them. */
    private static final String PAIRING_1 =
            "0100000011706169725f30303030303030303030303700000020789b27716c9f0173297fd1b4ee1ef3682697d5"
                    + "960944ff8f99463f0db371d31e000000205c5b5202833fb1b8653184f73b2b4e40ac7b7e6ebab843a157c9bf99"
                    + "2755be42000000006b49d20029b92700000000006b49d32c29b9270001000000106465765f3030303030303030"
                    + "3030303801000000087061796c6f616437000000006b49d20029b927008b313556";

    private static final String DEVICE_1 =
            "01000000106465765f303030303030303030303037000000202fe1db3eed222ecf060df5e49a50495acc886ffa"
                    + "c8f5efd7d6093f266105bbc5010000000470757368000000006b49d20029b92700000000006b49d45829b92700"
                    + "5505692d";

    private static final String REQUEST_1 =
            "0100000011706169725f30303030303030303030303701a3185c52bc7009800000000000000900000010646576"
                    + "5f303030303030303030303038000000066e6f6e6365310000000b6369706865727465787431000000006b49d2"
                    + "0029b92700000000006b49d23c29b9270000010000000d616e737765722d6e6f6e63653100000012616e737765"
                    + "722d6369706865727465787431010000000a7369676e617475726531000000006b49d20129b92700ef858fb0";

    private static final String REQUEST_2 =
            "0200000011706169725f30303030303030303030303701a3185c52bc7009800000000000000900000010646576"
                    + "5f303030303030303030303038000000066e6f6e6365310000000b6369706865727465787431000000006b49d2"
                    + "0029b92700000000006b49d23c29b9270001000000006b49d2003114f4150001000000006b49d20029b9270001"
                    + "010000001668747470733a2f2f686f6f6b732e6578616d706c652f000000103031323334353637383961626364"
                    + "6566010201000000006b49d2003114f415e8000b9f";

    private static final String ENDED_2 =
            "0200000011706169725f30303030303030303030303701a3185c52bc70098000000000000009000000106465"
                    + "765f303030303030303030303038000000000000004034396632353838356132353337396534386337396665"
                    + "3335383865386465396535373865363131326134366164303237633231373433343864653031383839300000"
                    + "00006b49d20029b92700000000006b49d23c29b92700000200004dba69f1";

    private static final Opener OPENER =
            new Opener(List.of("64-0000000000000001", "56-0000000000000002", "48-0000000000000003"));

    private static final String PAIRING_3 =
            "0300000011706169725f30303030303030303030303700000020789b27716c9f0173297fd1b4ee1ef3682697"
                    + "d5960944ff8f99463f0db371d31e000000205c5b5202833fb1b8653184f73b2b4e40ac7b7e6ebab843a157c9"
                    + "bf992755be42000000006b49d20029b92700000000006b49d32c29b9270001000000106465765f3030303030"
                    + "3030303030303801000000087061796c6f616437000000006b49d20029b927000000003b36342d3030303030"
                    + "30303030303030303030312035362d303030303030303030303030303030322034382d303030303030303030"
                    + "3030303030303301000000006b49d2003114f4152643a9f9";

    private static final String PAIRING_4 =
            "0400000011706169725f30303030303030303030303700000020789b27716c9f0173297fd1b4ee1ef3682697"
                    + "d5960944ff8f99463f0db371d31e00000020b57f3edd3b975da955db22779893e4651f1765d4d79f20dfe32c"
                    + "4a9502f43f7f000000006b49d20029b92700000000006b49d32c29b9270001000000106465765f3030303030"
                    + "3030303030303801000000087061796c6f616437000000006b49d20029b927000000003b36342d3030303030"
                    + "30303030303030303030312035362d303030303030303030303030303030322034382d303030303030303030"
                    + "3030303030303301000000006b49d2003114f41529b8e2aa";

    private static final String DEVICE_3 =
            "03000000106465765f303030303030303030303037000000202fe1db3eed222ecf060df5e49a50495acc886f"
                    + "fac8f5efd7d6093f266105bbc500000000006b49d20029b92700000000006b49d45829b927000000003b3634"
                    + "2d303030303030303030303030303030312035362d303030303030303030303030303030322034382d303030"
                    + "303030303030303030303030331862180c";

    private static List<Pairing> pairings() {
        Pairing active = Samples.active(1, 2, ODD);
        return List.of(
                Samples.pending(1, ODD),
                with(active, new Pairing.Pending(4)),
                active,
                with(active, new Pairing.Active(Samples.device(2), Optional.empty(), ODD)),
                with(active, new Pairing.Closed(Pairing.Closed.Why.TIME, ODD)),
                with(active, new Pairing.Closed(Pairing.Closed.Why.WRONG_SECRETS, ODD)),
                Samples.revoked(active, ODD.plusSeconds(1)),
                with(active, new Pairing.Revoked(Optional.empty(), ODD)),
                active.openedBy(OPENER),
                active.used(Optional.of(ODD.plusNanos(7))));
    }

    private static Pairing with(Pairing pairing, Pairing.State state) {
        return new Pairing(
                pairing.id(), pairing.token(), pairing.secret(), pairing.createdAt(), pairing.expiresAt(), state);
    }

    private static List<Request> requests() {
        Request read = new Request(
                ASKED.key(),
                ASKED.device(),
                ASKED.question(),
                ASKED.createdAt(),
                ASKED.expiresAt(),
                Optional.of(ODD.plus(Duration.ofNanos(1))),
                ASKED.state(),
                new PushState.None(),
                Optional.empty());
        return List.of(
                ASKED,
                read,
                Samples.in(read, new Request.Responded(Samples.answer(1), ODD)),
                Samples.in(ASKED, new Request.Responded(new Response("a", "b", Optional.empty()), ODD)),
                Samples.in(read, new Request.Expired()),
                Samples.in(ASKED, new Request.Cancelled(ODD)),
                with(new PushState.Due(ODD, 3), Optional.empty()),
                with(new PushState.Accepted(), Optional.of(new WebhookState(CALLBACK, 0, 0, Optional.empty()))),
                with(new PushState.TokenDead(), Optional.of(new WebhookState(CALLBACK, 1, 2, Optional.of(ODD)))),
                with(new PushState.Failed(), Optional.of(new WebhookState(CALLBACK, 2, 0, Optional.empty()))));
    }

    private static Request with(PushState push, Optional<WebhookState> webhook) {
        return new Request(
                ASKED.key(),
                ASKED.device(),
                ASKED.question(),
                ASKED.createdAt(),
                ASKED.expiresAt(),
                Optional.empty(),
                ASKED.state(),
                push,
                webhook);
    }

    private static List<Device> devices() {
        return List.of(
                Samples.phone(1, ODD),
                Samples.phone(2, ODD).withPushToken(Optional.of("ExponentPushToken[x]")),
                Samples.phone(3, ODD).openedBy(OPENER));
    }

    @Test
    void everyRecordIsDecodedAsItWasEncoded() {
        pairings().forEach(pairing -> assertThat(Records.pairing(Records.bytes(pairing)), is(pairing)));
        requests().forEach(request -> assertThat(Records.request(Records.bytes(request)), is(request)));
        devices().forEach(device -> assertThat(Records.device(Records.bytes(device)), is(device)));
    }

    @Test
    void everyFlippedBitIsDetected() {
        Request small = requests().get(3);
        byte[] bytes = Records.bytes(Samples.in(
                Request.submitted(small.key(), small.device(), Samples.envelope(1), ODD, ODD), small.state()));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            refused(damaged, Records::request);
        }
    }

    @Test
    void everyTruncationIsDetected() {
        byte[] bytes = Records.bytes(pairings().getFirst());
        for (int length = 0; length < bytes.length; length++) {
            refused(Arrays.copyOf(bytes, length), Records::pairing);
        }
        refused(Arrays.copyOf(bytes, bytes.length + 1), Records::pairing);
    }

    /** The checksums match, so the fields themselves are checked. */
    @Test
    void invalidFieldsAreDetected() {
        Stream.<Bytes.Writer<Bytes.Out>>of(
                        _ -> {},
                        out -> out.bytes(new byte[3]),
                        out -> {
                            out.text("dev_1");
                            out.bytes(new byte[31]);
                        },
                        out -> {
                            out.text("dev_1");
                            out.bytes(new byte[32]);
                            out.tag(2);
                        },
                        out -> {
                            out.text("dev_1");
                            out.bytes(new byte[32]);
                            out.tag(0);
                            out.number(Long.MAX_VALUE);
                            out.number(Long.MAX_VALUE);
                        },
                        out -> out.number(Long.MAX_VALUE))
                .map(fields -> Bytes.write(Records.FORMAT, fields))
                .forEach(bytes -> refused(bytes, Records::device));
        refused(Bytes.write(Records.WITH_OPENER + 1, out -> out.text("later")), Records::device);
        refused(Bytes.write(Records.HASHED + 1, out -> out.text("later")), Records::pairing);
        refused(Bytes.write(0, out -> out.text("never")), Records::device);
    }

    @Test
    void anUnknownStateIsDetected() {
        Device device = devices().getFirst();
        refused(
                Bytes.write(Records.FORMAT, out -> {
                    out.text("pair_1");
                    out.bytes(new byte[32]);
                    out.bytes(new byte[32]);
                    out.time(device.createdAt());
                    out.time(device.createdAt());
                    out.tag(9);
                }),
                Records::pairing);
        refused(
                Bytes.write(Records.FORMAT, out -> {
                    out.text("pair_1");
                    out.number(1);
                    out.number(1);
                    out.text("dev_1");
                    out.text("n");
                    out.text("c");
                    out.time(device.createdAt());
                    out.time(device.createdAt());
                    out.optional(Optional.<Instant>empty(), out::time);
                    out.tag(9);
                }),
                Records::request);
    }

    @Test
    void theFirstFormatIsRead() {
        Pairing pairing = Samples.active(7, 8, Samples.T0);
        Device device = Samples.phone(7, Samples.T0).withPushToken(Optional.of("push"));
        Request request = Samples.endedEarlier(
                Request.submitted(
                        Samples.key(7, 9),
                        Samples.device(8),
                        Samples.envelope(1),
                        Samples.T0,
                        Samples.T0.plusSeconds(60)),
                new Request.Responded(Samples.answer(1), Samples.T0.plusSeconds(1)));
        assertThat(Records.pairing(HexFormat.of().parseHex(PAIRING_1)), is(Samples.hashed(pairing)));
        assertThat(Records.device(HexFormat.of().parseHex(DEVICE_1)), is(device));
        assertThat(Records.request(HexFormat.of().parseHex(REQUEST_1)), is(request));
    }

    /** The current format of devices. */
    @Test
    void theThirdFormatIsStable() {
        Pairing pairing = Samples.active(7, 8, Samples.T0).openedBy(OPENER).used(Optional.of(ODD));
        Device device = Samples.phone(7, Samples.T0).openedBy(OPENER);
        assertThat(hex(Records.bytes(device)), is(DEVICE_3));
        assertThat(Records.pairing(HexFormat.of().parseHex(PAIRING_3)), is(Samples.hashed(pairing)));
        assertThat(Records.device(HexFormat.of().parseHex(DEVICE_3)), is(device));
    }

    /** The current format of pairings. Whoever reads one must not be able to join it. */
    @Test
    void theFourthFormatIsStable() {
        Pairing pairing =
                Samples.hashed(Samples.active(7, 8, Samples.T0).openedBy(OPENER).used(Optional.of(ODD)));
        assertThat(hex(Records.bytes(pairing)), is(PAIRING_4));
        assertThat(Records.pairing(HexFormat.of().parseHex(PAIRING_4)), is(pairing));
        for (byte[] stored : List.of(Records.bytes(pairing), Records.bare(pairing))) {
            assertThat(hex(stored).contains(Samples.secret(7).hex()), is(false));
        }
    }

    /** What relays of earlier versions read on a store that they share with this one. */
    @Test
    void withoutOpenerTheyAreOfTheSecondFormat() {
        pairings().forEach(pairing -> {
            byte[] bare = Records.bare(pairing);
            assertThat(bare[0], is((byte) 2));
            Pairing read = pairing.openedBy(Opener.NONE).used(Optional.empty());
            assertThat(Records.pairing(bare, true), is(read));
            assertThat(Records.pairing(bare, false), is(Samples.hashed(read)));
        });
        devices().forEach(device -> {
            byte[] bare = Records.bare(device);
            assertThat(bare[0], is((byte) 2));
            assertThat(Records.device(bare), is(device.openedBy(Opener.NONE)));
        });
    }

    @Test
    void openerAndUseAreTexts() {
        assertThat(Records.opener(Records.networks(OPENER)), is(OPENER));
        assertThat(Records.opener(Records.networks(Opener.NONE)), is(Opener.NONE));
        Pairing pairing = pairings().getFirst();
        assertThat(Records.used(Records.used(pairing)), is(Optional.empty()));
        assertThat(Records.used(Records.used(pairing.used(Optional.of(ODD)))), is(Optional.of(ODD)));
        for (String none : List.of("yesterday", "17", ".", "1.", ".1", "1.2.3", Long.MAX_VALUE + ".0")) {
            assertThrows(CorruptRecord.class, () -> Records.used(none), none);
        }
    }

    /** The current format of requests. A change of these bytes needs the next number. */
    @Test
    void theSecondFormatIsStable() {
        Request request =
                with(new PushState.Due(Samples.T0, 1), Optional.of(new WebhookState(CALLBACK, 1, 2, Optional.of(ODD))));
        Request small = new Request(
                Samples.key(7, 9),
                Samples.device(8),
                Samples.envelope(1),
                Samples.T0,
                Samples.T0.plusSeconds(60),
                Optional.of(ODD),
                request.state(),
                request.push(),
                request.webhook());
        assertThat(hex(Records.bytes(small)), is(REQUEST_2));
        assertThat(Records.request(HexFormat.of().parseHex(REQUEST_2)), is(small));
    }

    /** A request that has ended. An earlier version takes the digest for a ciphertext. */
    @Test
    void theDigestOfAQuestionIsStable() {
        Request ended = Samples.in(
                Samples.open(Samples.key(7, 9), 8, Samples.T0, Duration.ofSeconds(60)), new Request.Expired());
        assertThat(hex(Records.bytes(ended)), is(ENDED_2));
        Request read = Records.request(HexFormat.of().parseHex(ENDED_2));
        assertThat(read, is(ended));
        assertThat(read.question().isOf(new Envelope("nonce", "ciphertext")), is(true));
        assertThat(read.question().isOf(new Envelope("nonce", "other")), is(false));
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static void refused(byte[] bytes, Function<byte[], ?> read) {
        assertThrows(CorruptRecord.class, () -> read.apply(bytes));
    }
}
