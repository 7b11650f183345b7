/** Where long polls and streams wait, and how they are woken. Independent of what they wait for. */
@NullMarked
package dev.harp.relay.wait;

import org.jspecify.annotations.NullMarked;
