package com.mcpist.origin;

import com.mcpist.database.DatabaseUrl;
import com.mcpist.origin.admin.OwnSecrets;
import com.mcpist.origin.alert.AlertConfig;
import com.mcpist.origin.alert.DatabaseRoom;
import com.mcpist.origin.billing.BillingConfig;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.mount.client.Containment;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.telemetry.TraceSettings;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The origin's settings, all from the environment; docs/design/processes.md lists them. Gateway
 * secrets are empty in development only; without an admin token /api/admin is off; port 0 is any
 * free one; the image's digest is empty outside of one; a supervised one stops as standard input
 * ends; without a file for it there is no audit.
 */
public record OriginConfig(
    String environment,
    List<Secret> gatewaySecrets,
    List<Secret> adminTokens,
    SocketAddress address,
    Database.Config database,
    String release,
    String imageDigest,
    String instance,
    ModuleSettings modules,
    OwnSecrets ownSecrets,
    boolean supervised,
    boolean limits,
    Mounted mounted,
    AlertConfig alerts,
    BillingConfig billing,
    DatabaseRoom databaseRoom,
    @Nullable Path auditFile,
    TraceSettings traces) {
  private static final String DEVELOPMENT = "development";
  private static final Pattern ENVIRONMENT = Pattern.compile("[A-Za-z0-9._-]{0,64}");
  private static final int SHORTEST_SECRET = 32;
  private static final int MOST_CONNECTIONS = 200;

  /** Throws ConfigException for the first one with which the origin must not start. */
  public static OriginConfig of(Map<String, String> variables) throws ConfigException {
    Settings settings = new Settings(variables);
    String environment = settings.raw("ENVIRONMENT").orElse("");
    if (!ENVIRONMENT.matcher(environment).matches()) {
      throw new ConfigException(
          "ENVIRONMENT", "must be production-primary, production-standby or development");
    }
    if (!settings.raw("LOG_FORMAT").orElse("json").equals("json")) {
      throw new ConfigException("LOG_FORMAT", "must be json, or not set"); // logback.xml reads it.
    }
    boolean development = environment.equals(DEVELOPMENT);
    return new OriginConfig(
        environment,
        gatewaySecrets(settings, development),
        settings.secrets("ADMIN_TOKEN", SHORTEST_SECRET),
        address(settings, development),
        database(settings, development),
        settings.text("RELEASE", "dev"),
        settings.text("IMAGE_DIGEST", ""),
        settings.text("INSTANCE", thisProcess(settings)),
        new ModuleSettings(variables),
        OwnSecrets.of(variables),
        settings.flag("MCPIST_SUPERVISED", "true", "false", false),
        settings.flag("LIMITS", "on", "off", true),
        mounted(settings),
        alerts(settings),
        billing(settings, environment),
        databaseRoom(settings),
        auditFile(settings),
        traces(settings));
  }

  private static SocketAddress address(Settings settings, boolean development)
      throws ConfigException {
    String socket = settings.raw("SOCKET").orElse("");
    if (socket.isEmpty()) {
      return SocketAddress.inetSocketAddress(
          settings.number("PORT", 8000, 0, 65535),
          settings.text("HOST", development ? "127.0.0.1" : "0.0.0.0"));
    }
    if (settings.raw("HOST").isPresent() || settings.raw("PORT").isPresent()) {
      throw new ConfigException("SOCKET", "must not be set together with HOST or PORT");
    }
    if (!Path.of(socket).isAbsolute()) {
      throw new ConfigException("SOCKET", "must be the absolute path of a Unix socket");
    }
    return SocketAddress.domainSocketAddress(socket);
  }

  /** Whether this is a developer's own machine, where nobody asks for a secret. */
  public boolean development() {
    return environment.equals(DEVELOPMENT);
  }

  private static List<Secret> gatewaySecrets(Settings settings, boolean development)
      throws ConfigException {
    List<Secret> secrets = settings.secrets("GATEWAY_SECRET", SHORTEST_SECRET);
    if (secrets.isEmpty() && !development) {
      throw new ConfigException(
          "GATEWAY_SECRET",
          "is not set. Without it anybody could call this origin past the edge. Set it, or set"
              + " ENVIRONMENT=development on your own machine");
    }
    return secrets;
  }

  private static @Nullable Path auditFile(Settings settings) throws ConfigException {
    Path file = settings.raw("AUDIT_FILE").map(Path::of).orElse(null);
    if (file != null
        && (!file.isAbsolute()
            || Files.isDirectory(file)
            || !Files.isDirectory(file.resolveSibling("")))) {
      throw new ConfigException(
          "AUDIT_FILE", "must be the absolute path of a file in a folder that exists");
    }
    return file;
  }

  private static Mounted mounted(Settings settings) throws ConfigException {
    try {
      Containment.check(settings.environment());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(Containment.HIDDEN, "must be a JSON array of absolute paths");
    }
    try {
      return new Mounted(
          settings.raw("MOUNTS").map(MountConfig::parse).orElse(new MountConfig(List.of())),
          settings.environment());
    } catch (IllegalArgumentException e) {
      throw new ConfigException("MOUNTS", String.valueOf(e.getMessage()));
    }
  }

  private static AlertConfig alerts(Settings settings) throws ConfigException {
    try {
      return settings
          .raw("ALERTS")
          .map(json -> AlertConfig.parse(json, settings.environment()))
          .orElse(AlertConfig.NONE);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("ALERTS", String.valueOf(e.getMessage()));
    }
  }

  /** A key that nothing here uses is a module's, and no matter here. */
  private static BillingConfig billing(Settings settings, String environment)
      throws ConfigException {
    Optional<String> json = settings.raw("BILLING");
    if (json.isEmpty()) {
      return BillingConfig.NONE;
    }
    String key = settings.raw("STRIPE_SECRET_KEY").orElse("");
    Optional<String> problem =
        key.isEmpty() ? Optional.empty() : BillingConfig.problem(key, environment);
    if (problem.isPresent()) {
      throw new ConfigException("STRIPE_SECRET_KEY", problem.get());
    }
    List<String> webhookSecrets =
        settings.secrets("STRIPE_WEBHOOK_SECRET", 1).stream().map(Secret::value).toList();
    Optional<String> api = settings.raw("STRIPE_API_URL");
    if (api.isPresent()
        && !api.get().matches("https://[^/@]+|http://(127\\.0\\.0\\.1|localhost):[0-9]+")) {
      throw new ConfigException(
          "STRIPE_API_URL", "must be https:// and a host, or http on this machine");
    }
    try {
      return BillingConfig.parse(json.get(), key, webhookSecrets, api);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("BILLING", String.valueOf(e.getMessage()));
    }
  }

  private static DatabaseRoom databaseRoom(Settings settings) throws ConfigException {
    Path folder = settings.raw("DATABASE_DISK").map(Path::of).orElse(null);
    if (folder != null && !folder.isAbsolute()) { // One that is missing only warns of nothing.
      throw new ConfigException("DATABASE_DISK", "must be the absolute path of a folder");
    }
    try {
      return new DatabaseRoom(
          folder, settings.raw("DATABASE_LIMIT").map(DatabaseRoom::bytes).orElse(null));
    } catch (IllegalArgumentException e) {
      throw new ConfigException("DATABASE_LIMIT", String.valueOf(e.getMessage()));
    }
  }

  private static TraceSettings traces(Settings settings) throws ConfigException {
    try {
      return TraceSettings.of(settings.environment());
    } catch (IllegalArgumentException e) {
      String[] told = String.valueOf(e.getMessage()).split(" ", 2);
      throw new ConfigException(told[0], told[1]);
    }
  }

  private static Database.Config database(Settings settings, boolean development)
      throws ConfigException {
    Optional<String> url = settings.raw("DATABASE_URL");
    if (url.isEmpty() && !development) {
      throw new ConfigException(
          "DATABASE_URL", "is not set. It has the form postgres://user:password@host:port/name");
    }
    String used = url.orElse("postgres://postgres@127.0.0.1:5432/postgres");
    DatabaseUrl calls = settings.database("DATABASE_URL", used);
    Optional<String> direct = settings.raw("MIGRATION_DATABASE_URL");
    DatabaseUrl owner =
        direct.isPresent() ? settings.database("MIGRATION_DATABASE_URL", direct.get()) : null;
    return new Database.Config(
        calls,
        Optional.ofNullable(owner),
        settings.number("DATABASE_POOL_SIZE", 10, 1, MOST_CONNECTIONS),
        development);
  }

  private static String thisProcess(Settings settings) {
    return settings.raw("HOSTNAME").orElseGet(OriginConfig::hostName)
        + "-"
        + ProcessHandle.current().pid();
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /** A value that is nobody's to read: it prints redacted. */
  public record Secret(String value) {
    @Override
    public String toString() {
      return "[redacted]";
    }
  }

  /**
   * The servers that are mounted, and the environment of which their entries name what they get.
   * Prints without it.
   */
  public record Mounted(MountConfig config, Map<String, String> environment) {
    @Override
    public String toString() {
      return "Mounted[" + config.entries().size() + "]";
    }
  }

  /** The variables of the process, of which a module gets its own. Prints redacted. */
  public record ModuleSettings(Map<String, String> variables) {
    private static final Set<String> SHARED =
        Set.of("SUPABASE_URL", "SUPABASE_KEY", "STRIPE_SECRET_KEY");

    /** Those that begin with MODULE_ and the module's name, and those that all modules share. */
    Map<String, String> of(String module) {
      String own = "MODULE_" + module.toUpperCase(Locale.ROOT) + "_";
      Map<String, String> settings = new HashMap<>(variables);
      settings
          .entrySet()
          .removeIf(
              e ->
                  e.getValue().isEmpty()
                      || !(e.getKey().startsWith(own) || SHARED.contains(e.getKey())));
      return Map.copyOf(settings);
    }

    @Override
    public String toString() {
      return "[redacted]";
    }
  }

  /** A setting with which the origin does not start. The message names it, and never its value. */
  public static final class ConfigException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String variable;

    ConfigException(String variable, String problem) {
      super(variable + " " + problem);
      this.variable = variable;
    }

    public String variable() {
      return variable;
    }
  }

  /** Reads environment variables by their kind. An empty one is one that is not set. */
  private record Settings(Map<String, String> environment) {
    private static final int LONGEST_TEXT = 128;

    Optional<String> raw(String name) {
      return Optional.ofNullable(environment.get(name)).filter(v -> !v.isEmpty());
    }

    String text(String name, String otherwise) throws ConfigException {
      String value = raw(name).orElse(otherwise);
      if (value.length() > LONGEST_TEXT || value.chars().anyMatch(Character::isISOControl)) {
        throw new ConfigException(
            name, "must be one line of at most " + LONGEST_TEXT + " characters");
      }
      return value;
    }

    int number(String name, int otherwise, int least, int most) throws ConfigException {
      Optional<String> value = raw(name);
      if (value.isEmpty()) {
        return otherwise;
      }
      try {
        int number = Integer.parseInt(value.get());
        if (number >= least && number <= most) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Said below.
      }
      throw new ConfigException(name, "must be a number from " + least + " to " + most);
    }

    boolean flag(String name, String yes, String no, boolean otherwise) throws ConfigException {
      String value = raw(name).orElse(otherwise ? yes : no);
      if (!value.equals(yes) && !value.equals(no)) {
        throw new ConfigException(name, "must be " + yes + " or " + no);
      }
      return value.equals(yes);
    }

    DatabaseUrl database(String name, String url) throws ConfigException {
      try {
        return DatabaseUrl.parse(url);
      } catch (IllegalArgumentException e) {
        throw new ConfigException(name, "is " + e.getMessage());
      }
    }

    /** Several, separated by commas; empty when it is not set. */
    List<Secret> secrets(String name, int shortest) throws ConfigException {
      List<Secret> secrets = new ArrayList<>();
      String values = raw(name).orElse("");
      for (String value : values.isEmpty() ? new String[0] : values.split(",", -1)) {
        secrets.add(secret(name, value, shortest));
      }
      return secrets;
    }

    private static Secret secret(String name, String value, int shortest) throws ConfigException {
      if (value.isEmpty()) {
        throw new ConfigException(name, "has an empty value among its values");
      }
      if (value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
        throw new ConfigException(
            name, "contains a space, a line break, or a character that is not ASCII");
      }
      if (value.length() < shortest) {
        throw new ConfigException(name, "must have at least " + shortest + " characters");
      }
      return new Secret(value);
    }
  }
}
