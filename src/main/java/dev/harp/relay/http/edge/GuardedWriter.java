package dev.harp.relay.http.edge;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Writes to a connection under its deadlines, and takes turns with other connections: a virtual thread keeps its
 * processor until it blocks, and a write does not block before some megabytes are in the kernel's buffers. Clients that
 * ask for much and read nothing would hold up everybody else for seconds.
 */
final class GuardedWriter implements DataWriter {
    /** Bytes that a connection writes before another one has its turn. */
    private static final int TURN = 64 * 1024;

    private final DataWriter out;
    private final ReadDeadlines deadlines;
    private final Runnable failed;
    private final Runnable continued;
    private int written;

    /**
     * @param failed is run when a write fails
     * @param continued is run before {@code 100 Continue} is written
     */
    GuardedWriter(DataWriter out, ReadDeadlines deadlines, Runnable failed, Runnable continued) {
        this.out = out;
        this.deadlines = deadlines;
        this.failed = failed;
        this.continued = continued;
    }

    @Override
    public void write(BufferData buffer) {
        int length = buffer.available();
        deadlines.startWrite(length);
        try {
            out.write(buffer);
        } catch (RuntimeException e) {
            failed.run();
            throw e;
        }
        deadlines.done();
        takeTurns(length);
    }

    @SuppressWarnings("ThreadPriorityCheck") // fairness only: nothing is wrong where it does nothing
    private void takeTurns(int length) {
        written += length;
        if (written >= TURN) {
            written = 0;
            Thread.yield();
        }
    }

    @Override
    public void write(BufferData... buffers) {
        write(BufferData.create(buffers));
    }

    /** Helidon writes nothing but {@code 100 Continue} this way. */
    @Override
    public void writeNow(BufferData buffer) {
        continued.run();
        write(buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
        writeNow(BufferData.create(buffers));
    }

    @Override
    public void flush() {
        out.flush();
    }

    @Override
    public void close() {
        out.close();
    }
}
