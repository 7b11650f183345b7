package dev.harp.relay.doctor;

import static dev.harp.relay.doctor.StandIn.json;
import static dev.harp.relay.doctor.StandIn.reply;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.is;

import dev.harp.relay.outbound.TargetUrl;
import dev.harp.testing.FakeServer.End;
import dev.harp.testing.FakeServer.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server that does not behave as a relay does, and what the doctor finds. */
abstract class DoctorRig {
    static final long NOW = 1_767_225_600;
    static final Duration POLL = Duration.ofSeconds(65);
    static final Duration PATIENCE = Duration.ofSeconds(30);

    /** What a test can wait for, and longer than this machine may pause before an answer that is not held back. */
    static final Duration HASTE = Duration.ofSeconds(4);

    static final String KEY = "canary-registration-key";
    static final String HEALTH = "GET /health";
    static final String ABOUT = "GET /v1/about";
    static final String OPEN = "POST /v1/pairs";
    static final String WAIT = "GET /v1/pairs/" + StandIn.ID;
    static final String REVOKE = "DELETE /v1/pairs/" + StandIn.ID;
    static final Reply PENDING = json(200, "{\"status\":\"pending\"}");
    static final Reply HANG = new Reply("", End.HANG);

    final AtomicLong nanos = new AtomicLong();
    StandIn relay;
    TargetUrl target;

    @BeforeEach
    void start() throws IOException {
        relay = new StandIn(NOW, version());
        target = relay.target();
        polled(POLL, PENDING);
    }

    @AfterEach
    void stop() throws IOException {
        relay.close();
    }

    static String version() throws IOException {
        try (InputStream in = Doctor.class.getResourceAsStream("/openapi.yaml")) {
            String text = new String(Optional.ofNullable(in).orElseThrow().readAllBytes(), UTF_8);
            var version = Pattern.compile("(?m)^  version: (.*)$").matcher(text);
            assertThat(version.find(), is(true));
            return version.group(1);
        }
    }

    /** Sets the duration and the answer of the long poll. */
    void polled(Duration took, Reply reply) {
        relay.on(WAIT, _ -> {
            nanos.addAndGet(took.toNanos());
            return reply;
        });
    }

    record Examined(int exit, List<String> lines) {
        /** The line of a check. */
        String line(String check) {
            List<String> found = lines.stream()
                    .filter(line -> line.matches("\\S+ +" + check + " .*"))
                    .toList();
            assertThat(lines + "", found, hasSize(1));
            return found.getFirst();
        }
    }

    Examined examine() {
        return examine(POLL, PATIENCE, Optional.empty());
    }

    Examined examine(Duration poll, Duration patience, Optional<String> key) {
        long end = nanos.get() + poll.plus(Doctor.LONGEST).toNanos();
        Site site = new Site(target, Trust.ofJava(), key, patience, () -> Instant.ofEpochSecond(NOW), nanos::get, end);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exit = new Doctor(site, poll, new PrintStream(out, true, UTF_8)).look();
        return new Examined(exit, out.toString(UTF_8).lines().toList());
    }

    /** The answer with one header line more. */
    static Reply with(String header, Reply reply) {
        return new Reply(reply.bytes().replaceFirst("\r\n", "\r\n" + header + "\r\n"), reply.end());
    }

    void finds(String check, Matcher<String> line) {
        Examined examined = examine();
        assertThat(examined.line(check), line);
        assertThat(examined.exit(), is(examined.line(check).matches("(ok|skip) .*") ? Doctor.ALL_OK : Doctor.FAULTS));
    }
}
