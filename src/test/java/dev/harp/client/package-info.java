/** The SDK against a relay that lies, loses, delays and refuses. */
@NullMarked
package dev.harp.client;

import org.jspecify.annotations.NullMarked;
