package com.mcpist.deploy.config;

import module java.base;

import com.mcpist.deploy.config.Deployment.Edge;
import com.mcpist.deploy.image.ImageReference;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.format.Format;
import com.networknt.schema.keyword.NonValidationKeyword;
import com.networknt.schema.path.NodePath;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** A file's schema in contract/: its {@code errorMessage}s go on from the key ("must be …"). */
final class DeploymentSchema {
  private static final List<Format> FORMATS =
      List.of(
          new TextFormat("address", DeploymentSchema::address),
          new TextFormat("address-block", DeploymentSchema::addressBlock),
          new TextFormat("image", ImageReference::parse),
          new TextFormat("listen", Hosting.Ssh.Listen::parse),
          new TextFormat("period", DeploymentSchema::period),
          new TextFormat("size", Edge.Size::parse));

  private static final Set<String> FORMS = Set.of("type", "pattern", "enum");
  private static final Set<String> QUOTED =
      Set.of("type", "pattern", "format", "enum", "minimum", "maximum");
  private static final SchemaRegistry REGISTRY = registry();

  static final DeploymentSchema DEPLOYMENT = new DeploymentSchema("mcpist.schema.json");
  static final DeploymentSchema MOUNTS = new DeploymentSchema("mounts.schema.json");
  private static final Schema URL = REGISTRY.getSchema(DEPLOYMENT.document.at("/$defs/url"));
  private static final Schema TEXT = REGISTRY.getSchema(MOUNTS.document.at("/$defs/text"));

  private final JsonNode document;
  private final Schema schema;

  private DeploymentSchema(String resource) {
    this.document = JsonMapper.shared().readTree(DeploymentFile.resource(resource));
    this.schema = REGISTRY.getSchema(document);
  }

  private static SchemaRegistry registry() {
    Dialect dialect =
        Dialect.builder(Dialects.getDraft202012())
            .keyword(new NonValidationKeyword("errorMessage"))
            .keyword(new NonValidationKeyword("errorMessages"))
            .formats(FORMATS)
            .build();
    SchemaRegistryConfig config =
        SchemaRegistryConfig.builder().locale(Locale.ENGLISH).formatAssertionsEnabled(true).build();
    return SchemaRegistry.withDefaultDialect(dialect, it -> it.schemaRegistryConfig(config));
  }

  private record TextFormat(String getName, Consumer<String> check) implements Format {
    @Override
    public boolean matches(ExecutionContext context, String text) {
      try {
        check.accept(text);
        return true;
      } catch (IllegalArgumentException _) {
        return false;
      }
    }
  }

  /** An absolute address on the web without a user and a fragment. */
  private static void address(String text) {
    URI uri = URI.create(text);
    require(
        Set.of("http", "https").contains(String.valueOf(uri.getScheme()))
            && uri.getHost() != null
            && uri.getRawUserInfo() == null
            && uri.getRawFragment() == null);
  }

  /** Addresses in CIDR notation. */
  private static void addressBlock(String text) {
    String[] parts = text.split("/", 2);
    require(parts.length == 2 && parts[0].matches("[0-9a-fA-F:.]+"));
    require(parts[1].matches("[0-9]{1,3}"));
    int bits = InetAddress.ofLiteral(parts[0]).getAddress().length * Byte.SIZE;
    require(Integer.parseInt(parts[1]) <= bits);
  }

  /** More than nothing, a day at most. */
  static Duration period(String text) {
    Duration duration = DeploymentFile.duration(text).orElse(Duration.ZERO);
    require(!duration.isZero() && duration.compareTo(Duration.ofDays(1)) <= 0);
    return duration;
  }

  private static void require(boolean right) {
    if (!right) {
      throw new IllegalArgumentException();
    }
  }

  static boolean isUrl(String text) {
    return URL.validate(StringNode.valueOf(text)).isEmpty();
  }

  /** Of mounts.json, with what it refers to. */
  static boolean isText(String text) {
    return TEXT.validate(StringNode.valueOf(text)).isEmpty();
  }

  /** Adds what the schema finds wrong to the tree's mistakes: one for each value. */
  void check(YamlTree tree) {
    Set<String> told = new HashSet<>();
    List<Error> errors = new ArrayList<>(schema.validate(tree.root()));
    // Where a key means nothing, its value does not matter.
    errors.sort(Comparator.comparing(error -> !error.getKeyword().equals("false")));
    for (Error error : errors) {
      String at = error.getInstanceLocation().toString();
      String property = error.getProperty();
      JsonNode rule = rule(error);
      switch (error.getKeyword()) {
        case "additionalProperties" ->
            tree.wrong(tree.keyPlace(at + "/" + property), unknownKey(error, rule));
        case "required" -> {
          String platform = at + "/platform";
          tree.wrong(
              tree.has(platform) ? tree.keyPlace(platform) : tree.valuePlace(at),
              rule.at("/errorMessages/required/" + property).asString());
        }
        case "dependentRequired" -> {
          String key = error.getSchemaNode().propertyNames().iterator().next();
          tree.wrong(tree.keyPlace(at + "/" + key), key + " " + problem(error, rule));
        }
        default -> {
          boolean container = error.getInstanceNode().isContainer();
          if (told.add(at)) {
            tree.wrong(
                container ? tree.keyPlace(at) : tree.valuePlace(at),
                name(error.getInstanceLocation()) + " " + problem(error, rule));
          }
        }
      }
    }
  }

