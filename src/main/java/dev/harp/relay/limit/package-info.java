/** Rate limits: one algorithm, with its state in this process or shared. */
@NullMarked
package dev.harp.relay.limit;

import org.jspecify.annotations.NullMarked;
