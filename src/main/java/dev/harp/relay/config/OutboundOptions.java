package dev.harp.relay.config;

import dev.harp.relay.outbound.AllowList;
import dev.harp.relay.outbound.Ports;
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
    private static final String AUTO = "auto";
    private static final String OFF = "off";
    private static final String WEB_PUSH = "webpush";
    private static final List<String> PUSH_SERVICES = List.of("expo", WEB_PUSH);
    private static final String VAPID_LINE = Option.VAPID_KEY + "=";
    private static final Pattern ACCESS_TOKEN = Pattern.compile("[!-~]{1,1024}");

    private OutboundOptions() {}

    static RelayConfig.WebhookSender webhooks(Options options) {
        return new RelayConfig.WebhookSender(
                options.onOff(Option.WEBHOOKS),
                allowList(options, Option.WEBHOOK_ALLOW),
                options.parsed(
                        Option.WEBHOOK_PORTS,
                        "ports and ranges of ports such as 443, 8000-8999, comma-separated",
                        Ports.DEFAULT,
                        Ports::parse));
    }

    private static AllowList allowList(Options options, Option option) {
        return options.parsed(
                option,
                "host names, addresses and networks such as hooks.example.org, 10.1.0.0/16, comma-separated",
                AllowList.NONE,
                AllowList::parse);
    }

    /**
     * Push by the options.
     *
     * @param publicUrl where devices reach the relay, if the operator says so
     */
    static RelayConfig.Push push(Options options, Optional<String> publicUrl, List<String> warnings) {
        String chosen = options.parsed(
                Option.PUSH,
                "auto, off, or one or more of " + String.join(", ", PUSH_SERVICES) + ", comma-separated",
                OFF,
                OutboundOptions::services);
        Optional<VapidKeys> vapidKey = options.secret(
                Option.VAPID_KEY, "a key pair as 'harp-relay vapid-keys' prints it", OutboundOptions::vapidKey);
        Optional<String> subject = subject(options, publicUrl, warnings);
        Optional<String> whyOff = chosen.equals(AUTO) ? whyOff(publicUrl, subject) : Optional.empty();
        String services = !chosen.equals(AUTO) ? chosen : whyOff.isPresent() ? OFF : WEB_PUSH;
        options.effective(Option.PUSH, '"' + services + '"');
        RelayConfig.Push push = new RelayConfig.Push(
                services.equals(OFF) ? Set.of() : Set.of(services.split(", ")),
                whyOff,
                allowList(options, Option.PUSH_ALLOW),
                options.text(
                        Option.EXPO_URL, "an http or https URL", url -> TargetUrl.parse(url) instanceof TargetUrl.Good),
                options.secret(
                        Option.EXPO_ACCESS_TOKEN,
                        "1 to 1024 printable ASCII characters without spaces",
                        token -> Optional.of(token).filter(ACCESS_TOKEN.asMatchPredicate())),
                vapidKey,
                subject);
        if (options.allRight() && push.services().contains(WEB_PUSH) && subject.isEmpty()) {
            options.wrong(
                    Option.VAPID_SUBJECT,
                    "nothing",
                    "how the push services reach you, since PUSH names webpush and PUBLIC_URL is no https URL with a"
                            + " public name: mailto:... or https://...");
        }
        return push;
    }

    /** The contact for push services: the one that is given, or else the relay's public address. */
    private static Optional<String> subject(Options options, Optional<String> publicUrl, List<String> warnings) {
        String given = options.text(
                Option.VAPID_SUBJECT,
                "none, or how the push services reach you: mailto:... or https://...",
                subject -> subject.isEmpty() || VapidKeys.isSubject(subject));
        if (!given.isEmpty()) {
            if (Contact.isDoubtful(given)) {
                warnings.add("VAPID_SUBJECT: " + given + " is no public name, and Apple's push service refuses every"
                        + " message with such a contact");
            }
            return Optional.of(given);
        }
        Optional<String> origin = Contact.of(publicUrl);
        options.effective(Option.VAPID_SUBJECT, '"' + origin.orElse("") + '"');
        return origin;
    }

    /** Why there is no push by default, and how there would be. */
    private static Optional<String> whyOff(Optional<String> publicUrl, Optional<String> subject) {
        if (publicUrl.isEmpty()) {
            return Optional.of("PUBLIC_URL is not set; set it to the https URL under which phones reach this relay");
        }
        if (!publicUrl.get().startsWith("https://")) {
            return Optional.of("PUBLIC_URL is not https; browsers accept push only for pages of an https URL");
        }
        return subject.isPresent()
                ? Optional.empty()
                : Optional.of("PUBLIC_URL has no public name, and push services refuse messages without a contact at"
                        + " one; set VAPID_SUBJECT to mailto: and your address");
    }

    /** The names, each once and in order; or {@code auto} or {@code off}. */
    private static Optional<String> services(String text) {
        if (text.equals(AUTO) || text.equals(OFF)) {
            return Optional.of(text);
        }
        Set<String> services =
                Arrays.stream(text.split(",", -1)).map(String::strip).collect(Collectors.toCollection(TreeSet::new));
        return PUSH_SERVICES.containsAll(services) ? Optional.of(String.join(", ", services)) : Optional.empty();
    }

    /** The key pair, or the whole line that {@code vapid-keys} prints. */
    private static Optional<VapidKeys> vapidKey(String text) {
        return VapidKeys.parse(text.startsWith(VAPID_LINE) ? text.substring(VAPID_LINE.length()) : text);
    }
}
