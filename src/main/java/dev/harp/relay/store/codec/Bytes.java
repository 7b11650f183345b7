package dev.harp.relay.store.codec;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.zip.CRC32C;

/**
 * The bytes of one record: a format number, the fields, and a CRC-32C over both, so that a flipped bit is detected.
 * Numbers are big-endian. A text is its length in bytes and its UTF-8. An optional field begins with a byte 0 or 1.
 */
final class Bytes {
    private static final int CHECKSUM = Integer.BYTES;

    private Bytes() {}

    /** Writes a value, such as the fields of a record. */
    @FunctionalInterface
    interface Writer<T> {
        void write(T value) throws IOException;
    }

    /** Reads the fields of one record. */
    @FunctionalInterface
    interface Reader<T> {
        T read(In in, int format);
    }

    static byte[] write(int format, Writer<Out> fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            data.writeByte(format);
            fields.write(new Out(data));
            data.writeInt(checksum(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("a ByteArrayOutputStream throws nothing", e);
        }
        return bytes.toByteArray();
    }

    static <T> T read(byte[] record, int newest, Reader<T> reader) {
        if (record.length < 1 + CHECKSUM) {
            throw new CorruptRecord("a record of " + record.length + " bytes is too short");
        }
        int length = record.length - CHECKSUM;
        if (ByteBuffer.wrap(record).getInt(length) != checksum(record, length)) {
            throw new CorruptRecord("a record's checksum does not match");
        }
        ByteBuffer data = ByteBuffer.wrap(record, 0, length);
        int format = Byte.toUnsignedInt(data.get());
        if (format < 1 || format > newest) {
            throw new CorruptRecord("a record of format " + format + "; this version reads 1 to " + newest);
        }
        try {
            T read = reader.read(new In(data), format);
            if (data.hasRemaining()) {
                throw new CorruptRecord("a record has bytes left over");
            }
            return read;
        } catch (BufferUnderflowException _) {
            throw new CorruptRecord("a record ends too early");
        }
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Writes fields. */
    static final class Out {
        private final DataOutputStream data;

        private Out(DataOutputStream data) {
            this.data = data;
        }

        void tag(int value) throws IOException {
            data.writeByte(value);
        }

        void number(long value) throws IOException {
            data.writeLong(value);
        }

        void bytes(byte[] value) throws IOException {
            data.writeInt(value.length);
            data.write(value);
        }

        void text(String value) throws IOException {
            bytes(value.getBytes(StandardCharsets.UTF_8));
        }

        void time(Instant value) throws IOException {
            data.writeLong(value.getEpochSecond());
            data.writeInt(value.getNano());
        }

        <T> void optional(Optional<T> value, Writer<T> writer) throws IOException {
            tag(value.isPresent() ? 1 : 0);
            if (value.isPresent()) {
                writer.write(value.get());
            }
        }
    }

    /** Reads fields. */
    static final class In {
        private final ByteBuffer data;

        private In(ByteBuffer data) {
            this.data = data;
        }

        int tag() {
            return Byte.toUnsignedInt(data.get());
        }

        long number() {
            return data.getLong();
        }

        byte[] bytes() {
            int length = data.getInt();
            if (length < 0 || length > data.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] bytes = new byte[length];
            data.get(bytes);
            return bytes;
        }

        String text() {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        Instant time() {
            try {
                return Instant.ofEpochSecond(data.getLong(), data.getInt());
            } catch (DateTimeException | ArithmeticException _) {
                throw new CorruptRecord("a time out of range");
            }
        }

        <T> Optional<T> optional(Supplier<T> reader) {
            return switch (tag()) {
                case 0 -> Optional.empty();
                case 1 -> Optional.of(reader.get());
                default -> throw new CorruptRecord("an optional field that is neither present nor absent");
            };
        }
    }
}
