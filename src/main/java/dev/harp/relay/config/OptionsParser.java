package dev.harp.relay.config;

import io.helidon.common.media.type.MediaType;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.spi.ConfigNode.ObjectNode;
import io.helidon.config.spi.ConfigParser;
import io.helidon.config.spi.ConfigParserException;
import java.io.InputStreamReader;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Parses {@code application.yaml} for Helidon's configuration, more strictly than Helidon's own YAML parser.
 *
 * <p>Scalars keep the text that the file has. Helidon's parser converts them first: {@code 1234567890123456.0} becomes
 * {@code 1.234567890123456E15}, {@code 010001} becomes 4097, and {@code on} becomes {@code true}. A key that stands
 * twice is an error, where Helidon's parser logs a warning and the last one wins.
 *
 * <p>No message quotes the file: the quoted line could have the registration key in it.
 */
final class OptionsParser implements ConfigParser {
    /** Parts between dots must not be empty: Helidon's configuration overflows the stack on such a key. */
    private static final Pattern KEY = Pattern.compile("[^.]+(\\.[^.]+)*");

    private static final Set<Tag> SCALARS = Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.TIMESTAMP, Tag.NULL);

    @Override
    public Set<MediaType> supportedMediaTypes() {
        return Set.of(MediaTypes.APPLICATION_X_YAML, MediaTypes.APPLICATION_YAML);
    }

    /**
     * Parses one mapping of options, or of mappings of options.
     *
     * @throws ConfigParserException with a message that may be shown: what is wrong, and in which line
     */
    @Override
    @SuppressWarnings("deprecation") // Helidon has a method with includes besides, but this one is the abstract one.
    public ObjectNode parse(Content content) {
        LoaderOptions limits = new LoaderOptions();
        // A mapping that contains itself would have no end. Aliases of scalars are not limited.
        limits.setMaxAliasesForCollections(0);
        StreamReader reader = new StreamReader(new InputStreamReader(content.data(), content.charset()));
        try {
            Node root = new Composer(new ParserImpl(reader, limits), new Resolver(), limits).getSingleNode();
            ObjectNode.Builder options = ObjectNode.builder();
            if (root != null) {
                collect("", mapping(root), options, new HashMap<>());
            }
            return options.build();
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark().getLine() + 1;
            int column = e.getProblemMark().getColumn() + 1;
            throw new ConfigParserException("not valid YAML (line " + line + ", column " + column + ")", e);
        } catch (YAMLException e) {
            throw new ConfigParserException("not valid YAML", e);
        }
    }

    /** Adds each scalar under its path, with a dot between the keys, and notes the line of each path. */
    private static void collect(
            String parent, MappingNode mapping, ObjectNode.Builder options, Map<String, Integer> lines) {
        for (NodeTuple entry : mapping.getValue()) {
            String path = parent + key(entry.getKeyNode());
            int line = line(entry.getKeyNode());
            Integer first = lines.putIfAbsent(path, line);
            if (first != null) {
                throw new ConfigParserException("the same key stands twice (lines " + first + " and " + line + ")");
            }
            if (entry.getValueNode() instanceof ScalarNode scalar) {
                options.addValue(path, text(scalar));
            } else {
                collect(path + ".", mapping(entry.getValueNode()), options, lines);
            }
        }
    }

    private static String key(Node node) {
        if (node instanceof ScalarNode scalar && KEY.matcher(text(scalar)).matches()) {
            return scalar.getValue();
        }
        throw new ConfigParserException("not the name of an option (line " + line(node) + ")");
    }

    /** An explicit tag other than those of plain scalars would ask for an object of some class. */
    private static String text(ScalarNode scalar) {
        if (!SCALARS.contains(scalar.getTag())) {
            throw new ConfigParserException("an unknown tag (line " + line(scalar) + ")");
        }
        return scalar.getTag().equals(Tag.NULL) ? "" : scalar.getValue();
    }

    private static MappingNode mapping(Node node) {
        if (node instanceof MappingNode mapping && mapping.getTag().equals(Tag.MAP)) {
            return mapping;
        }
        throw new ConfigParserException("neither text nor options (line " + line(node) + ")");
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
