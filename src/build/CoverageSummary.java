import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Prints the line and branch coverage of the named packages, from JaCoCo's CSV report. */
final class CoverageSummary {
    /** Missed and covered lines and branches, as JaCoCo counts them. */
    private record Counts(long missedBranches, long coveredBranches, long missedLines, long coveredLines) {
        Counts plus(Counts other) {
            return new Counts(
                    missedBranches + other.missedBranches,
                    coveredBranches + other.coveredBranches,
                    missedLines + other.missedLines,
                    coveredLines + other.coveredLines);
        }

        String row(String name) {
            return "  %-32s%22s%22s"
                    .formatted(name, part(coveredLines, missedLines), part(coveredBranches, missedBranches));
        }

        private static String part(long covered, long missed) {
            long all = covered + missed;
            // Rounded down: 100 % is only what is covered in full.
            return all == 0 ? "-" : "%d of %d, %5.1f %%".formatted(covered, all, covered * 1000 / all / 10.0);
        }
    }

    private CoverageSummary() {}

    public static void main(String[] args) throws IOException {
        Path report = Path.of(args[0]);
        if (!Files.exists(report)) {
            System.out.println("No coverage report: no test ran.");
            return;
        }
        List<String[]> rows = new ArrayList<>();
        for (String line : Files.readAllLines(report)) {
            rows.add(line.split(
                    ",", -1)); // group,package,class,instructions missed,covered,branches missed,covered,lines...
        }
        System.out.println("Coverage                                           lines              branches");
        Counts total = new Counts(0, 0, 0, 0);
        for (String name : List.of(args).subList(1, args.length)) {
            Counts counts = new Counts(0, 0, 0, 0);
            for (String[] row : rows) {
                if (row[1].equals(name)) {
                    counts = counts.plus(new Counts(
                            Long.parseLong(row[5]),
                            Long.parseLong(row[6]),
                            Long.parseLong(row[7]),
                            Long.parseLong(row[8])));
                }
            }
            System.out.println(counts.row(name));
            total = total.plus(counts);
        }
        System.out.println(total.row("together"));
    }
}
