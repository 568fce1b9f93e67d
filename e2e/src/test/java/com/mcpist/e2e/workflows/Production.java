package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Canary;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.McpConnection;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.VendorOrigins;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.Issuer;
import com.mcpist.testkit.PostgresServer;
import com.mcpist.testkit.RawHttp;
import com.mcpist.testkit.host.ContainerHost;
import com.mcpist.testkit.host.OciImage;
import com.mcpist.testkit.vendor.CloudflareServer;
import com.mcpist.testkit.vendor.GitHubServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * A deployment of a stranger's: on Koyeb and Fly.io behind a Worker on Cloudflare, with images in
 * two registries, each by the name that it has on the internet. The vendors' interfaces are
 * stand-ins; origins, Worker, database, registries and commands are real.
 */
final class Production implements AutoCloseable {
  static final String REPOSITORY = "me/notes";
  static final String IMAGE = "ghcr.io/" + REPOSITORY;
  static final String DOMAIN = "notes.example.com";

  /** Where GitHub keeps its secrets. */
  static final String ENVIRONMENT = "production";

  private static final String ON_KOYEB = "notes-me.koyeb.app";
  private static final String ON_FLY = "notes-me.fly.dev";
  private static final String SUPABASE = "abcdefghijklmnopqrst.supabase.co";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** The registries know no others: they have digests of these, by bcrypt. */
  private static final String GITHUB_TOKEN = "ghs_the-token-of-a-workflow-in-a-test-0123456789";

  private static final String GITHUB_USER =
      "me:$2a$04$0BhIVaA2gnZo7dVT71Tl9e9A9M3hkXog1kBvquJm/qh5c6lG.IJIa";
  private static final String FLY_TOKEN = "fm2_the-token-of-an-app-on-fly-in-a-test-0123456789";
  private static final String FLY_USER =
      "x:$2a$04$wHAwjCUuWrgtQaqln2i7K.EGMcIHXQ4VZ0LE4YtJbDOlVylx9hF3i";

  private static final List<String> OF_ORIGINS =
      List.of(
          "GATEWAY_SECRET",
          "ADMIN_TOKEN",
          "DATABASE_URL",
          "MIGRATION_DATABASE_URL",
          "SUPABASE_URL",
          "SUPABASE_KEY",
          "STRIPE_SECRET_KEY",
          "STRIPE_WEBHOOK_SECRET");

  final CloudflareServer cloudflare =
      new CloudflareServer(
          "notes", "example.com", "lb.example.com", List.of(Pair.PRIMARY, Pair.STANDBY));
  final GitHubServer github = new GitHubServer(REPOSITORY);
  final ContainerRegistry images;
  final ContainerRegistry copies;
  final LocalInternet internet;
  private final Path folder;
  private final PostgresServer database = PostgresServer.start();
  private final VendorOrigins origins =
      new VendorOrigins(
          IMAGE + "@" + VendorOrigins.OLD, Map.of("ENVIRONMENT", "production-primary"), OF_ORIGINS);
  private final FaultServer webhook =
      FaultServer.start()
          .always(new Behaviour.Answer(200, Map.of(), "ok".getBytes(StandardCharsets.UTF_8)));
  private final Issuer issuer = Issuer.start();
  private final CloudflareWorker worker;
  private final Map<String, Canary> secrets = new LinkedHashMap<>();

  /** Brings it to life as docs/operations/first-deployment.md does, by commands of a person. */
  Production(Path folder) throws Exception {
    this.folder = folder;
    var _ = issuer.key("a", "ES256");
    images =
        new ContainerRegistry(
            Toolbox.registry().orElseThrow(), folder.resolve("images"), GITHUB_USER);
    copies =
        new ContainerRegistry(Toolbox.registry().orElseThrow(), folder.resolve("copies"), FLY_USER);
    worker =
        new CloudflareWorker(
            cloudflare,
            Map.of(
                "https://" + ON_KOYEB,
                "http://127.0.0.1:" + origins.port(Pair.PRIMARY),
                "https://" + ON_FLY,
                "http://127.0.0.1:" + origins.port(Pair.STANDBY)),
            folder.resolve("worker"));
    internet = new LocalInternet(folder.resolve("certificates"), names());
    makeSecrets();
    github.containerPackage("users/me", "notes", REPOSITORY);
    secrets().forEach((name, value) -> github.storedByHand(ENVIRONMENT, name, value));
    origins.koyeb.authorization("Bearer " + secret("KOYEB_TOKEN"));
    origins.fly.authorization(secret("FLY_API_TOKEN"));
    cloudflare.authorization("Bearer " + secret("CLOUDFLARE_API_TOKEN"));
    try {
      begin();
    } catch (Exception | AssertionError e) {
      close();
      throw e;
    }
  }

