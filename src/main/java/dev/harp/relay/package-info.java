/**
 * A relay for human approval requests: a platform asks, a person's device answers, and nothing between them can read
 * it.
 */
@NullMarked
package dev.harp.relay;

import org.jspecify.annotations.NullMarked;
