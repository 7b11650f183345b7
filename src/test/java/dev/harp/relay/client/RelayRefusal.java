package dev.harp.relay.client;

import dev.harp.relay.client.RelayHttp.Answer;
import java.io.IOException;

/** The relay answered, but not with what was asked for. {@link #code()} says why. */
public final class RelayRefusal extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    RelayRefusal(Answer answer) {
        super(answer.status() + " " + answer.code() + ": " + answer.body().getString("detail", ""));
        this.answer = answer;
    }

    public Answer answer() {
        return answer;
    }

    public int status() {
        return answer.status();
    }

    public String code() {
        return answer.code();
    }
}
