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
 * One map of the file, with a sum over all of its entries that is kept up with each change: if what is read later has
 * another sum, then an entry is damaged, missing, or an old one.
 *
 * @param <K> the keys' type
 */
final class Table<K> {
    private final String name;
    private final MVMap<K, byte[]> map;
    private final Function<K, byte[]> keyBytes;
    private long entries;
    private long sum;

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

    /** Reads every entry, and counts anew. */
    void read(BiConsumer<K, byte[]> reader) {
        entries = 0;
        sum = 0;
        for (Map.Entry<K, byte[]> entry : map.entrySet()) {
            count(entry.getKey(), entry.getValue(), 1);
            reader.accept(entry.getKey(), entry.getValue());
        }
    }

    private void count(K key, byte[] value, int more) {
        entries += more;
        sum += more * mark(keyBytes.apply(key), value);
    }

    /** Spread over 64 bits (the finalizer of MurmurHash3), so that marks do not cancel each other out. */
    private static long mark(byte[] key, byte[] value) {
        CRC32C crc = new CRC32C();
        crc.update(key);
        crc.update(value);
        long mark = crc.getValue() | (long) value.length << Integer.SIZE;
        mark = (mark ^ mark >>> 33) * 0xff51afd7ed558ccdL;
        mark = (mark ^ mark >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mark ^ mark >>> 33;
    }

    /** How many entries there are, and their sum. */
    byte[] tally() {
        return ByteBuffer.allocate(2 * Long.BYTES).putLong(entries).putLong(sum).array();
    }

    String name() {
        return name;
    }
}
