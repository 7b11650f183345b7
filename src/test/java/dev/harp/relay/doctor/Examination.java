package dev.harp.relay.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** What the doctor has printed of a server, and its exit status. */
public record Examination(int exit, List<String> lines) {
    /**
     * Examines a server, with a long poll that does not wait.
     *
     * @param patience for each answer
     */
    public static Examination of(String url, Duration patience) {
        Site site = new Site(
                Doctor.target(url).orElseThrow(),
                Trust.ofJava(),
                Optional.empty(),
                patience,
                InstantSource.system(),
                System::nanoTime,
                System.nanoTime() + Duration.ofMinutes(5).toNanos());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int exit = new Doctor(site, Duration.ZERO, new PrintStream(out, true, UTF_8)).look();
        return new Examination(exit, out.toString(UTF_8).lines().toList());
    }

    /** The lines that ask for a change. */
    public List<String> faults() {
        return lines.stream().filter(line -> line.matches("(warn|FAIL) .*")).toList();
    }
}
