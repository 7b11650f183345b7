import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Plots beside each other in one SVG, each with a scale of its own: one for each thing that is measured. */
final class Panels {
    private static final int COLUMNS = 2;
    private static final int WIDTH = 460;
    private static final int HEIGHT = 240;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int TOP = 42;
    private static final int BOTTOM = 44;
    private static final int HEAD = 60;
    private static final List<String> COLOURS = List.of("#1f5fa8", "#c2570c");

    /** A value with the least and the greatest of its turns. */
    record Point(double x, double low, double y, double high) {
        Point(double x, double y) {
            this(x, y, y, y);
        }

        /** The median of the turns, or the mean of the middle two, with the least and the greatest. */
        static Point of(double x, double[] turns) {
            double[] sorted = turns.clone();
            Arrays.sort(sorted);
            int n = sorted.length;
            return new Point(x, sorted[0], (sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[n - 1]);
        }
    }

    record Line(String name, List<Point> points) {}

    /** One plot; the vertical axis begins at zero. */
    record Panel(String title, String unit, List<Line> lines) {}

    private final StringBuilder svg = new StringBuilder();

    private Panels() {}

    /** @param below says what a grey part on the left, up to {@code greyUntil}, is, and more */
    static String svg(String title, String below, String xLabel, double greyUntil, List<Panel> panels) {
        return new Panels().draw(title, below, xLabel, greyUntil, panels);
    }

    private String draw(String title, String below, String xLabel, double greyUntil, List<Panel> panels) {
        int height = HEAD + (panels.size() + COLUMNS - 1) / COLUMNS * HEIGHT;
        add(
                "<svg xmlns='http://www.w3.org/2000/svg' width='%1$d' height='%2$d' viewBox='0 0 %1$d %2$d'"
                        + " font-family='sans-serif' font-size='12' fill='#222'>\n"
                        + "<rect width='%1$d' height='%2$d' fill='#fff'/>\n",
                COLUMNS * WIDTH, height);
        add("<text x='16' y='24' font-size='16' font-weight='bold'>%s</text>\n", escaped(title));
        add("<text x='16' y='44' fill='#555'>%s</text>\n", escaped(below));
        for (int i = 0; i < panels.size(); i++) {
            add("<g transform='translate(%d %d)'>\n", i % COLUMNS * WIDTH, HEAD + i / COLUMNS * HEIGHT);
            panel(panels.get(i), xLabel, greyUntil);
            add("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private void panel(Panel panel, String xLabel, double greyUntil) {
        List<Point> all =
                panel.lines().stream().flatMap(line -> line.points().stream()).toList();
        double xMax = ceiling(all.stream().mapToDouble(Point::x).max().orElse(1));
        double yMax = ceiling(all.stream().mapToDouble(Point::high).max().orElse(1) * 1.02);
        add("<text x='%d' y='18' font-weight='bold'>%s</text>\n", LEFT, escaped(panel.title()));
        add("<text x='%d' y='34' fill='#555'>%s</text>\n", LEFT, escaped(panel.unit()));
        if (greyUntil > 0) {
            add(
                    "<rect x='%d' y='%d' width='%.1f' height='%d' fill='#eee'/>\n",
                    LEFT, TOP, x(greyUntil, xMax) - LEFT, HEIGHT - TOP - BOTTOM);
        }
        for (int i = 0; i <= 4; i++) {
            double y = y(yMax * i / 4, yMax);
            add("<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='#ddd'/>\n", LEFT, WIDTH - RIGHT, y, y);
            add("<text x='%d' y='%.1f' text-anchor='end'>%s</text>\n", LEFT - 6, y + 4, number(yMax * i / 4));
            double x = x(xMax * i / 4, xMax);
            add(
                    "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>\n",
                    x, HEIGHT - BOTTOM + 16, number(xMax * i / 4));
        }
        add(
                "<text x='%d' y='%d' text-anchor='middle' fill='#555'>%s</text>\n",
                (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, escaped(xLabel));
        for (int i = 0; i < panel.lines().size(); i++) {
            line(panel.lines().get(i), COLOURS.get(i), xMax, yMax);
            if (panel.lines().size() > 1) {
                add(
                        "<text x='%d' y='18' text-anchor='end' fill='%s'>%s</text>\n",
                        WIDTH - RIGHT - 70 * (panel.lines().size() - 1 - i),
                        COLOURS.get(i),
                        escaped(panel.lines().get(i).name()));
            }
        }
    }

    private void line(Line line, String colour, double xMax, double yMax) {
        StringBuilder path = new StringBuilder();
        boolean dots = line.points().size() <= 30;
        for (Point point : line.points()) {
            double x = x(point.x(), xMax);
            double y = y(point.y(), yMax);
            path.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
            if (point.low() < point.high()) {
                add(
                        "<line x1='%.1f' x2='%.1f' y1='%.1f' y2='%.1f' stroke='%s' stroke-opacity='0.5'/>\n",
                        x, x, y(point.low(), yMax), y(point.high(), yMax), colour);
            }
            if (dots) {
                add("<circle cx='%.1f' cy='%.1f' r='3' fill='%s'/>\n", x, y, colour);
            }
        }
        add(
                "<polyline points='%s' fill='none' stroke='%s' stroke-width='1.5'/>\n",
                path.toString().strip(), colour);
    }

    private static double x(double value, double max) {
        return LEFT + value / max * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double value, double max) {
        return HEIGHT - BOTTOM - value / max * (HEIGHT - TOP - BOTTOM);
    }

    /**
     * The next number of 1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8 times a power of ten, so that four steps are short numbers.
     */
    private static double ceiling(double value) {
        if (value <= 0) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double step : new double[] {1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8}) {
            if (value <= step * power) {
                return step * power;
            }
        }
        return 10 * power;
    }

    static String number(double value) {
        String text = String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /** The machine that printed a figure. */
    static String machine() throws IOException {
        String cpu = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 2))
                .findFirst()
                .orElse("a processor without a name");
        String memory = Files.readAllLines(Path.of("/proc/meminfo")).getFirst().replaceAll("\\D", "");
        return String.format(
                Locale.ROOT,
                "%s, %d cores for the relays and the load driver, %d GiB of memory, Linux %s, Java %s, %s.",
                cpu,
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(memory) >> 20,
                System.getProperty("os.version"),
                System.getProperty("java.version"),
                LocalDate.now(ZoneOffset.UTC));
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
