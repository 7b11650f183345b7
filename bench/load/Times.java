package load;

import java.util.Arrays;

/** Durations in nanoseconds, and their percentiles. */
public final class Times {
    private long[] nanos = new long[1024];
    private int count;

    /** Adds the time from {@code begin}, of {@link System#nanoTime}, until now. */
    public void since(long begin) {
        if (count == nanos.length) {
            nanos = Arrays.copyOf(nanos, 2 * count);
        }
        nanos[count++] = System.nanoTime() - begin;
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** Microseconds that the part {@code fraction} of them does not exceed. */
    public double micros(double fraction) {
        Arrays.sort(nanos, 0, count);
        return nanos[Math.min(count - 1, (int) (count * fraction))] / 1000.0;
    }
}
