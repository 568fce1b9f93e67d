package com.mcpist.deploy.config;

import module java.base;

import com.mcpist.deploy.config.Auth.Tokens;
import com.mcpist.deploy.config.Deployment.Alert;
import com.mcpist.deploy.config.Deployment.Cloudflare;
import com.mcpist.deploy.config.Deployment.Edge;
import com.mcpist.deploy.config.Deployment.Limits;
import com.mcpist.deploy.config.Deployment.Monitor;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.config.Deployment.Stripe;
import com.mcpist.deploy.image.ImageReference;
import tools.jackson.core.JsonParser;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

public final class DeploymentFile {
  public static final String NAME = "mcpist.yml";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .addModule(new SimpleModule().addDeserializer(Duration.class, new PeriodReader()))
          .build();

  private static final TypeReference<Map<String, Set<SecretTarget>>> SECRETS =
      new TypeReference<>() {};
  private static final TypeReference<List<Alert>> ALERTS = new TypeReference<>() {};
  private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
  private static final TypeReference<Map<String, String>> ENV = new TypeReference<>() {};

  private DeploymentFile() {}

  /**
   * The deployment that folder's mcpist.yml describes, or the built-in one where it has none, with
   * the mounts of its mounts.json.
   */
  public static Deployment find(Path folder) {
    Path file = folder.resolve(NAME);
    return (Files.exists(file) ? read(file) : builtIn())
        .with(Mounts.read(folder.resolve(Mounts.NAME)));
  }

  public static Deployment read(Path file) {
    try {
      return parse(file.toString(), Files.readString(file));
    } catch (NoSuchFileException _) {
      throw new ConfigException(file.toString(), "there is no such file");
    } catch (IOException e) {
      throw new ConfigException(file.toString(), "cannot be read as UTF-8 text: " + e.getMessage());
    }
  }

  /** The pair that `up` runs where there is no file. */
  public static Deployment builtIn() {
    try {
      return parse("built-in " + NAME, "");
    } catch (ConfigException e) {
      throw new IllegalStateException(e);
    }
  }

  static String resource(String name) {
    try (InputStream in =
        Objects.requireNonNull(DeploymentFile.class.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static Deployment parse(String file, String text) {
    YamlTree tree = new YamlTree(file, text);
    DeploymentSchema.DEPLOYMENT.check(tree);
    DeploymentSchema.DEPLOYMENT.addDefaults(tree.root());
    DeploymentRules.check(tree);
    tree.throwIfWrong();
    return deployment(tree.root());
  }

  private static Deployment deployment(JsonNode file) {
    return new Deployment(
        file.get("service").asString(),
        text(file, "domain"),
        text(file, "image").map(ImageReference::parse),
        file.get("origins").valueStream().map(DeploymentFile::origin).toList(),
        MAPPER.treeToValue(file.get("monitor"), Monitor.class),
        MAPPER.treeToValue(file.get("edge"), Edge.class),
        given(file, "auth").map(DeploymentFile::auth),
        given(file, "limits").map(DeploymentFile::limits),
        given(file, "cloudflare").map(json -> MAPPER.treeToValue(json, Cloudflare.class)),
        secrets(file),
        MAPPER.treeToValue(file.get("notifications"), Deployment.Notifications.class),
        given(file, "alerts").map(json -> MAPPER.treeToValue(json, ALERTS)),
        given(file, "billing").map(json -> MAPPER.treeToValue(json.get("stripe"), Stripe.class)),
        Mounts.NONE);
  }

  /** Those of alerts and of billing too, where nothing else is said of them. */
  private static Map<String, Set<SecretTarget>> secrets(JsonNode file) {
    Map<String, Set<SecretTarget>> secrets = MAPPER.treeToValue(file.get("secrets"), SECRETS);
    Set<SecretTarget> tellers =
        given(file, "cloudflare").isPresent()
            ? Set.of(SecretTarget.ORIGINS, SecretTarget.WORKER)
            : Set.of(SecretTarget.ORIGINS);
    for (JsonNode alert : file.path("alerts")) {
      secrets.putIfAbsent(alert.get("secret").asString(), tellers);
    }
    if (given(file, "billing").isPresent()) {
      secrets.putIfAbsent(Stripe.KEY, Set.of(SecretTarget.ORIGINS));
      secrets.putIfAbsent(Stripe.WEBHOOK_SECRET, Set.of(SecretTarget.ORIGINS));
    }
    return secrets;
  }

  private static Origin origin(JsonNode json) {
    Hosting hosting =
        switch (json.get("platform").asString()) {
          case "koyeb" -> MAPPER.treeToValue(json, Hosting.Koyeb.class);
          case "fly" -> MAPPER.treeToValue(json, Hosting.Fly.class);
          case "ssh" -> MAPPER.treeToValue(json, Hosting.Ssh.class);
          default -> new Hosting.Local();
        };
    return new Origin(
        json.get("name").asString(),
        hosting,
        text(json, "image").map(ImageReference::parse),
        text(json, "url"),
        MAPPER.treeToValue(json.get("env"), ENV));
  }

  private static Auth auth(JsonNode json) {
    if (json.isString()) {
      return new Auth.None();
    }
    return new Auth.Required(
        json.get("keys").asBoolean(), given(json, "jwt").map(DeploymentFile::tokens));
  }

  private static Tokens tokens(JsonNode json) {
    if (json.isString()) {
      return new Tokens.Supabase(Optional.empty(), List.of());
    }
    boolean supabase = json.get("issuer").asString().equals(Tokens.Supabase.WORD);
    return supabase
        ? MAPPER.treeToValue(json, Tokens.Supabase.class)
        : MAPPER.treeToValue(json, Tokens.Issuer.class);
  }

  private static Limits limits(JsonNode json) {
    return json.isString() ? Limits.NONE : MAPPER.treeToValue(json, Limits.class);
  }

  private static Optional<JsonNode> given(JsonNode json, String key) {
    return json.optional(key).filter(value -> !value.isNull());
  }

  private static Optional<String> text(JsonNode json, String key) {
    return json.optional(key).map(JsonNode::asString);
  }

  /** As in {@code 500ms}, {@code 30s}, {@code 5m} or {@code 1h}; empty when it is not so. */
  public static Optional<Duration> duration(String text) {
    Matcher matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          default -> Duration.ofHours(amount);
        });
  }

  private static final class PeriodReader extends StdDeserializer<Duration> {
    PeriodReader() {
      super(Duration.class);
    }

    @Override
    public Duration deserialize(JsonParser parser, DeserializationContext context) {
      return duration(parser.getString()).orElseThrow();
    }
  }
}
