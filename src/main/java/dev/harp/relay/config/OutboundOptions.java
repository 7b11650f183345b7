package dev.harp.relay.config;

import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.push.VapidKeys;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The options of whom the relay calls. */
final class OutboundOptions {
    private static final List<String> PUSH_SERVICES = List.of("expo", "webpush");
    private static final Pattern ACCESS_TOKEN = Pattern.compile("[!-~]{0,1024}");

    private OutboundOptions() {}

    /** What may be called beside the public internet. */
    private static AllowList allowance(Options options, Option option) {
        return options.parsed(
                        option,
                        "host names, addresses and networks such as hooks.example.org, 10.1.0.0/16, comma-separated",
                        AllowList::parse)
                .orElse(AllowList.NONE);
    }

    static RelayConfig.WebhookSender webhooks(Options options) {
        return new RelayConfig.WebhookSender(
                options.parsed(
                                Option.WEBHOOKS,
                                "on, off (in a YAML file in quotes)",
                                text -> Optional.of(text).filter(List.of("on", "off")::contains))
                        .filter("on"::equals)
                        .isPresent(),
                allowance(options, Option.WEBHOOK_ALLOW));
    }

    static RelayConfig.Push push(Options options) {
        Set<String> services = options.parsed(
                        Option.PUSH,
                        "off (in a YAML file in quotes), or of " + String.join(", ", PUSH_SERVICES)
                                + " one or more, comma-separated",
                        OutboundOptions::pushServices)
                .orElse(Set.of());
        Optional<VapidKeys> vapidKey = options.<Optional<VapidKeys>>secret(
                        Option.VAPID_KEY,
                        "none, or a key pair as 'harp-relay vapid-keys' prints one",
                        OutboundOptions::vapidKey)
                .orElse(Optional.empty());
        Optional<String> vapidSubject = options.parsed(
                        Option.VAPID_SUBJECT,
                        "none, or how the push services reach you: mailto:... or https://...",
                        text -> Optional.of(text).filter(subject -> subject.isEmpty() || VapidKeys.isSubject(subject)))
                .filter(subject -> !subject.isEmpty());
        if (services.contains("webpush") && options.allRight()) {
            if (vapidKey.isEmpty()) {
                options.wrong(
                        Option.VAPID_KEY,
                        "nothing",
                        "a key pair, since PUSH names webpush: 'harp-relay vapid-keys' prints one");
            }
            if (vapidSubject.isEmpty()) {
                options.wrong(
                        Option.VAPID_SUBJECT,
                        "nothing",
                        "how the push services reach you, since PUSH names webpush: mailto:... or https://...");
            }
        }
        return new RelayConfig.Push(
                services,
                allowance(options, Option.PUSH_ALLOW),
                options.parsed(
                                Option.EXPO_URL,
                                "an http or https URL",
                                text -> Optional.of(text).filter(url -> TargetUrl.parse(url) instanceof TargetUrl.Good))
                        .orElse(""),
                options.secret(
                                Option.EXPO_ACCESS_TOKEN,
                                "none, or 1 to 1024 printable ASCII characters without spaces",
                                text -> Optional.of(text)
                                        .filter(token ->
                                                ACCESS_TOKEN.matcher(token).matches()))
                        .filter(token -> !token.isEmpty()),
                vapidKey,
                vapidSubject);
    }

    private static Optional<Optional<VapidKeys>> vapidKey(String text) {
        Optional<VapidKeys> keys = VapidKeys.parse(text);
        return text.isEmpty() || keys.isPresent() ? Optional.of(keys) : Optional.empty();
    }

    private static Optional<Set<String>> pushServices(String text) {
        if (text.equals("off")) {
            return Optional.of(Set.of());
        }
        Set<String> services = Stream.of(text.split(",", -1)).map(String::strip).collect(Collectors.toSet());
        return Set.copyOf(PUSH_SERVICES).containsAll(services) ? Optional.of(services) : Optional.empty();
    }
}
