import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import jakarta.json.JsonWriter;
import jakarta.json.stream.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Leaves in a CycloneDX list of parts those whose bytes are in a folder of libraries, and fails if the folder has a jar
 * that the list does not know: Sbom ALL NAME FOLDER OUT [APP LOCK]. If the folder APP has the approver's app, the npm
 * packages that package-lock.json, LOCK, does not mark as tools of the development are parts as well.
 */
class Sbom {
    public static void main(String[] arguments) throws IOException, NoSuchAlgorithmException {
        JsonObject all;
        try (var reader = Json.createReader(Files.newBufferedReader(Path.of(arguments[0])))) {
            all = reader.readObject();
        }
        Map<String, Path> missing = digests(Path.of(arguments[2]));
        Set<String> kept = new HashSet<>();
        JsonArrayBuilder components = Json.createArrayBuilder();
        for (JsonObject component : all.getJsonArray("components").getValuesAs(JsonObject.class)) {
            if (missing.remove(sha256(component)) != null) {
                components.add(component);
                kept.add(component.getString("bom-ref"));
            }
        }
        if (!missing.isEmpty()) {
            System.err.println("Sbom: not in " + arguments[0] + ": " + missing.values());
            System.exit(1);
        }
        if (arguments.length > 4 && Files.exists(Path.of(arguments[4], "hashes.json"))) {
            npm(Path.of(arguments[5])).forEach(components::add);
        }
        JsonObject program = all.getJsonObject("metadata").getJsonObject("component");
        kept.add(program.getString("bom-ref"));
        JsonObject metadata = Json.createObjectBuilder(all.getJsonObject("metadata"))
                .add("component", Json.createObjectBuilder(program).add("name", arguments[1]))
                .build();
        JsonObject some = Json.createObjectBuilder(all)
                .add("metadata", metadata)
                .add("components", components)
                .add("dependencies", dependencies(all.getJsonArray("dependencies"), kept))
                .build();
        try (JsonWriter writer = Json.createWriterFactory(Map.of(JsonGenerator.PRETTY_PRINTING, true))
                .createWriter(Files.newBufferedWriter(Path.of(arguments[3])))) {
            writer.write(some);
        }
    }

    private static List<JsonObject> npm(Path lock) throws IOException {
        JsonObject packages;
        try (var reader = Json.createReader(Files.newBufferedReader(lock))) {
            packages = reader.readObject().getJsonObject("packages");
        }
        List<JsonObject> parts = new ArrayList<>();
        for (String place : new TreeSet<>(packages.keySet())) {
            JsonObject each = packages.getJsonObject(place);
            if (!place.isEmpty() && !each.getBoolean("dev", false)) {
                parts.add(npmPart(place.replaceFirst(".*node_modules/", ""), each));
            }
        }
        return parts;
    }

    /** As CycloneDX has an npm package: its scope is the group. */
    private static JsonObject npmPart(String name, JsonObject each) {
        String version = each.getString("version");
        String purl = "pkg:npm/" + name.replace("@", "%40") + "@" + version;
        int slash = name.indexOf('/');
        JsonObjectBuilder part =
                Json.createObjectBuilder().add("type", "library").add("bom-ref", purl);
        if (slash >= 0) {
            part.add("group", name.substring(0, slash));
        }
        String digest = each.getString("integrity").replaceFirst("^sha512-", "");
        return part.add("name", name.substring(slash + 1))
                .add("version", version)
                .add("scope", "required")
                .add(
                        "hashes",
                        Json.createArrayBuilder()
                                .add(Json.createObjectBuilder()
                                        .add("alg", "SHA-512")
                                        .add(
                                                "content",
                                                HexFormat.of()
                                                        .formatHex(Base64.getDecoder()
                                                                .decode(digest)))))
                .add(
                        "licenses",
                        Json.createArrayBuilder()
                                .add(Json.createObjectBuilder().add("expression", each.getString("license"))))
                .add("purl", purl)
                .build();
    }

    private static JsonArrayBuilder dependencies(JsonArray all, Set<String> kept) {
        JsonArrayBuilder some = Json.createArrayBuilder();
        for (JsonObject each : all.getValuesAs(JsonObject.class)) {
            if (kept.contains(each.getString("ref"))) {
                JsonArrayBuilder targets = Json.createArrayBuilder();
                each
                        .getOrDefault("dependsOn", JsonValue.EMPTY_JSON_ARRAY)
                        .asJsonArray()
                        .getValuesAs(JsonString.class)
                        .stream()
                        .filter(target -> kept.contains(target.getString()))
                        .forEach(targets::add);
                some.add(Json.createObjectBuilder(each).add("dependsOn", targets));
            }
        }
        return some;
    }

    private static String sha256(JsonObject component) {
        return component
                .getOrDefault("hashes", JsonValue.EMPTY_JSON_ARRAY)
                .asJsonArray()
                .getValuesAs(JsonObject.class)
                .stream()
                .filter(hash -> hash.getString("alg").equals("SHA-256"))
                .map(hash -> hash.getString("content"))
                .findFirst()
                .orElse("");
    }

    private static Map<String, Path> digests(Path folder) throws IOException, NoSuchAlgorithmException {
        Map<String, Path> digests = new TreeMap<>();
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(Predicate.not(Files::isDirectory)).toList()) {
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
                digests.put(HexFormat.of().formatHex(digest), file);
            }
        }
        return digests;
    }
}
