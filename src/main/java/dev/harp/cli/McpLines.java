package dev.harp.cli;

import dev.harp.message.Bytes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The lines of a stream. Of one that is too long nothing is kept. */
final class McpLines {
    private final InputStream in;
    private final int longest;

    /** @param longest the most bytes of a line */
    McpLines(InputStream in, int longest) {
        this.in = new BufferedInputStream(in);
        this.longest = longest;
    }

    /** A line without its end. */
    record Line(Bytes bytes, boolean tooLong) {}

    /** The next line, also an unfinished one before the end of the stream; nothing at its end. */
    Optional<Line> next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int length = 0;
        for (int unit = in.read(); unit != '\n'; unit = in.read()) {
            if (unit < 0) {
                return length == 0 ? Optional.empty() : Optional.of(line(line, length));
            }
            if (length < longest) {
                line.write(unit);
            }
            length = Math.min(length, longest) + 1;
        }
        return Optional.of(line(line, length));
    }

    private Line line(ByteArrayOutputStream line, int length) {
        return length > longest ? new Line(Bytes.of(), true) : new Line(Bytes.of(line.toByteArray()), false);
    }
}
