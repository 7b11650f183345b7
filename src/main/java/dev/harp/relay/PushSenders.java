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
import dev.harp.relay.push.VapidKeys;
import dev.harp.relay.push.WebPushSender;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes the senders of the push services that the configuration names. */
record PushSenders(
        RelayConfig.Push push, Supplier<Optional<VapidKeys>> vapidKeys, Optional<String> page, Relay.Sources sources)
        implements Function<InvalidTokenListener, List<PushSender>> {

    /** What is wrong with a push token that a device gives, as far as the relay's services can tell. */
    static Function<String, Optional<String>> flaw(RelayConfig.Push push) {
        return push.services().contains("webpush") ? WebPushSender::flaw : _ -> Optional.empty();
    }

    @Override
    public List<PushSender> apply(InvalidTokenListener invalidTokens) {
        List<PushSender> senders = new ArrayList<>();
        if (push.services().contains("expo")
                && TargetUrl.parse(push.expoUrl()) instanceof TargetUrl.Good(TargetUrl url)) {
            senders.add(new ExpoSender(
                    push.expoUrl(),
                    push.expoAccessToken(),
                    ExpoSender.post(url, sources.names().apart(), sources.trust(), ExpoSender.CALL),
                    sources.clock(),
                    sources.nanoTime(),
                    Timer.real(),
                    invalidTokens));
        }
        if (push.services().contains("webpush")) {
            senders.add(new WebPushSender(
                    vapidKeys,
                    new WebPushSender.Identity(push.vapidSubject().orElseThrow(), page),
                    new WebPushSender.Posts(webPush(sources.names().apart()), webPush(sources.names())),
                    FileDescriptors.calls(FileDescriptors.limit()),
                    sources.clock(),
                    sources.nanoTime()));
        }
        return senders;
    }

    private Post webPush(AddressGuard.Names names) {
        return new Post(new AddressGuard(push.allow(), names), sources.trust(), WebPushSender.CALL);
    }
}
