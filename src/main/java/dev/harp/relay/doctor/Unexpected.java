package dev.harp.relay.doctor;

/** There was an answer, and not the one that a relay gives. */
final class Unexpected extends Exception {
    private static final long serialVersionUID = 1;

    private final transient HttpAnswer answer;

    Unexpected(HttpAnswer answer) {
        super("unexpected answer " + answer.status());
        this.answer = answer;
    }

    HttpAnswer answer() {
        return answer;
    }
}
