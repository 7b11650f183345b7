package dev.harp.relay.store.file;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.DataType;
import org.jspecify.annotations.Nullable;

/**
 * One map of the file, with a checksum over all of its entries that every change updates. If the entries that are read
 * later have another checksum, one of them is damaged, missing or outdated.
 *
 * @param <K> the keys' type
 */
final class Table<K> {
    private final String name;
    private final MVMap<K, byte[]> map;
    private final Function<K, byte[]> keyBytes;
    private long entries;
    private long checksum;

    Table(MVStore store, String name, DataType<K> keys, Function<K, byte[]> keyBytes) {
        this.name = name;
        this.keyBytes = keyBytes;
        this.map =
                store.openMap(name, new MVMap.Builder<K, byte[]>().keyType(keys).valueType(ByteArrayDataType.INSTANCE));
    }

    /** Adds, replaces or removes an entry. */
    void set(K key, Optional<byte[]> value) {
        byte @Nullable [] before = value.isPresent() ? map.put(key, value.get()) : map.remove(key);
        if (before != null) {
            count(key, before, -1);
        }
        value.ifPresent(after -> count(key, after, 1));
    }

    /** The number of entries, without reading them. */
    long size() {
        return map.sizeAsLong();
    }

    /** Reads every entry, and computes the checksum from them. */
    void read(Progress progress, BiConsumer<K, byte[]> reader) {
        entries = 0;
        checksum = 0;
        for (Map.Entry<K, byte[]> entry : map.entrySet()) {
            count(entry.getKey(), entry.getValue(), 1);
            reader.accept(entry.getKey(), entry.getValue());
            progress.next();
        }
    }

    private void count(K key, byte[] value, int sign) {
        entries += sign;
        checksum += sign * hash(keyBytes.apply(key), value);
    }

    /** Spread over 64 bits by the finalizer of MurmurHash3, so that the hashes of several entries do not cancel out. */
    private static long hash(byte[] key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(value);
        long hash = crc.getValue() | (long) value.length << Integer.SIZE;
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }

    /** The number of entries and their checksum. */
    byte[] digest() {
        return ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(entries)
                .putLong(checksum)
                .array();
    }

    String name() {
        return name;
    }
}
