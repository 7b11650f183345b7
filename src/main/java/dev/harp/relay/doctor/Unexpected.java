package dev.harp.relay.doctor;

/** There was an answer, and not the one that a relay gives. */
final class Unexpected extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Answer answer;

    Unexpected(Answer answer) {
        super("unexpected answer " + answer.status());
        this.answer = answer;
    }

    Answer answer() {
        return answer;
    }
}
