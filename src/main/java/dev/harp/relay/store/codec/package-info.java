/** Records as bytes, for stores that keep them outside of this process. */
@NullMarked
package dev.harp.relay.store.codec;

import org.jspecify.annotations.NullMarked;
