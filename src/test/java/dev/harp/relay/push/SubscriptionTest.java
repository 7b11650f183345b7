package dev.harp.relay.push;

import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.is;

import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
    private static final String ENDPOINT = "https://push.example.org/1";

    /** A browser's own text has no padding and the URL's alphabet; an application that encodes the keys may differ. */
    @Test
    void keysAreOfEitherAlphabetPaddedOrNot() throws GeneralSecurityException {
        byte[] point = withBothLetters();
        byte[] secret = {-1, -1, -2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13};
        for (Base64.Encoder encoder : List.of(
                Base64.getUrlEncoder().withoutPadding(),
                Base64.getUrlEncoder(),
                Base64.getEncoder().withoutPadding(),
                Base64.getEncoder())) {
            String token =
                    Browser.subscription(ENDPOINT, encoder.encodeToString(point), encoder.encodeToString(secret));
            assertThat(token, WebPushSender.flaw(token), is(Optional.empty()));
        }
    }

    /** A public key whose text tells the alphabets apart. */
    private static byte[] withBothLetters() throws GeneralSecurityException {
        while (true) {
            byte[] point = Browser.fresh().point();
            String text = Base64.getEncoder().encodeToString(point);
            if (text.contains("+") && text.contains("/")) {
                return point;
            }
        }
    }

    @Test
    void whatIsNoJsonIsNotJudged() {
        for (String token : List.of("ExponentPushToken[a]", "a", "[1]")) {
            assertThat(WebPushSender.flaw(token), is(Optional.empty()));
        }
    }
}
