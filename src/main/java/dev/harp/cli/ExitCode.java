package dev.harp.cli;

import dev.harp.client.Outcome;
import dev.harp.client.RelayException;

/**
 * How the program ends. Only 0 and 10 are decisions of a person; 1 and every code that is not here are failures, never
 * decisions.
 */
final class ExitCode {
    /** Approved, answered, sent, or done. */
    static final int OK = 0;

    /** Something failed that has no code of its own. */
    static final int FAILED = 1;

    /** Wrong usage: an option, a name, a file, or a text out of its bounds. */
    static final int USAGE = 2;

    static final int DENIED = 10;
    static final int EXPIRED = 11;

    /** The request was withdrawn, or the pairing has ended. */
    static final int ENDED = 12;

    /** The relay is out of reach. */
    static final int UNREACHABLE = 13;

    /** An answer, a confirmation or a receipt that is not genuine. */
    static final int NOT_GENUINE = 14;

    /** The person has agreed with less assurance than was asked. */
    static final int LESS_ASSURANCE = 15;

    /** The device had decided the request before; what it decided now was not sent. */
    static final int DECIDED_EARLIER = 16;

    /** A page that is not the one it was compared with. */
    static final int PAGE_DIFFERS = 17;

    /** {@code harp run} did not run the command. */
    static final int NOT_RUN = 125;

    private ExitCode() {}

    static int of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Decided(var answer, var _, var _, var _) ->
                switch (answer.decision()) {
                    case APPROVED, ANSWERED, SEEN, PAIRED -> OK;
                    case DENIED -> DENIED;
                };
            case Outcome.Expired _ -> EXPIRED;
            case Outcome.Withdrawn _, Outcome.PairingEnded _ -> ENDED;
            case Outcome.Unreachable _ -> UNREACHABLE;
            case Outcome.NotGenuine _ -> NOT_GENUINE;
            case Outcome.LessAssurance _ -> LESS_ASSURANCE;
            case Outcome.NotSent _ -> USAGE;
        };
    }

    static int of(RelayException e) {
        return switch (e.kind()) {
            case UNREACHABLE -> UNREACHABLE;
            case ENDED -> ENDED;
            case UNAUTHORIZED, REFUSED, UNEXPECTED -> FAILED;
        };
    }
}
