/** Networks, client addresses and file descriptors. */
@NullMarked
package dev.harp.relay.net;

import org.jspecify.annotations.NullMarked;
