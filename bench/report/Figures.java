package report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** What was measured: for each case, server and figure one value a turn. */
public final class Figures {
    private final Map<Key, List<Double>> values = new LinkedHashMap<>();
    private final List<String> order;

    private record Key(String kase, String who, String what) {}

    /** The median with the least and the greatest. */
    public record Spread(double median, double least, double greatest) {
        static Spread of(List<Double> values) {
            List<Double> sorted = values.stream().sorted().toList();
            int n = sorted.size();
            double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
            return new Spread(median, sorted.getFirst(), sorted.getLast());
        }
    }

    /**
     * Nothing yet.
     *
     * @param order the names of all servers in the order of the tables
     */
    public Figures(List<String> order) {
        this.order = List.copyOf(order);
    }

    /** Adds the value of the next turn. */
    public void add(String kase, String who, String what, double value) {
        values.computeIfAbsent(new Key(kase, who, what), _ -> new ArrayList<>()).add(value);
    }

    /** The servers of a case. */
    public List<String> servers(String kase) {
        return order.stream()
                .filter(who -> values.keySet().stream().anyMatch(key -> key.kase.equals(kase) && key.who.equals(who)))
                .toList();
    }

    /** A figure over all turns. */
    public Optional<Spread> spread(String kase, String who, String what) {
        return Optional.ofNullable(values.get(new Key(kase, who, what))).map(Spread::of);
    }

    /** How many times that of another server a figure is, turn by turn. */
    public Optional<Spread> ratio(String kase, String who, String other, String what) {
        List<Double> over = values.get(new Key(kase, who, what));
        List<Double> under = values.get(new Key(kase, other, what));
        if (over == null || under == null) {
            return Optional.empty();
        }
        return Optional.of(Spread.of(IntStream.range(0, Math.min(over.size(), under.size()))
                .mapToObj(turn -> over.get(turn) / under.get(turn))
                .toList()));
    }
}
