/** Where long polls wait, and how they are called. Knows topics and threads, and nothing of what is waited for. */
@NullMarked
package dev.harp.relay.wait;

import org.jspecify.annotations.NullMarked;
