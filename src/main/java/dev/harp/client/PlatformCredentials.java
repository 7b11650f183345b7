package dev.harp.client;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Whole;
import dev.harp.message.PlatformPairing;
import dev.harp.message.WebAddress;
import java.util.Optional;

/**
 * All that a platform keeps of a pairing. Whoever has it can ask, and can read questions and answers; nobody can
 * approve with it. Keep it to the user alone.
 *
 * @param relay the address that this platform calls, which need not be the one that devices use
 * @param token the relay's bearer token for this pairing
 * @param pairedAt Unix seconds, by this machine's clock
 * @param checked whether the six digits were compared; a pairing without that may be somebody else's
 */
public record PlatformCredentials(String relay, String token, PlatformPairing pairing, long pairedAt, boolean checked) {

    /** Never shows the token. */
    @Override
    public String toString() {
        return "PlatformCredentials[" + relay + ", " + pairing.pairId() + "]";
    }

    /** For a file that only the user can read. */
    public Members toJson() {
        return JsonTree.object()
                .add("v", 1)
                .add("relay", relay)
                .add("token", token)
                .add("paired_at", pairedAt)
                .add("checked", checked)
                .add("pairing", pairing.toJson())
                .build();
    }

    /** Reads what {@link #toJson} wrote, or nothing if it is anything else. */
    public static Optional<PlatformCredentials> fromJson(Members json) {
        Optional<PlatformPairing> pairing = json.get("pairing")
                .filter(Members.class::isInstance)
                .map(Members.class::cast)
                .flatMap(inner -> Values.of(PlatformPairing.fromJson(inner)));
        Optional<String> relay =
                json.text("relay").filter(text -> WebAddress.parse(text).isPresent());
        Optional<String> token = json.text("token").filter(RelayApi::isBearer);
        boolean version = json.get("v").filter(new Whole(1)::equals).isPresent();
        if (!version || pairing.isEmpty() || relay.isEmpty() || token.isEmpty()) {
            return Optional.empty();
        }
        boolean checked =
                json.get("checked").filter(new JsonTree.Flag(true)::equals).isPresent();
        long pairedAt = json.get("paired_at").orElse(new Whole(0)) instanceof Whole(long at) ? at : 0;
        return Optional.of(new PlatformCredentials(relay.get(), token.get(), pairing.get(), pairedAt, checked));
    }
}
