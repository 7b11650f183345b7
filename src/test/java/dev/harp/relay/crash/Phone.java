package dev.harp.relay.crash;

/** A registered phone. */
record Phone(String id, String token) {}
