package dev.harp.relay.push;

import dev.harp.json.Json;
import dev.harp.relay.outbound.HttpAnswer;
import dev.harp.relay.outbound.Post;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The answer of Expo's push service to a call of {@code /send}, in the format of its documentation (Expo, "Send
 * notifications with the Expo Push Service"). Its content is checked before use, and no text of it gets into the log.
 */
sealed interface ExpoAnswer {
    /** How many bytes of an answer are read: a ticket with an error has a message and details. */
    int MOST = 512 * 1024;

    /** One ticket for each message, in their order. */
    record Tickets(List<Ticket> tickets) implements ExpoAnswer {}

    /**
     * The outcome for one message.
     *
     * @param receipt the id of the receipt to come, if the message was accepted
     */
    record Ticket(PushOutcome outcome, Optional<String> receipt) {}

    /**
     * Nothing was accepted: the call has tokens of several projects.
     *
     * @param projects the project of each token that the service has named
     */
    record Mixed(Map<String, String> projects) implements ExpoAnswer {}

    /** Nothing was accepted, and the same call would not be accepted later. */
    record Unwanted(int status) implements ExpoAnswer {}

    /** Nothing is known to have been accepted; a later call may be. */
    record Away(String why, Optional<Duration> pause) implements ExpoAnswer {}

    /** The form of a receipt's id. */
    Pattern RECEIPT = Pattern.compile("[!-~]{1,128}");

    /** Errors of the service itself, and its limits. */
    Set<String> LATER = Set.of("MessageRateExceeded", "ExpoError", "ProviderError");

    /** Other errors that are documented, or known to the service's client library. */
    Set<String> NEVER = Set.of("MessageTooBig", "InvalidCredentials", "MismatchSenderId", "DeveloperError");

    /** Errors about the credentials that the app's owner has deposited with Expo. */
    Set<String> CREDENTIALS = Set.of("InvalidCredentials", "MismatchSenderId");

    /** Interprets the answer to a call with that many messages. */
    static ExpoAnswer of(Post.Result result, int messages) {
        return switch (result) {
            case Post.Unanswered(String why) -> new Away(why, Optional.empty());
            case HttpAnswer answer when answer.ok() -> tickets(answer.body(), messages);
            case HttpAnswer answer
            when answer.status() == 429 || answer.status() / 100 == 5 ->
                new Away("status " + answer.status(), answer.retryAfter());
            case HttpAnswer answer when answer.status() == 400 -> badRequest(answer.body());
            case HttpAnswer answer -> new Unwanted(answer.status());
        };
    }

    private static ExpoAnswer tickets(byte[] body, int messages) {
        Optional<JsonArray> data = Json.tryObject(body)
                .flatMap(object -> Json.array(object, "data"))
                .filter(array -> array.size() == messages);
        if (data.isEmpty()) {
            return new Away("malformed answer", Optional.empty());
        }
        List<Ticket> tickets = new ArrayList<>();
        boolean understood = false;
        for (JsonValue each : data.get()) {
            Optional<Ticket> ticket = each instanceof JsonObject object ? ticket(object) : Optional.empty();
            understood |= ticket.isPresent();
            tickets.add(ticket.orElseGet(
                    () -> new Ticket(new PushOutcome.NotNow("malformed ticket", Optional.empty()), Optional.empty())));
        }
        return understood ? new Tickets(tickets) : new Away("malformed tickets", Optional.empty());
    }

    private static Optional<Ticket> ticket(JsonObject ticket) {
        return switch (Json.string(ticket, "status").orElse("")) {
            case "ok" ->
                Json.string(ticket, "id")
                        .filter(id -> RECEIPT.matcher(id).matches())
                        .map(id -> new Ticket(new PushOutcome.Accepted(), Optional.of(id)));
            case "error" -> Optional.of(new Ticket(outcome(error(ticket)), Optional.empty()));
            default -> Optional.empty();
        };
    }

    /** The error that a ticket or receipt names, if it is a known one. */
    static Optional<String> error(JsonObject ticketOrReceipt) {
        return Json.object(ticketOrReceipt, "details")
                .flatMap(details -> Json.string(details, "error"))
                .filter(error -> error.equals("DeviceNotRegistered") || LATER.contains(error) || NEVER.contains(error));
    }

    private static PushOutcome outcome(Optional<String> error) {
        if (error.isEmpty()) {
            return new PushOutcome.Refused("ticket with another error");
        }
        String name = error.get();
        if (name.equals("DeviceNotRegistered")) {
            return new PushOutcome.TokenDead();
        }
        return LATER.contains(name)
                ? new PushOutcome.NotNow("ticket " + name, Optional.empty())
                : new PushOutcome.Refused("ticket " + name);
    }

    private static ExpoAnswer badRequest(byte[] body) {
        return Json.tryObject(body).flatMap(object -> Json.array(object, "errors")).stream()
                .flatMap(errors -> errors.stream().filter(JsonObject.class::isInstance))
                .map(JsonValue::asJsonObject)
                .filter(error -> Json.string(error, "code")
                        .filter("PUSH_TOO_MANY_EXPERIENCE_IDS"::equals)
                        .isPresent())
                .findFirst()
                .<ExpoAnswer>map(error -> new Mixed(projects(error)))
                .orElseGet(() -> new Unwanted(400));
    }

    /** By token. The answer has them by project: {@code {"@owner/project": ["token", ...]}}. */
    private static Map<String, String> projects(JsonObject error) {
        Map<String, String> projects = new HashMap<>();
        Json.object(error, "details")
                .ifPresent(details -> details.forEach((project, tokens) -> {
                    if (tokens instanceof JsonArray array) {
                        array.forEach(
                                token -> Json.string(token).ifPresent(text -> projects.putIfAbsent(text, project)));
                    }
                }));
        return projects;
    }
}
