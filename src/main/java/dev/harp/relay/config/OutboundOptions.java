package dev.harp.relay.config;

import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.push.VapidKeys;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The options of outbound calls: webhooks and push services. */
final class OutboundOptions {
    private static final List<String> PUSH_SERVICES = List.of("expo", "webpush");
    private static final Pattern ACCESS_TOKEN = Pattern.compile("[!-~]{1,1024}");

    private OutboundOptions() {}

    static RelayConfig.WebhookSender webhooks(Options options) {
        return new RelayConfig.WebhookSender(options.onOff(Option.WEBHOOKS), allowList(options, Option.WEBHOOK_ALLOW));
    }

    private static AllowList allowList(Options options, Option option) {
        return options.parsed(
                option,
                "host names, addresses and networks such as hooks.example.org, 10.1.0.0/16, comma-separated",
                AllowList.NONE,
                AllowList::parse);
    }

    static RelayConfig.Push push(Options options) {
        String services = options.parsed(
                Option.PUSH,
                "off, or one or more of " + String.join(", ", PUSH_SERVICES) + ", comma-separated",
                "off",
                OutboundOptions::services);
        Optional<VapidKeys> vapidKey =
                options.secret(Option.VAPID_KEY, "a key pair as 'harp-relay vapid-keys' prints one", VapidKeys::parse);
        Optional<String> vapidSubject = Optional.of(options.text(
                        Option.VAPID_SUBJECT,
                        "none, or how the push services reach you: mailto:... or https://...",
                        subject -> subject.isEmpty() || VapidKeys.isSubject(subject)))
                .filter(subject -> !subject.isEmpty());
        RelayConfig.Push push = new RelayConfig.Push(
                services.equals("off") ? Set.of() : Set.of(services.split(", ")),
                allowList(options, Option.PUSH_ALLOW),
                options.text(
                        Option.EXPO_URL, "an http or https URL", url -> TargetUrl.parse(url) instanceof TargetUrl.Good),
                options.secret(
                        Option.EXPO_ACCESS_TOKEN,
                        "1 to 1024 printable ASCII characters without spaces",
                        token -> Optional.of(token).filter(ACCESS_TOKEN.asMatchPredicate())),
                vapidKey,
                vapidSubject);
        if (options.allRight() && push.services().contains("webpush")) {
            String why = ", since PUSH names webpush: ";
            if (vapidKey.isEmpty()) {
                options.wrong(Option.VAPID_KEY, "nothing", "a key pair" + why + "'harp-relay vapid-keys' prints one");
            }
            if (vapidSubject.isEmpty()) {
                String allowed = "how the push services reach you" + why + "mailto:... or https://...";
                options.wrong(Option.VAPID_SUBJECT, "nothing", allowed);
            }
        }
        return push;
    }

    /** The names, each once and in order; or {@code off}. */
    private static Optional<String> services(String text) {
        if (text.equals("off")) {
            return Optional.of(text);
        }
        Set<String> services =
                Arrays.stream(text.split(",", -1)).map(String::strip).collect(Collectors.toCollection(TreeSet::new));
        return PUSH_SERVICES.containsAll(services) ? Optional.of(String.join(", ", services)) : Optional.empty();
    }
}
