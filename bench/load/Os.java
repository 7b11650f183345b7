package load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the system and the JVM know of a process. Linux only. */
public final class Os {
    private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

    private Os() {}

    /** Milliseconds of processor time that it has used, in steps of 10. */
    public static long cpuMillis(long pid) {
        return ProcessHandle.of(pid)
                .orElseThrow()
                .info()
                .totalCpuDuration()
                .orElseThrow()
                .toMillis();
    }

    /** Its resident memory in KiB. */
    public static long rssKib(long pid) throws IOException {
        Matcher found = RSS.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
        if (!found.find()) {
            throw new IOException("no VmRSS of " + pid);
        }
        return Long.parseLong(found.group(1));
    }

    /** Bytes of all live objects of a JVM, as counted by {@code jcmd}, which collects first. */
    public static long liveHeap(long pid) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        "" + pid,
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        String out = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher total = TOTAL.matcher(out);
        if (jcmd.waitFor() != 0 || !total.find()) {
            throw new IOException("jcmd " + pid + " GC.class_histogram: " + out);
        }
        return Long.parseLong(total.group(1));
    }
}
