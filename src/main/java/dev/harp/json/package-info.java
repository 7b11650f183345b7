/** JSON: one strict reader and one writer, used by every other package. */
@NullMarked
package dev.harp.json;

import org.jspecify.annotations.NullMarked;
