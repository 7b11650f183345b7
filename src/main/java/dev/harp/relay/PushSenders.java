package dev.harp.relay;

import dev.harp.relay.config.RelayConfig;
import dev.harp.relay.net.FileDescriptors;
import dev.harp.relay.outbound.AddressGuard;
import dev.harp.relay.outbound.Post;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.push.ExpoSender;
import dev.harp.relay.push.InvalidTokenListener;
import dev.harp.relay.push.PushSender;
import dev.harp.relay.push.Timer;
import dev.harp.relay.push.WebPushSender;
import java.util.ArrayList;
import java.util.List;

/** The push services that the configuration names. */
final class PushSenders {
    private PushSenders() {}

    /**
     * None of them has been called yet.
     *
     * @param deadTokens hears of tokens that a service calls dead later than at the wake-up
     */
    static List<PushSender> of(RelayConfig config, Relay.Sources sources, InvalidTokenListener deadTokens) {
        RelayConfig.Push push = config.push();
        List<PushSender> senders = new ArrayList<>();
        if (push.services().contains("expo")
                && TargetUrl.parse(push.expoUrl()) instanceof TargetUrl.Good(TargetUrl url)) {
            senders.add(new ExpoSender(
                    push.expoUrl(),
                    push.expoAccessToken(),
                    ExpoSender.post(url, sources.names().apart(), sources.trust()),
                    sources.clock(),
                    sources.nanoTime(),
                    Timer.real(),
                    deadTokens));
        }
        if (push.services().contains("webpush")) {
            senders.add(new WebPushSender(
                    push.vapidKey().orElseThrow(),
                    push.vapidSubject().orElseThrow(),
                    new Post(new AddressGuard(push.allow(), sources.names()), sources.trust(), WebPushSender.CALL),
                    FileDescriptors.calls(FileDescriptors.limit()),
                    sources.clock(),
                    sources.nanoTime()));
        }
        return senders;
    }
}
