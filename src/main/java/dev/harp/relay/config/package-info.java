/** What the operator has chosen: read once, checked once, and given to the parts as plain records. */
@NullMarked
package dev.harp.relay.config;

import org.jspecify.annotations.NullMarked;
