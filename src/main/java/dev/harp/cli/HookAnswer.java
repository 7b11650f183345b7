package dev.harp.cli;

import dev.harp.client.Outcome;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import dev.harp.message.Answer;
import dev.harp.message.Decision;
import java.util.Optional;

/** What a hook tells its agent: the one JSON object that it prints, in exactly the agent's form. */
final class HookAnswer {
    private static final String DENIED = "The person denied this on their device.";

    private HookAnswer() {}

    /** Nothing if nobody decided. */
    static Optional<Members> of(HookEvent event, Outcome outcome) {
        if (!(outcome instanceof Outcome.Decided decided)) {
            return Optional.empty();
        }
        Answer answer = decided.answer();
        return switch (answer.decision()) {
            case APPROVED, ANSWERED -> Optional.of(allow(event, answer));
            case DENIED ->
                Optional.of(deny(
                        event,
                        answer.reason()
                                .map(why -> DENIED + " Their reason: " + why)
                                .orElse(DENIED)));
            // Of information, which a hook never sends.
            case SEEN, PAIRED -> Optional.empty();
        };
    }

    private static Members allow(HookEvent event, Answer answer) {
        Optional<Members> input = answer.decision() == Decision.ANSWERED
                ? Optional.of(HookForm.of(event).answered(event, answer))
                : Optional.empty();
        JsonTree.Builder decision = JsonTree.object();
        if (isBeforeUse(event)) {
            decision.add("hookEventName", event.name())
                    .add("permissionDecision", "allow")
                    .add("permissionDecisionReason", "The person approved this on their device.");
            input.ifPresent(members -> decision.add("updatedInput", members));
            return output(decision.build());
        }
        decision.add("behavior", "allow");
        input.ifPresent(members -> decision.add("updatedInput", members));
        answer.choice().ifPresent(id -> decision.add("updatedPermissions", new HookRules(event).chosen(id)));
        return decision(event, decision.build());
    }

    /** A denial with its reason, which the agent reads. */
    static Members deny(HookEvent event, String why) {
        return isBeforeUse(event)
                ? output(JsonTree.object()
                        .add("hookEventName", event.name())
                        .add("permissionDecision", "deny")
                        .add("permissionDecisionReason", why)
                        .build())
                : decision(
                        event,
                        JsonTree.object()
                                .add("behavior", "deny")
                                .add("message", why)
                                .build());
    }

    private static boolean isBeforeUse(HookEvent event) {
        return event.name().equals("PreToolUse");
    }

    private static Members decision(HookEvent event, Members decision) {
        return output(JsonTree.object()
                .add("hookEventName", event.name())
                .add("decision", decision)
                .build());
    }

    private static Members output(Members specific) {
        return JsonTree.object().add("hookSpecificOutput", specific).build();
    }

    /** One line. */
    static String line(Members answer) {
        return Printable.json(HookQuestion.json(answer));
    }
}
