package dev.harp.relay.config;

import dev.harp.relay.outbound.TargetUrl;
import dev.harp.relay.push.VapidKeys;
import java.util.List;
import java.util.Optional;

/**
 * The contact that push services are told ({@code VAPID_SUBJECT}). Apple's refuses every message (403 BadJwtToken)
 * whose contact is at a name that cannot exist in the public DNS, such as {@code localhost} or {@code relay.local}.
 */
final class Contact {
    /** Names that are never in the public DNS: IANA, "Special-Use Domain Names", and {@code internal} by ICANN. */
    private static final List<String> NOT_PUBLIC =
            List.of("alt", "example", "home.arpa", "internal", "invalid", "local", "localhost", "onion", "test");

    private Contact() {}

    /** The origin of the relay's public address, if it can be a contact: {@code https}, and at a public name. */
    static Optional<String> of(Optional<String> publicUrl) {
        return publicUrl
                .map(TargetUrl::parse)
                .filter(TargetUrl.Good.class::isInstance)
                .map(parsed -> ((TargetUrl.Good) parsed).url())
                .filter(url -> url.https() && isPublic(url))
                .map(TargetUrl::toString)
                .filter(VapidKeys::isSubject);
    }

    private static boolean isPublic(TargetUrl url) {
        return !url.literal() && isPublic(url.host());
    }

    private static boolean isPublic(String name) {
        return name.contains(".") && NOT_PUBLIC.stream().noneMatch(end -> name.equals(end) || name.endsWith("." + end));
    }

    /** Whether push services may refuse the contact, which {@link VapidKeys#isSubject} accepts. */
    static boolean isDoubtful(String subject) {
        return subject.startsWith("mailto:")
                ? !isPublic(subject.substring(subject.lastIndexOf('@') + 1))
                : !(TargetUrl.parse(subject) instanceof TargetUrl.Good(TargetUrl url) && isPublic(url));
    }
}
