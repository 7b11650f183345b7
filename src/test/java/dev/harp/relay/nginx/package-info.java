/**
 * The files of {@code deploy/nginx} in a real nginx, between real clients and a real relay.
 *
 * <p>The relay is the packaged product in a process of its own; nginx is the one on this machine.
 */
@NullMarked
package dev.harp.relay.nginx;

import org.jspecify.annotations.NullMarked;
