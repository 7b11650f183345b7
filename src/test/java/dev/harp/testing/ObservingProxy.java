package dev.harp.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Passes each request on to a server on the loopback address, and its answer back as it is or changed. */
public final class ObservingProxy extends FakeServer {
    private final int target;
    private final BiFunction<Request, HttpAnswer, HttpAnswer> change;

    /** A proxy that only shows what it passes on. */
    public ObservingProxy(int target, BiConsumer<Request, HttpAnswer> observer) {
        this(
                (request, answer) -> {
                    observer.accept(request, answer);
                    return answer;
                },
                target);
    }

    private ObservingProxy(BiFunction<Request, HttpAnswer, HttpAnswer> change, int target) {
        this.target = target;
        this.change = change;
        start();
    }

    /** A proxy whose clients get what {@code change} makes of each answer. */
    public static ObservingProxy changing(int target, UnaryOperator<HttpAnswer> change) {
        return new ObservingProxy((_, answer) -> change.apply(answer), target);
    }

    @Override
    protected Reply answer(Request request) {
        try (RawClient wire = new RawClient(target)) {
            wire.send(String.join("\r\n", request.lines()) + "\r\n\r\n" + request.content());
            HttpAnswer answer = change.apply(request, wire.next().orElseThrow());
            return response(
                    answer.status(),
                    answer.body(),
                    answer.lines().stream()
                            .skip(1)
                            .filter(line -> !line.matches("(?i)(content-length|transfer-encoding|connection):.*"))
                            .toArray(String[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
