package dev.harp.relay.protocol;

/**
 * The id of a device, such as {@code dev_a1b2c3d4e5f6}. It is not secret and grants no access.
 *
 * @param value {@code dev_} and 12 lower-case hex digits
 */
public record DeviceId(String value) {

    @Override
    public String toString() {
        return value;
    }
}
