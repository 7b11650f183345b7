/** The configuration: read once, checked once, and passed to the parts as records. */
@NullMarked
package dev.harp.relay.config;

import org.jspecify.annotations.NullMarked;
