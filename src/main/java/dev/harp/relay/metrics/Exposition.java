package dev.harp.relay.metrics;

/**
 * All metrics at one moment, written and never compared.
 *
 * @param contentType the format, its parameters included
 * @param content in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent")
public record Exposition(String contentType, byte[] content) {}
