package com.mcpist.deploy.config;

import module java.base;

import com.mcpist.deploy.config.ConfigException.Mistake;
import com.mcpist.deploy.config.ConfigException.Place;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** mounts.json: the servers that origins mount, and the variables to which it refers. */
public record Mounts(String file, ObjectNode root) {
  public static final String NAME = "mounts.json";

  /** By which an origin gets all of it. */
  public static final String VARIABLE = "MOUNTS";

  public static final String SERVERS = "mcpServers";

  /** Of no file: an origin that mounts something goes on. */
  public static final Mounts NONE = new Mounts(NAME, JsonNodeFactory.instance.objectNode());

  public static final Pattern MOUNT = Pattern.compile("[a-z][a-z0-9-]{0,31}");

  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)(\\{user})?(:-[^}]*)?}");
  private static final int MOST_BYTES = 64 * 1024;

  /** Where a server's references are. */
  private static final List<String> TEXTS = List.of("args", "env", "url", "headers");

  private record Reference(String mount, String variable, boolean ofUsers, boolean optional) {
    boolean required() {
      return !ofUsers && !optional;
    }
  }

  /** {@link #NONE} where there is no such file. */
  public static Mounts read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException _) {
      return NONE;
    } catch (IOException e) {
      throw new ConfigException(file.toString(), "cannot be read as UTF-8 text: " + e.getMessage());
    }
  }

  public static Mounts parse(String file, String text) {
    YamlTree tree = YamlTree.ofJson(file, text);
    DeploymentSchema.MOUNTS.check(tree);
    if (tree.root().toString().getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      tree.wrong(Place.FILE, "must be 64 KiB at most, without blanks between its parts");
    }
    tree.throwIfWrong();
    return new Mounts(file, (ObjectNode) tree.root());
  }

  /** Whether a file may refer to a variable: not to the settings of the origin's own. */
  public static boolean mayReferTo(String variable) {
    return DeploymentSchema.isText("${" + variable + "}");
  }

  public JsonNode servers() {
    return root.path(SERVERS);
  }

  public Set<String> names() {
    return new LinkedHashSet<>(servers().propertyNames());
  }

  /** With that one alone. */
  public Mounts only(String name) {
    ObjectNode one = JsonNodeFactory.instance.objectNode();
    one.putObject(SERVERS).set(name, servers().path(name));
    return new Mounts(file, one);
  }

  /** What an origin is told, which is nothing secret. */
  public Map<String, String> env() {
    return root.isEmpty() ? Map.of() : Map.of(VARIABLE, root.toString());
  }

  /** Those of an environment's variables to which it refers. */
  public Map<String, String> variables(Map<String, String> environment) {
    Map<String, String> found = new TreeMap<>(environment);
    List<Reference> references = references();
    found
        .keySet()
        .removeIf(
            name ->
                references.stream()
                    .noneMatch(
                        reference ->
                            reference.ofUsers()
                                ? name.startsWith(reference.variable())
                                : name.equals(reference.variable())));
    found.values().removeIf(String::isEmpty);
    return found;
  }

  /** Those that must be there, also if a user's are not. */
  public Set<String> required() {
    return references().stream()
        .filter(Reference::required)
        .map(Reference::variable)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Refuses it where a required variable is not among the known; the advice is for NAME. */
  public void require(Set<String> known, String advice) {
    List<Mistake> mistakes =
        references().stream()
            .filter(reference -> reference.required() && !known.contains(reference.variable()))
            .map(
                reference ->
                    "%s refers to ${%s}, which is not set. %s"
                        .formatted(
                            reference.mount(),
                            reference.variable(),
                            advice.replace("NAME", reference.variable())))
            .distinct()
            .map(problem -> new Mistake(Place.FILE, problem))
            .toList();
    if (!mistakes.isEmpty()) {
      throw new ConfigException(file, mistakes);
    }
  }

  private List<Reference> references() {
    List<Reference> references = new ArrayList<>();
    for (Map.Entry<String, JsonNode> server : servers().properties()) {
      for (String part : TEXTS) {
        REFERENCE
            .matcher(server.getValue().path(part).toString())
            .results()
            .map(
                found ->
                    new Reference(
                        server.getKey(),
                        found.group(1),
                        found.group(2) != null,
                        found.group(3) != null))
            .forEach(references::add);
      }
    }
    return references;
  }
}
