/**
 * What platform and device tell each other through the relay, end to end: {@code docs/messages.md}, which is normative,
 * as code.
 *
 * <p>Pure: no HTTP, no relay, no clock and no randomness that is not passed in. Times are whole Unix seconds. An
 * expected refusal is a {@link dev.harp.message.Checked.Refused} with a {@link dev.harp.message.Reason}; an exception
 * is a caller's mistake.
 *
 * <p>A platform starts at {@link dev.harp.message.PlatformOffer} and keeps a {@link dev.harp.message.PlatformPairing};
 * a device starts at {@link dev.harp.message.DeviceJoin} and keeps a {@link dev.harp.message.DevicePairing} with its
 * {@link dev.harp.message.DecisionLog}.
 */
@NullMarked
package dev.harp.message;

import org.jspecify.annotations.NullMarked;
