package dev.harp.relay;

import java.io.IOException;
import java.net.ServerSocket;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.util.Comparator;

/**
 * What the JDK sets up once, on a thread of its own while the configuration is read. Whoever needs one of these earlier waits for it, as always.
 *
 * <p>Of the JDK alone: classes of a library that two threads set up from two ends could wait for each other for ever.
 */
final class HeadStart {
    private HeadStart() {}

    static void begin() {
        Thread.ofPlatform().daemon().name("head-start").start(HeadStart::run);
    }

    private static void run() {
        // What writes classes at run time: for lambdas that the AOT cache cannot keep.
        var _ = Comparator.comparingInt(Integer::intValue);
        var _ = new SecureRandom();
        try (ServerSocket _ = new ServerSocket()) {
            var _ = Thread.ofVirtual().start(() -> {});
        } catch (IOException _) {
            // Then the listener will say so.
        }
        var _ = ZoneId.systemDefault().getRules();
    }
}
