package com.mcpist.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The checkout under test, and an environment for its programs that nothing of the machine's own
 * leaks into.
 */
public final class Root {

  /** The root of the checkout. */
  public static final Path PATH = Path.of(System.getProperty("mcpist.root", "."));

  /** The assembled programs. */
  public static final Path APP = PATH.resolve("target/app");

  /** What can be made again is made once for all tests. */
  static final Path CACHE = PATH.resolve("e2e/target/cache").toAbsolutePath();

  private static final Set<String> OURS =
      Set.of(
          "ENVIRONMENT",
          "GATEWAY_SECRET",
          "ADMIN_TOKEN",
          "EDGE_ADMIN_TOKEN",
          "EDGE_CONFIG",
          "EDGE_JOURNAL",
          "AUDIT_FILE",
          "LOG_FORMAT",
          "LOG_PREFIX",
          "HOST",
          "PORT",
          "DATABASE_URL",
          "MIGRATION_DATABASE_URL",
          "DATABASE_POOL_SIZE",
          "RELEASE",
          "IMAGE_DIGEST",
          "INSTANCE",
          "MCPIST_SUPERVISED",
          "SUPABASE_URL",
          "SUPABASE_KEY",
          "STRIPE_SECRET_KEY",
          "STRIPE_WEBHOOK_SECRET",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS");

  private Root() {}

  /** The JDK that runs the tests, which is also the one for the programs. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** A process in the checkout, with a home folder of its own and no setting of MCPist's. */
  public static ProcessBuilder process(Path home, String... command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(PATH.toFile());
    builder.environment().keySet().removeAll(OURS);
    builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_"));
    builder.environment().put("HOME", home.toString());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("MCPIST_APP", APP.toString());
    builder.environment().put("XDG_CACHE_HOME", CACHE.toString());
    return builder;
  }

  /** The text of a file of the checkout. */
  public static String text(String file) {
    try {
      return Files.readString(PATH.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
