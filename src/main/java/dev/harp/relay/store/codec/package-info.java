/** The byte format of records, for stores outside of this process. */
@NullMarked
package dev.harp.relay.store.codec;

import org.jspecify.annotations.NullMarked;
