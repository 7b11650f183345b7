/** The store that keeps everything in this process' memory, and forgets it with the process. */
@NullMarked
package dev.harp.relay.store.memory;

import org.jspecify.annotations.NullMarked;
