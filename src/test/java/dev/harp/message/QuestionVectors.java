package dev.harp.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.harp.json.JsonTree;
import dev.harp.message.Question.Choice;
import dev.harp.message.Question.Context;
import dev.harp.message.Question.Detail;
import dev.harp.message.Question.Field;
import dev.harp.message.Question.FieldType;
import dev.harp.message.Question.Format;
import dev.harp.message.Question.Option;
import dev.harp.message.Question.Parameter;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Questions: section 5. */
final class QuestionVectors {
    static final String ID = "01900000-0000-7000-8000-00000000000a";
    static final Question AUTHORIZE = question(
            Intent.AUTHORIZE,
            "deploy release 7",
            b -> b.severity(Severity.HIGH)
                    .description("Deploys to production.")
                    .choices(List.of(new Choice("today", "deploy anything until midnight"))));
    static final Question COLLECT = question(
            Intent.COLLECT,
            "choose a region",
            b -> b.fields(List.of(
                    new Field(
                            "region",
                            FieldType.SELECT,
                            "Region",
                            true,
                            List.of(new Option("eu", "Europe"), new Option("us", "USA"))),
                    new Field("days", FieldType.NUMBER, "Days", false, List.of()),
                    new Field("note", FieldType.TEXT, "Note", false, List.of()),
                    new Field(
                            "teams",
                            FieldType.SEVERAL,
                            "Teams",
                            false,
                            List.of(new Option("a", "A"), new Option("b", "B"))))));
    static final Question INFORM = question(Intent.INFORM, "backup finished", b -> b);

    private final String authorize = text(AUTHORIZE);
    private final String collect = text(COLLECT);

    private final Vectors vectors = new Vectors(
            "questions",
            "kind question: read the plaintext, which is json and spaces up to size, from an envelope of the request."
                    + " unknown lists, in any order, what is not understood: such a question can only be denied.");

    private QuestionVectors() {}

    static Vectors make() {
        QuestionVectors questions = new QuestionVectors();
        questions.valid();
        questions.notUnderstood();
        questions.refusedForms();
        questions.refusedBounds();
        return questions.vectors;
    }

    private void valid() {
        valid("authorize", AUTHORIZE);
        valid("collect", COLLECT);
        valid("inform", INFORM);
        valid(
                "everything there is",
                question(
                        Intent.AUTHORIZE,
                        "\u0440\u043c -rf \u202e \ud83d\ude00",
                        b -> b.severity(Severity.CRITICAL)
                                .description("line\none\ttab")
                                .reasoning("because")
                                .context(new Context(
                                        Optional.of("agent"),
                                        Optional.of("host"),
                                        Optional.of("/srv"),
                                        Optional.of("s1")))
                                .parameters(List.of(new Parameter("env", "prod"), new Parameter("env", "{\"a\":[1]}")))
                                .details(List.of(
                                        new Detail("patch", Format.DIFF, "-a\n+b"),
                                        new Detail("log", Format.TEXT, ""),
                                        new Detail("cmd", Format.CODE, "ls")))
                                .choices(List.of(new Choice("a", "this"), new Choice("b_2", "that")))));
        valid(
                "second size, action of 200 bytes",
                question(Intent.AUTHORIZE, "a".repeat(200), b -> b.description("d".repeat(2_000))));
        valid(
                "greatest size",
                question(
                        Intent.AUTHORIZE,
                        "a",
                        b -> b.details(List.of(new Detail("d", Format.TEXT, "x".repeat(48_800))))));
        valid(
                "100 parameters",
                question(
                        Intent.AUTHORIZE,
                        "a",
                        b -> b.parameters(IntStream.range(0, 100)
                                .mapToObj(i -> new Parameter("p" + i, ""))
                                .toList())));
        valid(
                "64 options",
                question(
                        Intent.COLLECT,
                        "a",
                        b -> b.fields(List.of(new Field(
                                "f",
                                FieldType.SELECT,
                                "F",
                                false,
                                IntStream.range(0, 64)
                                        .mapToObj(i -> new Option("v" + i, "l"))
                                        .toList())))));
    }

    private void notUnderstood() {
        unknown(
                "another version",
                "{\"v\":2,\"request_id\":\"" + ID
                        + "\",\"issued_at\":1800000000,\"expires_at\":1800000300,\"what\":[1]}",
                "v");
        unknown("an unknown member", authorize.replace("\"v\":1", "\"v\":1,\"unless\":\"x\""), "unless");
        unknown(
                "an unknown severity and intent",
                authorize.replace("\"high\"", "\"extreme\"").replace("\"authorize\"", "\"delegate\""),
                "intent",
                "severity");
        unknown(
                "unknown members inside",
                collect.replace("\"required\":true", "\"required\":true,\"secret\":true")
                        .replace("\"number\"", "\"date\""),
                "schema.fields.0.secret",
                "schema.fields.1.type");
    }

