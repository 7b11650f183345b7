package report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import report.Case.Column;
import report.Figures.Spread;

/** Writes {@code compare.md} and the plots beside it. */
public final class Report {
    private final Figures figures;
    private final Map<String, String> peers;

    /**
     * A report of what was measured.
     *
     * @param peers what each peer leaves out, by its name in the figures
     */
    public Report(Figures figures, Map<String, String> peers) {
        this.figures = figures;
        this.peers = new LinkedHashMap<>(peers);
    }

    /**
     * Writes all files.
     *
     * @param machine the lines about machine, programs and run
     */
    public void write(Path folder, List<String> machine) throws IOException {
        Files.createDirectories(folder);
        StringBuilder text = new StringBuilder("# The relay beside its peers\n\n"
            + "Written by `bench/compare`; not to be edited. The load generator is one thread on the same cores. The"
            + " relay runs with\n"
            + "its launcher's flags, tokens and rules in force, and its rate limits off.\n\n");
        machine.forEach(line -> text.append("- ").append(line).append('\n'));
        text.append(
                "\n## Goals\n\nThe relay's median and the peer's; the ratio is the median of those of the turns.\n\n");
        text.append(Goals.table(figures));
        text.append("\n"
                + "## The peers\n\n"
                + "Each is a program of ours or a set-up in `bench/peers`. What it leaves out, unlike the"
                + " relay:\n\n");
        peers.forEach((peer, leavesOut) -> text.append("- **" + peer + "**" + mark(peer) + ": " + leavesOut + "\n"));
        for (Case kase : Case.ALL) {
            List<String> servers = figures.servers(kase.id());
            if (!servers.isEmpty()) {
                text.append("\n## ")
                        .append(kase.title())
                        .append("\n\n")
                        .append(kase.about())
                        .append("\n\n");
                text.append(table(kase, servers));
                text.append("\n![")
                        .append(kase.title().replace("`", ""))
                        .append("](")
                        .append(kase.id());
                text.append(".svg)\n");
                Files.writeString(folder.resolve(kase.id() + ".svg"), new Plot(kase, servers, figures).svg());
            }
        }
        Files.writeString(folder.resolve("compare.md"), text);
    }

    private String table(Case kase, List<String> servers) {
        List<Column> columns = shown(kase, servers, figures);
        StringBuilder text = new StringBuilder("| |");
        columns.forEach(column -> text.append(' ').append(column.heading()).append(" | ratio |"));
        text.append("\n| --- |").append(" --- | --- |".repeat(columns.size())).append('\n');
        for (String server : servers) {
            text.append("| ").append(server).append(mark(server)).append(" |");
            for (Column column : columns) {
                text.append(figures.spread(kase.id(), server, column.what())
                        .map(spread -> cell(
                                spread,
                                column,
                                figures.spread(kase.id(), servers.getFirst(), column.what())
                                        .orElse(spread)))
                        .orElse(" | |"));
            }
            text.append('\n');
        }
        return text
                + "\nMedian (least to greatest of the turns); the ratio is that of the medians, to the first line.\n";
    }

    /** The footnote of a peer: what it leaves out. */
    private String mark(String server) {
        int index = List.copyOf(peers.keySet()).indexOf(server);
        return index < 0 ? "" : " <sup>[" + (index + 1) + "](#the-peers)</sup>";
    }

    /** The columns in which there is anything. */
    static List<Column> shown(Case kase, List<String> servers, Figures figures) {
        return kase.columns().stream()
                .filter(column -> servers.stream()
                        .anyMatch(server ->
                                figures.spread(kase.id(), server, column.what()).isPresent()))
                .toList();
    }

    private static String cell(Spread spread, Column column, Spread first) {
        return " " + number(spread.median(), column.digits()) + " (" + number(spread.least(), column.digits()) + " to "
                + number(spread.greatest(), column.digits()) + ") | "
                + String.format(Locale.ROOT, "%.2f", spread.median() / first.median()) + " |";
    }

    static String number(double value, int digits) {
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }
}
