package com.mcpist.e2e.terraform;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.vendor.CloudflareServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A copy of terraform/ that terraform or tofu works in, with the state in a file. The program finds
 * its provider as on this machine otherwise.
 */
final class TerraformFolder {
  /** The provider is a large download. */
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private static final String STATE = "terraform.tfstate";

  private final String program;
  private final Path folder;
  private String cloudflare = "";

  TerraformFolder(String program, Path home) throws IOException {
    this.program = program;
    this.folder =
        Files.createDirectories(
            home.resolve("" + Path.of(program).getFileName()).resolve("terraform"));
    try (Stream<Path> files = Files.list(Root.PATH.resolve("terraform"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".tf")).toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    Files.writeString(
        folder.resolve("backend_override.tf"), "terraform {\n  backend \"local\" {}\n}\n");
  }

  /** What `init` says, which is 0 where the program and its provider are there. */
  Command.Result init() {
    try {
      return run("init");
    } catch (IOException e) {
      return new Command.Result(1, "", e.toString());
    }
  }

  /** Nothing has been applied yet, and what is applied from now on is on this Cloudflare. */
  void start(CloudflareServer server, String file) throws IOException {
    cloudflare = server.url() + "/";
    forget();
    says(file);
  }

  /** The state is lost. */
  void forget() throws IOException {
    Files.deleteIfExists(folder.resolve(STATE));
    Files.deleteIfExists(folder.resolve(STATE + ".backup"));
  }

  /** What mcpist.yml says from now on. */
  void says(String file) throws IOException {
    Files.writeString(folder.resolveSibling("mcpist.yml"), file);
  }

  /** Whatever it says. */
  Command.Result run(String... arguments) throws IOException {
    ProcessBuilder builder = Root.process(folder, program).directory(folder.toFile());
    builder.command().addAll(List.of(arguments));
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(TerraformFolder::changesWhatIsTested);
    environment.put("HOME", System.getProperty("user.home"));
    environment.put("CHECKPOINT_DISABLE", "1");
    environment.put("TF_IN_AUTOMATION", "1");
    environment.put("TF_INPUT", "0");
    environment.put("TF_CLI_ARGS", "-no-color");
    environment.put("TF_VAR_zone_id", CloudflareServer.ZONE);
    environment.put("CLOUDFLARE_BASE_URL", cloudflare);
    environment.put("CLOUDFLARE_API_TOKEN", "0123456789012345678901234567890123456789");
    return Command.run(builder, LIMIT);
  }

  private static boolean changesWhatIsTested(String name) {
    return name.matches("(CLOUDFLARE|AWS|TF_VAR)_.*|TF_(WORKSPACE|DATA_DIR)");
  }

  /** What it prints; it must not fail. */
  String done(String... arguments) throws IOException {
    Command.Result result = run(arguments);
    assertThat(result.code()).as(String.join(" ", arguments) + "\n" + result.all()).isZero();
    return result.out();
  }

  void applied(String... options) throws IOException {
    done(
        Stream.concat(Stream.of("apply", "-auto-approve"), Stream.of(options))
            .toArray(String[]::new));
  }

  /** A plan has nothing to change, not even an output. */
  void isUnchanged() throws IOException {
    Command.Result plan = run("plan", "-detailed-exitcode");
    assertThat(plan.code()).as("a plan after it was applied\n" + plan.all()).isZero();
  }

  /** What a plan would do, such as {@code cloudflare_load_balancer.edge[0]: create}. */
  List<String> changes() throws IOException {
    done("plan", "-out=plan");
    JsonNode plan = JsonMapper.shared().readTree(done("show", "-json", "plan"));
    return plan.path("resource_changes")
        .valueStream()
        .flatMap(
            one ->
                one.at("/change/actions")
                    .valueStream()
                    .map(action -> one.path("address").asString() + ": " + action.asString()))
        .filter(change -> !change.endsWith(": no-op"))
        .toList();
  }
}
