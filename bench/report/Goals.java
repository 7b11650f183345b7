package report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import report.Figures.Spread;

/** What the relay is to reach beside its peers, in ratios of one run. */
final class Goals {
    private static final String RELAY = "harp-relay";
    private static final String HELIDON = "bare Helidon";
    private static final String NODE = "bare Node";
    private static final String HONO = "Hono on Node";
    private static final String NCHAN = "nginx with nchan";

    private final Figures figures;
    private final List<String> lines = new ArrayList<>();

    private Goals(Figures figures) {
        this.figures = figures;
    }

    /** The table. */
    static String table(Figures figures) {
        Goals goals = new Goals(figures);
        goals.most("CPU for an approval", "approvals", RELAY, "CPU for one", 1.5, HELIDON);
        goals.most("CPU for an approval", "approvals", RELAY, "CPU for one", 1, NODE);
        goals.least("approvals a second, memory", "approvals", RELAY, "approvals a second", 1.5, NODE);
        goals.least("approvals a second, file", "stores", "file", "approvals a second", 0.4, "memory");
        goals.least("approvals a second, Redis", "stores", "Redis", "approvals a second", 0.3, "memory");
        goals.most("wake one of 10,000, p50", "wake-10000", RELAY, "p50", 1, HONO);
        goals.most("wake one of 10,000, p99", "wake-10000", RELAY, "p99", 3, NCHAN);
        goals.most("wake one of 10,000, p99.9", "wake-10000", RELAY, "p99.9", 1, HONO);
        goals.twoRelays();
        goals.most("10,000 released at once", "release", RELAY, "until all are answered", 1.5, NCHAN);
        goals.most("10,000 released at once", "release", RELAY, "until all are answered", 1, HONO);
        goals.most("heap of a parked poll", "memory", RELAY, "heap of a poll", 1.2, HELIDON);
        goals.least("`/health` a second", "health", RELAY, "calls a second", 2, HONO);
        goals.least("`/health` a second, 10,000 parked", "health-parked", RELAY, "calls a second", 2, HONO);
        return "| figure | goal | measured | ratio, least to greatest of the turns | met |\n"
                + "| --- | --- | --- | --- | --- |\n" + String.join("", goals.lines);
    }

    private void most(String title, String kase, String who, String what, double bound, String other) {
        String goal = bound == 1 ? "below " + other : "at most " + text(bound) + " times " + other;
        add(title, goal, kase, who, what, other, Optional.of(bound), Optional.empty());
    }

    private void least(String title, String kase, String who, String what, double bound, String other) {
        String goal = "at least " + text(bound) + " times " + other;
        add(title, goal, kase, who, what, other, Optional.empty(), Optional.of(bound));
    }

    private void add(
            String title,
            String goal,
            String kase,
            String who,
            String what,
            String other,
            Optional<Double> most,
            Optional<Double> least) {
        Optional<Spread> measured = figures.spread(kase, who, what);
        Optional<Spread> ratio = figures.ratio(kase, who, other, what);
        if (measured.isEmpty() || ratio.isEmpty()) {
            line(title, goal, "", "", "not measured");
            return;
        }
        double median = ratio.get().median();
        boolean met =
                most.map(bound -> (bound == 1 ? median < 1 : median <= bound)).orElse(true)
                        && least.map(bound -> median >= bound).orElse(true);
        String both = number(measured.get().median()) + " to "
                + number(figures.spread(kase, other, what).orElseThrow().median()) + unit(kase, what);
        line(title, goal, both, spread(ratio.get()), met ? "yes" : "**no**");
    }

    private void twoRelays() {
        String goal = "at most 1,500 us";
        Optional<Spread> p50 = figures.spread("relays", "two relays", "p50");
        if (p50.isEmpty()) {
            line("wake across two relays, p50", goal, "", "", "not measured");
            return;
        }
        Spread all = p50.get();
        String measured = number(all.median()) + " us (" + number(all.least()) + " to " + number(all.greatest()) + ")";
        line("wake across two relays, p50", goal, measured, "", all.median() <= 1500 ? "yes" : "**no**");
    }

    private void line(String title, String goal, String measured, String ratio, String met) {
        lines.add("| " + String.join(" | ", title, goal, measured, ratio, met) + " |\n");
    }

    private static String spread(Spread ratio) {
        return String.format(Locale.ROOT, "%.2f (%.2f to %.2f)", ratio.median(), ratio.least(), ratio.greatest());
    }

    private static String unit(String kase, String what) {
        return Case.ALL.stream()
                .filter(one -> one.id().equals(kase))
                .flatMap(one -> one.columns().stream())
                .filter(column -> column.what().equals(what) && !column.unit().isEmpty())
                .map(column -> " " + column.unit())
                .findFirst()
                .orElse("");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%,.1f" : "%,.0f", value);
    }

    private static String text(double bound) {
        return bound == Math.rint(bound) ? "" + (int) bound : "" + bound;
    }
}
