package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Members;
import java.util.List;
import java.util.Optional;

/** The plaintext of an answer's envelope: the signed text, and perhaps what a passkey signed beside it. */
record Response(String answer, Optional<Assertion> passkey) {

    Bytes pad(List<Integer> sizes) {
        var json = JsonTree.object().add("answer", answer);
        passkey.ifPresent(assertion -> json.add("passkey", assertion.toJson()));
        return Padding.pad(json.build(), sizes);
    }

    static Response read(Bytes plaintext, List<Integer> sizes) {
        Members members = Padding.read(plaintext, sizes);
        MemberReader json = new MemberReader(members, Reason.RESPONSE_MEMBER);
        Response response =
                new Response(json.text("answer"), json.optionalObject("passkey").map(Assertion::read));
        json.nothingElse();
        return response;
    }

    /** The sizes of answers to this question: a yes and a no look alike. */
    static List<Integer> sizes(Intent intent) {
        return intent == Intent.COLLECT ? Padding.COLLECT_RESPONSE : Padding.RESPONSE;
    }
}
