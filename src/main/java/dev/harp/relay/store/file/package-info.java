/** The store that writes every change to a file before it is acknowledged. */
@NullMarked
package dev.harp.relay.store.file;

import org.jspecify.annotations.NullMarked;
