package dev.harp.relay.metrics;

/**
 * All metrics at one moment. Instances are not compared.
 *
 * @param contentType the media type of the format, with its parameters
 * @param content in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent")
public record Exposition(String contentType, byte[] content) {}
