package dev.harp.relay.limit;

/** One call that is yet to be taken from a rate limit, by whom it concerns: {@link RateLimit#toll}. */
public interface Toll {
    /** A call that no limit counts. */
    Toll FREE = () -> Grant.UNLIMITED;

    /** Takes it, if the limit allows it. */
    Grant take();
}