    private void refusedForms() {
        refused("padded too far", Reason.PADDING, authorize, 4_096);
        refused("not padded", Reason.PADDING, authorize, authorize.length());
        refused(
                "longer than the greatest size",
                Reason.PADDING,
                authorize.replace("Deploys", "D".repeat(60_000)),
                65_536);
        refused("a line end behind it", Reason.JSON_FORM, authorize + "\n", 2_048);
        vectors.refused(
                "question",
                "under another request's id",
                Reason.WRONG_REQUEST,
                v -> v.add("request_id", ID.replace("000a", "000b"))
                        .add("plaintext", Vectors.plaintext(authorize, 2_048)));
    }

    private void refusedBounds() {
        bounds("no action", Reason.QUESTION_MEMBER, authorize.replace("\"action\":\"deploy release 7\",", ""));
        bounds("action empty", Reason.QUESTION_BOUNDS, authorize.replace("deploy release 7", ""));
        bounds(
                "action of 201 bytes",
                Reason.QUESTION_BOUNDS,
                authorize.replace("deploy release 7", "\u00e4".repeat(100) + "a"));
        bounds("request id in upper case", Reason.QUESTION_MEMBER, authorize.replace("000a", "000A"));
        bounds("issued_at as text", Reason.QUESTION_MEMBER, authorize.replace("1800000000", "\"1800000000\""));
        bounds("open for longer than a day", Reason.QUESTION_TIMES, authorize.replace("1800000300", "1800086401"));
        bounds(
                "parameter with a number for its value",
                Reason.QUESTION_MEMBER,
                authorize.replace("\"choices\"", "\"parameters\":[{\"name\":\"n\",\"value\":1}],\"choices\""));
        bounds(
                "101 parameters",
                Reason.QUESTION_BOUNDS,
                authorize.replace(
                        "\"choices\"",
                        "\"parameters\":[" + "{\"name\":\"n\",\"value\":\"\"},".repeat(100)
                                + "{\"name\":\"n\",\"value\":\"\"}],\"choices\""));
        bounds(
                "the same choice twice",
                Reason.QUESTION_BOUNDS,
                authorize.replace("\"choices\":[", "\"choices\":[{\"id\":\"today\",\"rule\":\"x\"},"));
        bounds("choice whose id has a blank", Reason.QUESTION_BOUNDS, authorize.replace("\"today\"", "\"to day\""));
        bounds(
                "choices in a collect",
                Reason.QUESTION_MEMBER,
                collect.replace("\"schema\"", "\"choices\":[],\"schema\""));
        bounds(
                "collect without a schema",
                Reason.QUESTION_MEMBER,
                authorize.replace("\"authorize\"", "\"collect\"").replaceAll(",\"choices\".*]", ""));
        bounds("authorize with a schema", Reason.QUESTION_MEMBER, collect.replace("\"collect\"", "\"authorize\""));
        bounds("no fields", Reason.QUESTION_BOUNDS, collect.replaceAll("\"fields\":.*", "\"fields\":[]}}"));
        bounds("the same field twice", Reason.QUESTION_BOUNDS, collect.replace("\"days\"", "\"region\""));
        bounds("select without options", Reason.QUESTION_MEMBER, collect.replace("\"text\"", "\"select\""));
        bounds("text with options", Reason.QUESTION_MEMBER, collect.replace("\"select\"", "\"text\""));
        bounds("the same option twice", Reason.QUESTION_BOUNDS, collect.replace("\"us\"", "\"eu\""));
    }

    private void valid(String name, Question question) {
        Bytes plaintext = question.plaintext().orElseThrow();
        vectors.valid(
                "question",
                name,
                v -> v.add("request_id", ID)
                        .add("plaintext", Vectors.plaintext(plaintext))
                        .add("digest", Crypto.sha256(plaintext).base64())
                        .add("unknown", List.of()));
    }

    private void unknown(String name, String json, String... unknown) {
        vectors.valid(
                "question",
                name,
                v -> v.add("request_id", ID)
                        .add("plaintext", Vectors.plaintext(json, 2_048))
                        .add(
                                "digest",
                                Crypto.sha256(Vectors.padded(json, 2_048)).base64())
                        .add(
                                "unknown",
                                List.of(unknown).stream()
                                        .map(JsonTree.Text::new)
                                        .toList()));
    }

    private void bounds(String name, Reason reason, String json) {
        refused(name, reason, json, json.length() < 2_000 ? 2_048 : 4_096);
    }

    private void refused(String name, Reason reason, String json, int size) {
        vectors.refused(
                "question", name, reason, v -> v.add("request_id", ID).add("plaintext", Vectors.plaintext(json, size)));
    }

    static String text(Question question) {
        return new String(question.plaintext().orElseThrow().toByteArray(), UTF_8).stripTrailing();
    }

    private static Question question(Intent intent, String action, UnaryOperator<Question.Builder> parts) {
        return parts.apply(Question.builder(intent, ID, Pair.NOW, Pair.NOW + 300, action, Assurance.TAP))
                .build();
    }
}
