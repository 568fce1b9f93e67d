package com.mcpist.origin.mount.client;

import com.mcpist.module.Tool.Effect;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The servers that are mounted, in the file's order, as contract/mounts.schema.json has them. */
public record MountConfig(List<Entry> entries) {
  private static final int MOST_BYTES = 64 * 1024;

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY).build();

  /** One mounted server. The memory is of its process's whole tree, the timeout of one call. */
  public record Entry(
      String name,
      Server server,
      boolean perUser,
      boolean pin,
      Duration timeout,
      long memoryBytes,
      Map<String, ToolRule> tools) {

    /**
     * The values of the variables that the entry refers to, and of those that every process has:
     * what {@link MountedServer#of} takes.
     *
     * @param user whose copy of the server it is; of no matter without {@code per_user}
     * @throws MountException of kind NOT_SENT: a variable is not set, and is named
     */
    public Map<String, String> resolve(Map<String, String> environment, String user)
        throws MountException {
      return References.resolve(server.texts().values(), environment, user);
    }
  }

  public sealed interface Server {
    /** What may have references, by its place in the entry. */
    Map<String, String> texts();
  }

  /** A program that speaks on its standard input and output. */
  public record Stdio(
      String command, List<String> args, Map<String, String> env, Optional<String> cwd)
      implements Server {
    @Override
    public Map<String, String> texts() {
      Map<String, String> texts = new LinkedHashMap<>();
      for (int i = 0; i < args.size(); i++) {
        texts.put("args/" + i, args.get(i));
      }
      env.forEach((name, value) -> texts.put("env/" + name, value));
      return texts;
    }

    @Override
    public String toString() {
      return "Stdio[" + command + "]";
    }
  }

  /** A server at an address. */
  public record Http(String url, Map<String, String> headers) implements Server {
    @Override
    public Map<String, String> texts() {
      Map<String, String> texts = new LinkedHashMap<>(Map.of("url", url));
      headers.forEach((name, value) -> texts.put("headers/" + name, value));
      return texts;
    }

    @Override
    public String toString() {
      return "Http[redacted]";
    }
  }

  /** What the file says of a tool beyond its own annotations. */
  public record ToolRule(Optional<Effect> effect, Optional<Key> key) {}

  /** Where a tool takes an idempotency key. */
  public sealed interface Key {
    record Argument(String name) implements Key {}

    record Meta(String name) implements Key {}
  }

  /**
   * Reads the text of mounts.json.
   *
   * @throws IllegalArgumentException what is wrong, continued from "MOUNTS", without a value
   */
  public static MountConfig parse(String text) {
    if (text.getBytes(StandardCharsets.UTF_8).length > MOST_BYTES) {
      throw new IllegalArgumentException("must have at most 64 KiB");
    }
    JsonNode tree;
    try {
      tree = MAPPER.readTree(text);
    } catch (JacksonException e) {
      var where = e.getLocation();
      throw new IllegalArgumentException(
          where == null || where.getLineNr() < 1
              ? "is not valid JSON"
              : "is not valid JSON: line %d, column %d"
                  .formatted(where.getLineNr(), where.getColumnNr()));
    }
    JsonNode document = document();
    schema(document).validate(tree).stream()
        .findFirst()
        .ifPresent(
            error -> {
              throw new IllegalArgumentException("is wrong: " + described(error, document));
            });
    List<Entry> entries = new ArrayList<>();
    tree.path("mcpServers").forEachEntry((name, value) -> entries.add(entry(name, value)));
    return new MountConfig(List.copyOf(entries));
  }

  private static JsonNode document() {
    try (InputStream file = MountConfig.class.getResourceAsStream("mounts.schema.json")) {
      return MAPPER.readTree(Objects.requireNonNull(file, "mounts.schema.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Schema schema(JsonNode document) {
    Dialect dialect =
        Dialect.builder(Dialects.getDraft202012())
            .keyword(new NonValidationKeyword("errorMessage"))
            .keyword(new NonValidationKeyword("errorMessages"))
            .build();
    var config = SchemaRegistryConfig.builder().locale(Locale.ENGLISH).build();
    return SchemaRegistry.withDefaultDialect(dialect, it -> it.schemaRegistryConfig(config))
        .getSchema(document);
  }

  /** The place, as mcpServers/github/timeout_seconds, and what is wrong there. */
  private static String described(Error error, JsonNode document) {
    boolean strange = error.getKeyword().equals("additionalProperties");
    String at =
        error.getInstanceLocation().toString().replaceFirst("^/", "")
            + (strange ? "/" + error.getProperty() : "");
    JsonNode rule = document.at(error.getSchemaLocation().getFragment().getParent().toString());
    JsonNode own = rule.path("errorMessages").path(error.getKeyword());
    String problem =
        (own.isObject() ? own.path(error.getProperty()) : own)
            .asStringOpt()
            .or(() -> rule.path("errorMessage").asStringOpt())
            .orElse(strange ? "unknown key" : error.getMessage());
    return (at.isEmpty() ? problem : at + ": " + problem).replaceFirst("^/", "");
  }

  private static Entry entry(String name, JsonNode value) {
    boolean perUser = value.path("per_user").asBoolean(false);
    Server server = value.has("url") ? http(value) : stdio(value);
    server
        .texts()
        .forEach(
            (place, text) -> {
              String problem = References.problem(text, perUser);
              if (!problem.isEmpty()) {
                throw new IllegalArgumentException(
                    "is wrong: mcpServers/%s/%s: %s".formatted(name, place, problem));
              }
            });
    Map<String, ToolRule> tools = new LinkedHashMap<>();
    value.path("tools").forEachEntry((tool, rule) -> tools.put(tool, rule(rule)));
    return new Entry(
        name,
        server,
        perUser,
        value.path("pin").asBoolean(false),
        Duration.ofSeconds(value.path("timeout_seconds").asLong(300)),
        value.path("memory_mib").asLong(512) << 20,
        Map.copyOf(tools));
  }

  private static Server stdio(JsonNode value) {
    return new Stdio(
        value.path("command").asString(),
        value.path("args").valueStream().map(JsonNode::asString).toList(),
        strings(value.path("env")),
        value.path("cwd").asStringOpt());
  }

  private static Server http(JsonNode value) {
    return new Http(value.path("url").asString(), strings(value.path("headers")));
  }

  private static Map<String, String> strings(JsonNode object) {
    Map<String, String> strings = new LinkedHashMap<>();
    object.forEachEntry((name, value) -> strings.put(name, value.asString()));
    return Collections.unmodifiableMap(strings);
  }

  private static ToolRule rule(JsonNode rule) {
    Optional<Effect> effect =
        rule.path("effect")
            .asStringOpt()
            .map(
                name ->
                    switch (name) {
                      case "reads" -> Effect.READS;
                      case "idempotent" -> Effect.ACTS_OUTSIDE_IDEMPOTENTLY;
                      default -> Effect.ACTS_OUTSIDE;
                    });
    Optional<Key> argument = rule.path("key").path("argument").asStringOpt().map(Key.Argument::new);
    Optional<Key> meta = rule.path("key").path("meta").asStringOpt().map(Key.Meta::new);
    return new ToolRule(effect, argument.or(() -> meta));
  }
}
