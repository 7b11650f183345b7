package dev.harp.relay.protocol;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code docs/protocol.md}, sections 2.2 and 3.3: the form of ids, tokens and digests. */
class NamesTest {
    private static final String UUID_V7 = "0190a1b2-c3d4-7abc-9def-0123456789ab";
    private static final String HEX = "00ff".repeat(16);

    @Test
    void aPairIdIsReadAsItIsWritten() {
        assertThat(PairId.parse("pair_a1b2c3d4e5f6"), is(Optional.of(new PairId("pair_a1b2c3d4e5f6"))));
        assertThat(new PairId("pair_a1b2c3d4e5f6").toString(), is("pair_a1b2c3d4e5f6"));
        assertThat(new DeviceId("dev_a1b2c3d4e5f6").toString(), is("dev_a1b2c3d4e5f6"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "pair_",
                "pair_a1b2c3d4e5f",
                "pair_a1b2c3d4e5f67",
                "pair_A1B2C3D4E5F6",
                "Pair_a1b2c3d4e5f6",
                "dev_a1b2c3d4e5f6",
                " pair_a1b2c3d4e5f6",
                "pair_a1b2c3d4e5f6\n",
                "pair_a1b2c3d4e5g6",
                "pair_a1b2c3d4e5\u0000f",
                "pair_١٢٣٤٥٦٧٨٩٠١٢",
                "pair_a1b2c3d4e5f\uff16",
            })
    void malformedPairIds(String text) {
        assertThat(PairId.parse(text), is(Optional.empty()));
    }

    /** Either case is accepted, lower case is answered, and both name the same request. */
    @Test
    void aRequestIdIsReadInEitherCase() {
        RequestId lower = RequestId.parse(UUID_V7).orElseThrow();
        RequestId upper = RequestId.parse(UUID_V7.toUpperCase(Locale.ROOT)).orElseThrow();
        assertThat(upper, is(lower));
        assertThat(upper.toString(), is(UUID_V7));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0190a1b2-c3d4-4abc-9def-0123456789ab",
                "0190a1b2-c3d4-6abc-9def-0123456789ab",
                "0190a1b2-c3d4-8abc-9def-0123456789ab",
                "0190a1b2-c3d4-7abc-7def-0123456789ab",
                "0190a1b2-c3d4-7abc-cdef-0123456789ab",
                "0190a1b2c3d47abc9def0123456789ab",
                "{0190a1b2-c3d4-7abc-9def-0123456789ab}",
                "urn:uuid:0190a1b2-c3d4-7abc-9def-0123456789ab",
                "190a1b2-c3d4-7abc-9def-0123456789ab",
                "190a1b2-c3d4-7abc-9def-00123456789ab",
                "0190a1b2-c3d4-7abc-9def-0123456789+b",
                "0190a1b2-c3d4-7abc-9def0-123456789ab",
                "0190a1b2-c3d4-7abc-9def-01234567٨9ab",
                "0190a1b2-c3d4-7abc-9def-0123456789ab\n",
                "0190a1b2-c3d4-7abc-9def-0123456789ab ",
                "0190a1b2-c3d4-7abc-9def-0123456789aK",
                "0190a1b2-c3d4-7abc-9def-0123456789aſ",
                "00000000-0000-0000-0000-000000000000",
                "ffffffff-ffff-ffff-ffff-ffffffffffff",
            })
    void malformedRequestIds(String text) {
        assertThat(RequestId.parse(text), is(Optional.empty()));
    }

    @Test
    void aRequestIdCarriesItsTime() {
        assertThat(RequestId.parse(UUID_V7).orElseThrow().time(), is(Instant.ofEpochMilli(0x0190a1b2c3d4L)));
        // The top bit is not a sign.
        assertThat(
                RequestId.parse("ffffffff-ffff-7000-8000-000000000000")
                        .orElseThrow()
                        .time(),
                is(Instant.ofEpochMilli((1L << 48) - 1)));
    }

    @Test
    void tokensDifferByTheirForm() {
        Token platform = new Token("hpt_" + "aZ0-_".repeat(8) + "abc");
        Token device = new Token("hdt_" + "A".repeat(43));
        assertThat(platform.isPlatform() && !platform.isDevice(), is(true));
        assertThat(device.isDevice() && !device.isPlatform(), is(true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "hpt_",
                "hxt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "HPT_A",
                "hpt_é",
                "hdt_=",
                "hpt_\n"
            })
    void malformedTokens(String text) {
        Token token = new Token(text);
        assertThat(token.isPlatform() || token.isDevice(), is(false));
    }

    @Test
    void aTokenOfTheWrongLengthOrWithAnOddCharacterIsNone() {
        for (String body : new String[] {
            "A".repeat(42), "A".repeat(44), "A".repeat(42) + "+", "A".repeat(42) + "\n", "A".repeat(43) + "\n"
        }) {
            assertThat(new Token("hpt_" + body).isPlatform(), is(false));
            assertThat(new Token("hdt_" + body).isDevice(), is(false));
        }
    }

    @Test
    void aDigestIsThatOfTheUtf8Bytes() {
        assertThat(Sha256.of("abc").hex(), is("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
        assertThat(Sha256.of("abc"), is(Sha256.parse(Sha256.of("abc").hex()).orElseThrow()));
        assertThat(new Token("abc").digest(), is(Sha256.of("abc")));
    }

    @Test
    void aDigestIsReadInEitherCase() {
        Sha256 lower = Sha256.parse(HEX).orElseThrow();
        Sha256 upper = Sha256.parse(HEX.toUpperCase(Locale.ROOT)).orElseThrow();
        assertThat(upper, is(lower));
        assertThat(upper.hashCode(), is(lower.hashCode()));
        assertThat(upper.hex(), is(HEX));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "zz", "0x", "00ff00ff"})
    void malformedDigests(String text) {
        assertThat(Sha256.parse(text), is(Optional.empty()));
        assertThat(Sha256.parse(HEX.substring(1)), is(Optional.empty()));
        assertThat(Sha256.parse(HEX + "0"), is(Optional.empty()));
        assertThat(Sha256.parse(HEX.substring(1) + "g"), is(Optional.empty()));
        assertThat(Sha256.parse(HEX + "\n"), is(Optional.empty()));
    }

    /** Two digests that differ in one bit, wherever it is, are not equal. */
    @Test
    void everyBitOfADigestCounts() {
        Sha256 zero = Sha256.parse("0".repeat(64)).orElseThrow();
        Set<Sha256> seen = new HashSet<>(Set.of(zero));
        for (int i = 0; i < 64; i++) {
            for (char digit : new char[] {'1', '2', '4', '8'}) {
                String text = "0".repeat(i) + digit + "0".repeat(63 - i);
                assertThat(seen.add(Sha256.parse(text).orElseThrow()), is(true));
            }
        }
        assertThat(zero, is(not((Object) "0".repeat(64))));
        assertThat(zero.equals(zero), is(true));
    }
}
