/** The store that keeps everything in this process' memory, and loses it with the process. */
@NullMarked
package dev.harp.relay.store.memory;

import org.jspecify.annotations.NullMarked;
