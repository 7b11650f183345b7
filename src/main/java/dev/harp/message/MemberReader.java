package dev.harp.message;

import dev.harp.json.JsonTree;
import dev.harp.json.JsonTree.Flag;
import dev.harp.json.JsonTree.Items;
import dev.harp.json.JsonTree.Members;
import dev.harp.json.JsonTree.Text;
import dev.harp.json.JsonTree.Whole;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the members of an object one by one. A missing one, or one of another type, is refused with one given reason.
 */
final class MemberReader {
    private final Members members;
    private final Reason reason;
    private final Set<String> taken = new HashSet<>();

    MemberReader(Members members, Reason reason) {
        this.members = members;
        this.reason = reason;
    }

    static MemberReader of(JsonTree value, Reason reason) {
        if (value instanceof Members members) {
            return new MemberReader(members, reason);
        }
        throw new Refusal(reason);
    }

    String text(String name) {
        return optionalText(name).orElseThrow(this::refusal);
    }

    Optional<String> optionalText(String name) {
        return optional(name).map(value -> {
            if (value instanceof Text(String text)) {
                return text;
            }
            throw refusal();
        });
    }

    long whole(String name) {
        if (required(name) instanceof Whole(long value)) {
            return value;
        }
        throw refusal();
    }

    boolean flag(String name) {
        if (required(name) instanceof Flag(boolean value)) {
            return value;
        }
        throw refusal();
    }

    /** Canonical base64url text of any length. */
    Bytes bytes(String name) {
        return Bytes.ofBase64(text(name)).orElseThrow(this::refusal);
    }

    Bytes bytes(String name, int length) {
        Bytes bytes = bytes(name);
        unless(bytes.length() == length);
        return bytes;
    }

    List<JsonTree> items(String name) {
        if (required(name) instanceof Items(List<JsonTree> values)) {
            return values;
        }
        throw refusal();
    }

    List<JsonTree> optionalItems(String name) {
        return members.get(name).isPresent() ? items(name) : List.of();
    }

    MemberReader object(String name) {
        return of(required(name), reason);
    }

    Optional<MemberReader> optionalObject(String name) {
        return optional(name).map(value -> of(value, reason));
    }

    JsonTree any(String name) {
        return required(name);
    }

    boolean has(String name) {
        return members.get(name).isPresent();
    }

    /** The names that nobody has taken, in their order. */
    List<String> untaken() {
        return members.values().keySet().stream()
                .filter(name -> !taken.contains(name))
                .toList();
    }

    /** Refuses members that nobody has taken: they might be conditions. */
    void nothingElse() {
        unless(untaken().isEmpty());
    }

    void unless(boolean condition) {
        Refusal.unless(condition, reason);
    }

    Refusal refusal() {
        return new Refusal(reason);
    }

    private Optional<JsonTree> optional(String name) {
        taken.add(name);
        return members.get(name);
    }

    private JsonTree required(String name) {
        return optional(name).orElseThrow(this::refusal);
    }
}