  private JsonNode rule(Error error) {
    return document.at(error.getSchemaLocation().getFragment().getParent().toString());
  }

  /** What messages call a value: its key, or that of its list. */
  private static String name(NodePath path) {
    int last = path.getNameCount() - 1;
    if (last < 0) {
      return "the file";
    }
    if (!(path.getElement(last) instanceof Integer)) {
      return path.getName(last);
    }
    return path.getName(last - 1).equals("origins") ? "an origin" : path.getName(last - 1);
  }

  private static String unknownKey(Error error, JsonNode rule) {
    String key = error.getProperty();
    List<String> known = List.copyOf(rule.path("properties").propertyNames());
    return rule.at("/errorMessages/additionalProperties")
        .asStringOpt()
        .orElseGet(
            () ->
                "unknown key \"%s\" in %s. Known keys: %s.%s"
                    .formatted(
                        key,
                        name(error.getInstanceLocation()),
                        String.join(", ", known),
                        Spelling.hint(key, known)));
  }

  private String problem(Error error, JsonNode rule) {
    String keyword = error.getKeyword();
    JsonNode value = error.getInstanceNode();
    String types = rule.path("type").toString();
    boolean single = value.isValueNode() && !value.isNull();
    if (keyword.equals("type") && types.contains("object") && !types.contains("string")) {
      return "must be a mapping of keys to values (key: value), not a " + kind(value);
    }
    if (FORMS.contains(keyword) && !single && !types.contains("array")) {
      return "must be a single value, not " + (value.isNull() ? "empty" : "a " + kind(value));
    }
    if (keyword.equals("format") && rule.path("format").asString("").equals("image")) {
      return imageProblem(value.asString());
    }
    JsonNode messages = rule.path("errorMessages");
    String text = value.asString("");
    boolean secret = rule.path("writeOnly").asBoolean(false);
    boolean quoted = QUOTED.contains(keyword) && !secret && !text.isBlank();
    return messages
            .path(keyword)
            .asStringOpt()
            .or(() -> rule.path("errorMessage").asStringOpt())
            .orElseGet(() -> usualProblem(error, rule))
        + (quoted ? ", not \"" + text + "\"" : "")
        + (keyword.equals("enum") ? "." + Spelling.hint(text, words(rule)) : "");
  }

  /** What is said where the schema has no message of its own. */
  private String usualProblem(Error error, JsonNode rule) {
    String type = rule.path("type").asString("");
    return switch (error.getKeyword().equals("type") ? "type " + type : error.getKeyword()) {
      case "enum" -> "must be " + String.join(" or ", words(rule));
      case "type boolean" -> "must be true or false";
      case "type array" -> "must be a list (lines that start with a hyphen)";
      case "type integer", "minimum", "maximum" ->
          "must be a whole number from " + rule.path("minimum") + " to " + rule.path("maximum");
      case "false" -> otherPlatforms(error);
      default -> error.getMessage();
    };
  }

  private static String imageProblem(String text) {
    try {
      var _ = ImageReference.parse(text);
      return "must be an image";
    } catch (IllegalArgumentException e) {
      return "must be an image: " + e.getMessage();
    }
  }

  /** Of a key of an origin that only other platforms have. */
  private String otherPlatforms(Error error) {
    String key = name(error.getInstanceLocation());
    NodePath branch = error.getSchemaLocation().getFragment().getParent().getParent().getParent();
    String others =
        document
            .at("/$defs/origin/allOf")
            .valueStream()
            .filter(other -> !other.at("/then/properties").has(key))
            .map(DeploymentSchema::platform)
            .collect(Collectors.joining(" or "));
    String own = platform(document.at(branch.getParent().toString()));
    return "means nothing on platform " + own + ": remove it, or set platform: " + others;
  }

  private static String platform(JsonNode branch) {
    return branch.at("/if/properties/platform/const").asString();
  }

  void addDefaults(JsonNode root) {
    if (root instanceof ObjectNode file) {
      addDefaults(file, document);
      JsonNode service = file.get("service");
      if (file.path("cloudflare") instanceof ObjectNode cloudflare) {
        cloudflare.putIfAbsent("worker", service);
      }
      for (JsonNode origin : file.path("origins")) {
        if (origin instanceof ObjectNode ssh && ssh.path("platform").asString("").equals("ssh")) {
          ssh.putIfAbsent("app", service);
        }
      }
    }
  }

  private void addDefaults(JsonNode value, JsonNode reference) {
    JsonNode rule =
        reference.has("$ref")
            ? document.at(reference.get("$ref").asString().substring(1))
            : reference;
    if (value instanceof ObjectNode object) {
      rule.path("properties")
          .forEachEntry(
              (key, property) -> {
                JsonNode given = object.path(key);
                if (property.has("default") && (given.isMissingNode() || given.isNull())) {
                  object.set(key, property.get("default").deepCopy());
                }
                addDefaults(object.path(key), property);
              });
    }
    if (value.isArray()) {
      value.forEach(item -> addDefaults(item, rule.path("items")));
    }
  }

  private static List<String> words(JsonNode rule) {
    return rule.path("enum").valueStream().map(JsonNode::asString).toList();
  }

  private static String kind(JsonNode node) {
    return node.isObject() ? "mapping" : node.isArray() ? "list" : "single value";
  }
}
