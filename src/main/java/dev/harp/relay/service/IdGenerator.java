package dev.harp.relay.service;

import dev.harp.relay.protocol.DeviceId;
import dev.harp.relay.protocol.PairId;
import dev.harp.relay.protocol.Token;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Generates ids and tokens. */
public final class IdGenerator {
    private static final int ID_BYTES = 6;
    private static final int TOKEN_BYTES = 32;

    private final RandomGenerator random;

    /** @param random cryptographically strong, except in tests */
    public IdGenerator(RandomGenerator random) {
        this.random = random;
    }

    PairId pair() {
        return new PairId("pair_" + HexFormat.of().formatHex(bytes(ID_BYTES)));
    }

    DeviceId device() {
        return new DeviceId("dev_" + HexFormat.of().formatHex(bytes(ID_BYTES)));
    }

    Token platformToken() {
        return new Token("hpt_" + secret());
    }

    Token deviceToken() {
        return new Token("hdt_" + secret());
    }

    private String secret() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(TOKEN_BYTES));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
