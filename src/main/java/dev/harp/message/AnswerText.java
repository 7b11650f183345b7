package dev.harp.message;

import dev.harp.json.ExactJson;
import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.message.Answer.One;
import dev.harp.message.Answer.Several;
import dev.harp.message.Answer.Value;
import java.util.List;
import java.util.Optional;

/**
 * The text that the device signs: an answer, and what it belongs to.
 *
 * @param transcript T of the pairing
 * @param requestId the request's, in lower case
 * @param question SHA-256 of the question's plaintext, or of the hello's
 */
record AnswerText(Bytes transcript, String requestId, Bytes question, Answer answer) {
    private static final int DIGEST_BYTES = 32;

    Bytes write() {
        var json = JsonTree.object()
                .add("v", 1)
                .add("pair", transcript.base64())
                .add("request_id", requestId)
                .add("question", question.base64())
                .add("decision", answer.decision().code())
                .add("decided_at", answer.decidedAt())
                .add("reason", answer.reason())
                .add("choice", answer.choice());
        if (answer.decision() == Decision.ANSWERED) {
            json.add("values", answer.values().stream().map(AnswerText::write).toList());
        }
        return Bytes.of(Padding.exact(json.build()));
    }

    static AnswerText read(Bytes bytes) {
        Members members = ExactJson.read(bytes.toByteArray()).orElseThrow(() -> new Refusal(Reason.JSON_FORM));
        MemberReader json = new MemberReader(members, Reason.ANSWER_MEMBER);
        json.unless(json.whole("v") == 1);
        Bytes transcript = json.bytes("pair", DIGEST_BYTES);
        String requestId = json.text("request_id");
        Bytes question = json.bytes("question", DIGEST_BYTES);
        Decision decision = Decision.ofCode(json.text("decision")).orElseThrow(json::refusal);
        long decidedAt = json.whole("decided_at");
        Optional<String> reason = json.optionalText("reason");
        json.unless(reason.isEmpty() || isReason(reason.get()));
        Optional<String> choice = json.optionalText("choice");
        json.unless(json.has("values") == (decision == Decision.ANSWERED));
        List<Value> values =
                json.optionalItems("values").stream().map(AnswerText::value).toList();
        json.unless(decision != Decision.PAIRED || (reason.isEmpty() && choice.isEmpty()));
        json.nothingElse();
        return new AnswerText(transcript, requestId, question, new Answer(decision, decidedAt, reason, choice, values));
    }

    /**
     * Refused with the first of {@code wrong_pairing}, {@code wrong_request} and {@code wrong_question} that applies.
     */
    void belongsTo(Bytes expectedTranscript, String expectedRequest, Bytes expectedQuestion) {
        Refusal.unless(transcript.equals(expectedTranscript), Reason.WRONG_PAIRING);
        Refusal.unless(requestId.equals(expectedRequest), Reason.WRONG_REQUEST);
        Refusal.unless(question.equals(expectedQuestion), Reason.WRONG_QUESTION);
    }

    static boolean isReason(String text) {
        int length = ExactJson.escapedLength(text);
        return length >= 1 && length <= Answer.MAX_REASON;
    }

    private static Members write(Value value) {
        return switch (value) {
            case One(String name, String text) ->
                JsonTree.object().add("name", name).add("value", text).build();
            case Several(String name, List<String> texts) ->
                JsonTree.object()
                        .add("name", name)
                        .add("value", texts.stream().map(Text::new).toList())
                        .build();
        };
    }

    private static Value value(JsonTree tree) {
        MemberReader json = MemberReader.of(tree, Reason.ANSWER_MEMBER);
        String name = json.text("name");
        JsonTree value = json.any("value");
        json.nothingElse();
        return switch (value) {
            case Text(String text) -> new One(name, text);
            case Items(List<JsonTree> items) ->
                new Several(name, items.stream().map(item -> text(item, json)).toList());
            default -> throw json.refusal();
        };
    }

    private static String text(JsonTree item, MemberReader json) {
        if (item instanceof Text(String text)) {
            return text;
        }
        throw json.refusal();
    }
}
