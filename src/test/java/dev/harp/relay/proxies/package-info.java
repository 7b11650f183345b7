/**
 * Strangers' proxies between real clients and a real relay: those of {@code src/test/proxies}, which compress, and the
 * shipped files of {@code deploy/proxies}.
 *
 * <p>The relay is the packaged product in a process of its own; the proxies are those on this machine.
 */
@NullMarked
package dev.harp.relay.proxies;

import org.jspecify.annotations.NullMarked;
