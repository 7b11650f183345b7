package dev.harp.message;

import dev.harp.testing.FixedRandom;
import java.util.List;
import java.util.Optional;

/** Both sides of one pairing, made by walking through it. */
record Pair(
        PlatformOffer offer,
        PairingLink link,
        DeviceJoin deviceJoin,
        PlatformHandshake platformHandshake,
        DeviceHandshake deviceHandshake,
        Envelope hello,
        DeviceHandshake.Confirmed confirmed,
        PlatformPairing platform) {
    static final long NOW = 1_800_000_000L;
    static final String HELLO_ID = "01900000-0000-7000-8000-000000000001";
    static final String RELAY = "https://relay.example.org";

    DevicePairing device() {
        return confirmed.pairing();
    }

    static Pair make(String label, Optional<String> origin, List<Passkey> passkeys) {
        return make(label, "deploy-bot", "build-7", RELAY, RELAY + "/app/", origin, passkeys);
    }

    static Pair make(
            String label,
            String name,
            String host,
            String relay,
            String page,
            Optional<String> origin,
            List<Passkey> passkeys) {
        FixedRandom random = new FixedRandom(label);
        PlatformOffer offer = PlatformOffer.create(name, host, random).orElseThrow();
        PairingLink link = offer.link("pair_a1b2c3d4e5f6", relay, page).orElseThrow();
        DeviceJoin join =
                DeviceJoin.begin(link, "Ann's phone", origin, passkeys, random).orElseThrow();
        PlatformHandshake platform = offer.open(link, join.payload()).orElseThrow();
        Envelope hello = platform.sealHello(random);
        DeviceHandshake device = join.open(HELLO_ID, hello).orElseThrow();
        DeviceHandshake.Confirmed confirmed = device.confirm(NOW, random);
        return new Pair(
                offer,
                link,
                join,
                platform,
                device,
                hello,
                confirmed,
                platform.complete(HELLO_ID, confirmed.response()).orElseThrow());
    }
}