  private Map<String, Integer> names() {
    Map<String, Integer> names = new HashMap<>();
    names.put("ghcr.io", images.port());
    names.put("registry.fly.io", copies.port());
    names.put("app.koyeb.com", origins.koyeb.url().getPort());
    names.put("api.machines.dev", origins.fly.url().getPort());
    names.put("api.cloudflare.com", cloudflare.url().getPort());
    names.put("api.github.com", github.url().getPort());
    names.put("hooks.slack.com", webhook.port());
    names.put(SUPABASE, issuer.server().port());
    names.put(DOMAIN, worker.port());
    names.put(ON_KOYEB, origins.port(Pair.PRIMARY));
    names.put(ON_FLY, origins.port(Pair.STANDBY));
    return names;
  }

  /** What docs/operations/secrets.md tells a person to store in GitHub. */
  private void makeSecrets() {
    for (String name :
        List.of(
            "GATEWAY_SECRET",
            "ADMIN_TOKEN",
            "SUPABASE_KEY",
            "STRIPE_SECRET_KEY",
            "STRIPE_WEBHOOK_SECRET",
            "KOYEB_TOKEN",
            "CLOUDFLARE_API_TOKEN",
            "SECRETS_GITHUB_TOKEN",
            "SECRETS_READ_TOKEN",
            "TERRAFORM_STATE_ACCESS_KEY",
            "TERRAFORM_STATE_SECRET_KEY",
            "EDGE_ADMIN_TOKEN")) {
      secrets.put(name, Canary.of(name));
    }
    String at = "@127.0.0.1:" + database.url().replaceAll(".*:", "");
    secrets.put("DATABASE_URL", Canary.of("DATABASE_URL", "postgres://mcpist:%s" + at));
    secrets.put(
        "MIGRATION_DATABASE_URL",
        Canary.of("MIGRATION_DATABASE_URL", "postgres://" + PostgresServer.USER + ":%s" + at));
    secrets.put(
        "SLACK_WEBHOOK_URL", Canary.of("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/%s"));
    secrets.put("FLY_API_TOKEN", Canary.known("FLY_API_TOKEN", FLY_TOKEN).as("FlyV1 %s"));
    secrets.put("GITHUB_TOKEN", Canary.known("GITHUB_TOKEN", GITHUB_TOKEN));
    secrets.put(
        "CLOUDFLARE_ZONE_ID", new Canary("CLOUDFLARE_ZONE_ID", CloudflareServer.ZONE, List.of()));
    // These are shown to people, or name what is no secret.
    Map.of(
            "SUPABASE_URL",
            "https://" + SUPABASE,
            "TERRAFORM_STATE_ENDPOINT",
            "https://state.example.com",
            "TERRAFORM_STATE_BUCKET",
            "the-state-of-notes",
            "EDGE_ADMIN_URL",
            "",
            "SSH_PRIVATE_KEY",
            "",
            "SSH_KNOWN_HOSTS",
            "")
        .forEach((name, value) -> secrets.put(name, new Canary(name, value, List.of())));
  }

  private void begin() throws Exception {
    Files.writeString(folder.resolve("mcpist.yml"), file());
    cloudflare.uploadedBySomebodyElse();
    cloudflare.deployedBySomebodyElse();
    assertDone("secrets", "sync", "--no-restart");
    origins.start();
    Conditions.await("the origins answer", LIMIT, () -> run("history").code() == 0);
    worker.start();
    String bundle = Root.PATH.resolve("worker").toAbsolutePath().toString();
    assertDone("deploy", "--worker", "--no-verify", "--release", "one", "--bundle", bundle);
    Conditions.await("it can be verified", LIMIT, () -> run("verify").code() == 0);
  }

  /** mcpist.yml. */
  String file() {
    return """
    service: notes
    domain: %s
    image: %s:main
    origins:
      - name: koyeb-primary
        platform: koyeb
        app: notes
        service: %s
        url: https://%s
      - name: flyio-standby
        platform: fly
        app: notes
        image: registry.fly.io/notes
        url: https://%s
    auth:
      jwt: supabase
    cloudflare:
      account: %s
    secrets:
      GATEWAY_SECRET: [worker, origins]
      ADMIN_TOKEN: [worker, origins]
      DATABASE_URL: [origins]
      MIGRATION_DATABASE_URL: [origins]
      SUPABASE_URL: [origins]
      SUPABASE_KEY: [origins]
      STRIPE_SECRET_KEY: [origins]
      STRIPE_WEBHOOK_SECRET: [origins]
      KOYEB_TOKEN: [ci]
      FLY_API_TOKEN: [ci]
      CLOUDFLARE_API_TOKEN: [ci]
      CLOUDFLARE_ZONE_ID: [ci]
    notifications:
      webhook: SLACK_WEBHOOK_URL
    """
        .formatted(
            DOMAIN, IMAGE, VendorOrigins.SERVICE, ON_KOYEB, ON_FLY, CloudflareServer.ACCOUNT);
  }

