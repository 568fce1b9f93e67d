package com.mcpist.deploy.platform.cloudflare;

import module java.base;

import com.mcpist.deploy.config.Deployment.Limits;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.http.Call.Body;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.secret.Secret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A release of the Worker. {@code state} is the title of the KV namespace in which the Worker keeps
 * what is drained.
 */
public record WorkerRelease(Bundle bundle, String release, JsonNode edgeConfig, String state) {
  static final String EDGE_CONFIG = "EDGE_CONFIG";

  /** The length of the longest tag that Cloudflare accepts. */
  private static final int MARK_LENGTH = 24;

  /** The length of the longest message that Cloudflare accepts. */
  private static final int MESSAGE_LENGTH = 100;

  public static String stateOf(String worker) {
    return worker + "-state";
  }

  String mark(String namespace) {
    return Bundle.digest(settings(namespace).toString(), bundle.module()).substring(0, MARK_LENGTH);
  }

  Body form(String namespace) {
    ObjectNode metadata = settings(namespace);
    metadata
        .putObject("annotations")
        .put(WorkerVersion.MESSAGE, message())
        .put(WorkerVersion.MARK, mark(namespace));
    return Body.form(
        List.of(
            new Body.Part("metadata", "application/json", metadata.toString(), false),
            new Body.Part(Bundle.MODULE, "application/javascript+module", bundle.module(), true)));
  }

  String message() {
    return release.substring(0, Math.min(MESSAGE_LENGTH, release.length()));
  }

  private ObjectNode settings(String namespace) {
    ObjectNode metadata = Call.object();
    metadata.put("main_module", Bundle.MODULE);
    metadata.put("compatibility_date", bundle.compatibilityDate());
    bundle.compatibilityFlags().forEach(metadata.putArray("compatibility_flags")::add);
    ArrayNode bindings = metadata.putArray("bindings");
    text(bindings, EDGE_CONFIG, edgeConfig.toString());
    text(bindings, "RELEASE", release);
    bindings
        .addObject()
        .put("type", "kv_namespace")
        .put("name", "STATE")
        .put("namespace_id", namespace);
    if (edgeConfig.path("limits").isObject()) {
      JsonNode limits = edgeConfig.path("limits");
      int address = limits.path("addressPerMinute").asInt(Limits.DEFAULT.addressPerMinute());
      int user = limits.path("userPerSecond").asInt(Limits.DEFAULT.userPerSecond());
      limit(bindings, "ADDRESS_LIMIT", address, 60);
      limit(bindings, "USER_LIMIT", user * 10, 10);
    }
    // A binding that is not named would be removed, and the secrets are not named here.
    metadata.putArray("keep_bindings").add("secret_text");
    return metadata;
  }

  /**
   * Adds a rate limit. Cloudflare counts by periods of 10 or 60 seconds, and counts the calls of
   * all limits with the same namespace together.
   */
  private void limit(ArrayNode bindings, String name, int limit, int seconds) {
    if (limit > 0) {
      CRC32 number = new CRC32();
      number.update((state + " " + name).getBytes(StandardCharsets.UTF_8));
      bindings
          .addObject()
          .put("type", "ratelimit")
          .put("name", name)
          .put("namespace_id", Long.toString(number.getValue()))
          .putObject("simple")
          .put("limit", limit)
          .put("period", seconds);
    }
  }

  private static void text(ArrayNode bindings, String name, String text) {
    bindings.addObject().put("type", "plain_text").put("name", name).put("text", text);
  }

  /**
   * The bundle of a built Worker. If {@code observability} is empty, whether Cloudflare keeps the
   * Worker's logs stays as it is.
   */
  public record Bundle(
      String module,
      String compatibilityDate,
      List<String> compatibilityFlags,
      Optional<Boolean> observability) {
    public static final String MODULE = "index.js";

    private static final Path BUILT = Path.of("dist", MODULE);
    private static final List<String> SETTINGS =
        List.of("wrangler.jsonc", "wrangler.json", "wrangler.toml");
    private static final Pattern DATE =
        Pattern.compile("\"?compatibility_date\"?\\s*[:=]\\s*\"(\\d{4}-\\d{2}-\\d{2})\"");
    private static final Pattern FLAGS =
        Pattern.compile("\"?compatibility_flags\"?\\s*[:=]\\s*\\[([^\\]]*)]");
    private static final Pattern OBSERVABILITY =
        Pattern.compile(
            "(?:\"observability\"\\s*:\\s*\\{|\\[observability])[^{}\\[]*?\\benabled\"?\\s*[:=]\\s*(true|false)");
    private static final Pattern WORD = Pattern.compile("\"([a-z0-9_]+)\"");

    public static Bundle read(Path folder) {
      Path built = folder.resolve(BUILT);
      if (!Files.isRegularFile(built)) {
        throw missing(built + " is not there");
      }
      try {
        String settings = settings(folder);
        Matcher date = DATE.matcher(settings);
        if (!date.find()) {
          throw missing("wrangler's settings in " + folder + " have no compatibility_date");
        }
        return new Bundle(
            Files.readString(built), date.group(1), flags(settings), observability(settings));
      } catch (IOException e) {
        throw missing("the bundle cannot be read: " + e.getMessage());
      }
    }

    public String name() {
      return "worker-" + digest(module).substring(0, 12);
    }

    private static String settings(Path folder) throws IOException {
      for (String name : SETTINGS) {
        if (Files.isRegularFile(folder.resolve(name))) {
          return Files.readString(folder.resolve(name));
        }
      }
      throw missing("there is no " + SETTINGS.getFirst() + " in " + folder);
    }

    private static List<String> flags(String settings) {
      List<String> flags = new ArrayList<>();
      Matcher list = FLAGS.matcher(settings);
      if (list.find()) {
        WORD.matcher(list.group(1)).results().forEach(word -> flags.add(word.group(1)));
      }
      return flags;
    }

    private static Optional<Boolean> observability(String settings) {
      Matcher enabled = OBSERVABILITY.matcher(settings);
      return enabled.find() ? Optional.of(Boolean.valueOf(enabled.group(1))) : Optional.empty();
    }

    private static PlatformException missing(String problem) {
      return new PlatformException(
          Kind.REJECTED,
          CloudflareAccess.NAME,
          "read the bundle",
          problem,
          "Build it: worker/build.sh");
    }

    static String digest(String... texts) {
      MessageDigest digest = Secret.sha256();
      for (String text : texts) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
      }
      return HexFormat.of().formatHex(digest.digest());
    }
  }
}
