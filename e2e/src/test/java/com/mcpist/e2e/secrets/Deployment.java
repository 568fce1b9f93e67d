package com.mcpist.e2e.secrets;

import com.mcpist.e2e.harness.Canary;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A deployment on platforms whose every secret is a canary, and where everybody who is called
 * repeats what it was told.
 */
final class Deployment implements AutoCloseable {
  static final String TOKEN = "ADMIN_TOKEN";

  private static final String DATABASE = "postgres://mcpist:%s@127.0.0.1:1/mcpist";

  final List<Canary> canaries =
      Stream.of(
              Stream.of(
                      "GATEWAY_SECRET",
                      TOKEN,
                      "KOYEB_TOKEN",
                      "FLY_API_TOKEN",
                      "CLOUDFLARE_API_TOKEN",
                      "CLOUDFLARE_ZONE_ID",
                      "SECRETS_GITHUB_TOKEN",
                      "GITHUB_TOKEN",
                      "EDGE_ADMIN_TOKEN",
                      "STRIPE_SECRET_KEY")
                  .map(Canary::of),
              Stream.of(Canary.of("DATABASE_URL", DATABASE)))
          .flatMap(part -> part)
          .toList();

  private final Path folder;
  private final Echo origins;
  private final Echo vendors;
  private final Canary webhook;

  /** Where the files of commands go is below the folder. */
  Deployment(Path folder, Echo origins, Echo vendors) throws IOException {
    this.folder = Files.createDirectories(folder);
    this.origins = origins;
    this.vendors = vendors;
    this.webhook = Canary.of("SLACK_WEBHOOK_URL", origins.url() + "/services/%s");
    Files.createDirectories(folder.resolve("tmp"));
    Files.writeString(folder.resolve("mcpist.yml"), file());
  }

  private String file() {
    return """
    service: notes
    domain: notes.localhost
    image: %s/me/notes@sha256:%s
    origins:
      - name: koyeb-primary
        platform: koyeb
        app: notes
        service: 8b2a91f0-6c3d-4e5f-9a7b-1c2d3e4f5a6b
        url: %s
      - name: flyio-standby
        platform: fly
        app: notes
        image: registry.fly.io/notes
        url: %s
    cloudflare:
      account: 0123456789abcdef0123456789abcdef
    secrets:
      GATEWAY_SECRET: [worker, origins]
      ADMIN_TOKEN: [worker, origins]
      DATABASE_URL: [origins]
      STRIPE_SECRET_KEY: [origins]
      KOYEB_TOKEN: [ci]
      FLY_API_TOKEN: [ci]
      CLOUDFLARE_API_TOKEN: [ci]
      CLOUDFLARE_ZONE_ID: [ci]
    notifications:
      webhook: SLACK_WEBHOOK_URL
    """
        .formatted(
            URI.create(vendors.url()).getAuthority(),
            "1".repeat(64),
            origins.url(),
            origins.url().replace("127.0.0.1", "localhost"));
  }

  /** All values, those that are to come for some of them too. */
  List<Canary> all() {
    return Stream.concat(canaries.stream(), Stream.of(webhook)).toList();
  }

  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>();
    all().forEach(canary -> environment.put(canary.name(), canary.value()));
    environment.put("KOYEB_API_URL", vendors.url());
    environment.put("FLY_API_URL", vendors.url() + "/v1");
    environment.put("CLOUDFLARE_API_URL", vendors.url());
    environment.put("GITHUB_API_URL", vendors.url());
    environment.put("GITHUB_REPOSITORY", "me/notes");
    environment.put("EDGE_ADMIN_URL", origins.url());
    environment.put("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + folder.resolve("tmp"));
    environment.put("TMPDIR", folder.resolve("tmp").toString());
    return environment;
  }

  /**
   * Runs a command.
   *
   * @param changed variables that are otherwise
   * @param line its arguments, with blanks between them; {@code EDGE} is where clients connect
   */
  Command.Result run(Map<String, String> changed, String line) throws IOException {
    String[] command =
        (Root.PATH.toAbsolutePath().resolve("mcpist") + " " + line.replace("EDGE", origins.url()))
            .split(" ", -1);
    ProcessBuilder builder = Root.process(folder, command).directory(folder.toFile());
    builder.environment().putAll(environment());
    builder.environment().putAll(changed);
    return Command.run(builder);
  }

  /** Which secrets somebody was told, as is meant. */
  List<String> told() {
    return Canary.found(all(), "", origins.told() + vendors.told()).stream()
        .map(found -> found.replace(" in ", ""))
        .toList();
  }

  @Override
  public void close() throws IOException {
    origins.close();
    vendors.close();
  }
}