  /** Stores what a job needs to reach a host. */
  void reach(ContainerHost host) throws IOException {
    String key = host.privateKey();
    List<String> lines = key.lines().filter(line -> !line.startsWith("-----")).toList();
    secrets.put("SSH_PRIVATE_KEY", new Canary("SSH_PRIVATE_KEY", key, lines));
    secrets.put("SSH_KNOWN_HOSTS", new Canary("SSH_KNOWN_HOSTS", host.knownHost(), List.of()));
  }

  /** Puts an image into the registry that workflows use. */
  void push(OciImage image, String tag) throws IOException {
    images.push(image, REPOSITORY, tag, "me:" + GITHUB_TOKEN);
  }

  /** What GitHub has, and the token that it gives each run. */
  Map<String, String> secrets() {
    Map<String, String> values = new HashMap<>();
    secrets.forEach((name, canary) -> values.put(name, canary.value()));
    values.values().removeIf(String::isEmpty);
    return values;
  }

  /** All of them, to look for. */
  Collection<Canary> canaries() {
    return secrets.values();
  }

  /** The names of those that a person stores. */
  Stream<String> names(Collection<String> except) {
    return secrets.keySet().stream().filter(name -> !except.contains(name));
  }

  String secret(String name) {
    return Optional.ofNullable(secrets.get(name)).orElseThrow().value();
  }

  /** {@code mcpist} on a machine that has the secrets. */
  Command.Result run(String... arguments) throws IOException {
    return run(secrets(), arguments);
  }

  /** The same, on one that has these. */
  Command.Result run(Map<String, String> environment, String... arguments) throws IOException {
    String[] line =
        Stream.concat(
                Stream.of(Root.PATH.toAbsolutePath().resolve("mcpist").toString()),
                Stream.of(arguments))
            .toArray(String[]::new);
    ProcessBuilder builder = Root.process(folder, line).directory(folder.toFile());
    builder.environment().putAll(internet.environment());
    builder.environment().putAll(environment);
    return Command.run(builder, LIMIT);
  }

  private void assertDone(String... arguments) throws IOException {
    Command.Result result = run(arguments);
    assertThat(result.code()).as(String.join(" ", arguments) + "\n" + result.all()).isZero();
  }

  /** Somebody makes another token at the platform, and stores it as the one to come. */
  void newToken(String name) {
    Canary next = Canary.of(name + "_NEXT");
    secrets.put(next.name(), next);
    github.storedByHand(ENVIRONMENT, next.name(), next.value());
    origins.koyeb.authorization("Bearer " + next.value());
  }

  /** GitHub's secret is what it has been made by a workflow. */
  void takeFromGitHub(String name) {
    Canary next = Objects.requireNonNull(secrets.remove(name + "_NEXT"));
    assertThat(github.secret(ENVIRONMENT, name)).contains(next.value());
    assertThat(github.secret(ENVIRONMENT, next.name())).isEmpty();
    secrets.put(name, next);
  }

  /** Which image the primary runs, by its platform. */
  String onKoyeb() {
    return origins.koyeb.serving().path("docker").path("image").asString("");
  }

  /** The status of a client's call by the edge, with a key. */
  int call(String key) throws IOException {
    String request =
        McpConnection.request("/mcp", "tools/list", Map.of(), "Authorization: Bearer " + key);
    return RawHttp.exchange(worker.port(), request.replace("Host: localhost", "Host: " + DOMAIN))
        .status();
  }

  /** What people were told. */
  List<String> told() {
    return webhook.requests().stream()
        .filter(request -> secret("SLACK_WEBHOOK_URL").endsWith(request.target()))
        .map(HttpMessage::body)
        .map(body -> JsonMapper.shared().readTree(body).path("text").asString(""))
        .toList();
  }

  /** What was wrong with requests to the vendors, and names that nobody has. */
  List<String> violations() {
    return Stream.of(
            origins.violations(),
            cloudflare.violations(),
            github.violations(),
            internet.strangers())
        .flatMap(List::stream)
        .toList();
  }

  @Override
  public void close() throws IOException {
    worker.close();
    origins.close();
    internet.close();
    images.close();
    copies.close();
    webhook.close();
    issuer.close();
    cloudflare.close();
    github.close();
    database.close();
  }
}
