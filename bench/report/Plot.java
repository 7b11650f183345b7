package report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import report.Case.Column;
import report.Figures.Spread;

/**
 * The plot of a case as SVG: a panel for each figure with a bar for each server, and one panel for all percentiles of a
 * latency, on a logarithmic axis. A thin line goes from the least to the greatest of the turns. The colours are of
 * medium lightness, and there is no ground, so that it is readable on a light and on a dark page.
 */
final class Plot {
    private static final int WIDTH = 820;
    private static final int LEFT = 150;
    private static final int RIGHT = 560;
    private static final int ROW = 24;
    private static final String INK = "#7a828c";
    private static final String GRID = "#7a828c55";
    private static final String FIRST = "#3b82f6";
    private static final String OTHERS = "#a9b1bc";
    private static final String WHISKER = "#5b6672";

    private final Case kase;
    private final List<String> servers;
    private final Figures figures;
    private final StringBuilder out = new StringBuilder();
    private int y = 30;

    Plot(Case kase, List<String> servers, Figures figures) {
        this.kase = kase;
        this.servers = servers;
        this.figures = figures;
    }

    String svg() {
        text(10, 20, "start", 15, kase.title().replace("`", ""));
        List<Column> columns = Report.shown(kase, servers, figures);
        List<Column> latencies = columns.stream().filter(Column::latency).toList();
        if (!latencies.isEmpty()) {
            latencies(latencies);
        }
        columns.stream().filter(column -> !column.latency()).forEach(this::bars);
        return String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                                + " font-family=\"system-ui, sans-serif\" role=\"img\">%n<title>%s</title>%n",
                        WIDTH,
                        y,
                        WIDTH,
                        y,
                        kase.title().replace("`", ""))
                + out + "</svg>\n";
    }

    /** A bar for each server that has the figure. */
    private void bars(Column column) {
        List<String> rows = having(column);
        double most = rows.stream()
                .mapToDouble(server -> spread(server, column).orElseThrow().greatest())
                .max()
                .orElse(1);
        double step = step(most);
        double end = Math.max(step * Math.ceil(most / step), 1e-9);
        int top = heading(column.heading());
        for (double tick = 0; tick <= end * 1.001; tick += step) {
            tick(x(tick / end), top, rows.size(), Report.number(tick, step < 1 ? 1 : 0));
        }
        for (String server : rows) {
            Spread spread = spread(server, column).orElseThrow();
            y += ROW;
            label(server);
            out.append(String.format(
                    Locale.ROOT,
                    "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"%s\"/>%n",
                    LEFT,
                    y - 13,
                    Math.max(1, x(spread.median() / end) - LEFT),
                    colour(server)));
            whisker(x(spread.least() / end), x(spread.greatest() / end), y - 6);
            text(RIGHT + 12, y - 2, "start", 12, range(spread, column.digits()));
        }
        y += 26;
    }

    /** For each server its percentiles, from tens of microseconds to seconds. */
    private void latencies(List<Column> columns) {
        List<String> rows = having(columns.getFirst());
        List<Spread> all = rows.stream()
                .flatMap(server -> columns.stream().flatMap(column -> spread(server, column).stream()))
                .toList();
        double low = Math.floor(
                Math.log10(all.stream().mapToDouble(Spread::least).min().orElse(10)));
        double high = Math.max(
                low + 1,
                Math.ceil(Math.log10(
                        all.stream().mapToDouble(Spread::greatest).max().orElse(100))));
        int top = heading("latency: "
                + String.join(", ", columns.stream().map(Column::what).toList())
                + " from left to right; logarithmic axis");
        for (double tick = low; tick <= high; tick++) {
            tick(x((tick - low) / (high - low)), top, rows.size(), micros(Math.pow(10, tick)));
        }
        for (String server : rows) {
            y += ROW;
            label(server);
            List<String> texts = new ArrayList<>();
            for (Column column : columns) {
                Spread spread = spread(server, column).orElseThrow();
                double at = x((Math.log10(spread.median()) - low) / (high - low));
                whisker(
                        x((Math.log10(spread.least()) - low) / (high - low)),
                        x((Math.log10(spread.greatest()) - low) / (high - low)),
                        y - 6);
                out.append(String.format(
                        Locale.ROOT,
                        "<circle cx=\"%.1f\" cy=\"%d\" r=\"5\" fill=\"%s\"/>%n",
                        at,
                        y - 6,
                        colour(server)));
                texts.add(micros(spread.median()));
            }
            text(RIGHT + 12, y - 2, "start", 12, String.join(" / ", texts));
        }
        y += 26;
    }

    private List<String> having(Column column) {
        return servers.stream()
                .filter(server -> spread(server, column).isPresent())
                .toList();
    }

    private Optional<Spread> spread(String server, Column column) {
        return figures.spread(kase.id(), server, column.what());
    }

    /** The heading of a panel; returns where its rows begin. */
    private int heading(String heading) {
        y += 20;
        text(LEFT, y, "start", 12, heading);
        y += 4;
        return y;
    }

    private void tick(double x, int top, int rows, String label) {
        int bottom = top + rows * ROW + 4;
        out.append(String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/>%n",
                x,
                top,
                x,
                bottom,
                GRID));
        text(x, bottom + 13, "middle", 11, label);
    }

    private void label(String server) {
        text(LEFT - 10, y - 2, "end", 12, server);
    }

    private void whisker(double from, double to, int at) {
        out.append(String.format(
                Locale.ROOT,
                "<path d=\"M%.1f %dv8M%.1f %dh%.1fM%.1f %dv8\" stroke=\"%s\" stroke-width=\"1.5\" fill=\"none\"/>%n",
                from,
                at - 4,
                from,
                at,
                to - from,
                to,
                at - 4,
                WHISKER));
    }

    private void text(double x, int y, String anchor, int size, String text) {
        out.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\" font-size=\"%d\" fill=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                size,
                INK,
                text));
    }

    private String colour(String server) {
        return server.equals(servers.getFirst()) ? FIRST : OTHERS;
    }

    private static double x(double part) {
        return LEFT + part * (RIGHT - LEFT);
    }

    /** A round step, of which there are two to five up to {@code most}. */
    private static double step(double most) {
        double power = Math.pow(10, Math.floor(Math.log10(Math.max(most, 1e-9))));
        double lead = most / power;
        return lead < 2 ? power / 2 : lead < 5 ? power : 2 * power;
    }

    private static String range(Spread spread, int digits) {
        return Report.number(spread.median(), digits) + " (" + Report.number(spread.least(), digits) + " to "
                + Report.number(spread.greatest(), digits) + ")";
    }

    private static String micros(double micros) {
        if (micros < 1000) {
            return Report.number(micros, 0) + " us";
        }
        return micros < 1_000_000
                ? Report.number(micros / 1000, micros < 10_000 && micros % 1000 != 0 ? 1 : 0) + " ms"
                : Report.number(micros / 1_000_000, micros % 1_000_000 == 0 ? 0 : 1) + " s";
    }
}
