package dev.harp.relay.store.codec;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * One record's bytes: a format number, the fields, and a CRC-32C over both, so that a flipped bit is found rather than
 * delivered. Numbers are big-endian; a text is its length in bytes and its UTF-8; what may be missing has a byte 0 or 1
 * before it.
 */
final class Bytes {
    private static final int CHECKSUM = Integer.BYTES;

    private Bytes() {}

    /** Writes the fields of one record. */
    @FunctionalInterface
    interface Fields {
        void write(Out out) throws IOException;
    }

    /** Reads the fields of one record. */
    @FunctionalInterface
    interface Reader<T> {
        T read(In in, int format) throws IOException;
    }

    static byte[] write(int format, Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream data = new DataOutputStream(bytes)) {
            data.writeByte(format);
            fields.write(new Out(data));
            data.flush();
            data.writeInt(checksum(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("an array takes every byte", e);
        }
        return bytes.toByteArray();
    }

    static <T> T read(byte[] record, int newest, Reader<T> reader) {
        if (record.length < 1 + CHECKSUM) {
            throw new CorruptRecord("a record of " + record.length + " bytes is too short");
        }
        int length = record.length - CHECKSUM;
        try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(record, 0, length));
                DataInputStream end = new DataInputStream(new ByteArrayInputStream(record, length, CHECKSUM))) {
            if (end.readInt() != checksum(record, length)) {
                throw new CorruptRecord("a record's checksum does not fit");
            }
            int format = data.readUnsignedByte();
            if (format < 1 || format > newest) {
                throw new CorruptRecord("a record of format " + format + ", and this version knows 1 to " + newest);
            }
            T read = reader.read(new In(data), format);
            if (data.read() >= 0) {
                throw new CorruptRecord("a record has bytes left over");
            }
            return read;
        } catch (EOFException _) {
            throw new CorruptRecord("a record ends too early");
        } catch (IOException e) {
            throw new UncheckedIOException("an array gives every byte", e);
        }
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    /** Where fields are written to. */
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

        void text(Optional<String> value) throws IOException {
            tag(value.isPresent() ? 1 : 0);
            if (value.isPresent()) {
                text(value.get());
            }
        }

        void time(Optional<Instant> value) throws IOException {
            tag(value.isPresent() ? 1 : 0);
            if (value.isPresent()) {
                time(value.get());
            }
        }
    }

    /** Where fields are read from. */
    static final class In {
        private final DataInputStream data;

        private In(DataInputStream data) {
            this.data = data;
        }

        int tag() throws IOException {
            return data.readUnsignedByte();
        }

        long number() throws IOException {
            return data.readLong();
        }

        byte[] bytes() throws IOException {
            int length = data.readInt();
            if (length < 0 || length > data.available()) {
                throw new EOFException();
            }
            return data.readNBytes(length);
        }

        String text() throws IOException {
            return new String(bytes(), StandardCharsets.UTF_8);
        }

        Instant time() throws IOException {
            try {
                return Instant.ofEpochSecond(data.readLong(), data.readInt());
            } catch (DateTimeException | ArithmeticException _) {
                throw new CorruptRecord("a time that there is not");
            }
        }

        Optional<String> optionalText() throws IOException {
            return present() ? Optional.of(text()) : Optional.empty();
        }

        Optional<Instant> optionalTime() throws IOException {
            return present() ? Optional.of(time()) : Optional.empty();
        }

        boolean present() throws IOException {
            return switch (tag()) {
                case 0 -> false;
                case 1 -> true;
                default -> throw new CorruptRecord("neither there nor missing");
            };
        }
    }
}
