package com.mcpist.e2e.secrets;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Canary;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.CommandLines;
import com.mcpist.testkit.Conditions;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Secrets whose values would be known again anywhere go through every command and every error; then
 * all that was written is searched for them.
 */
@Tag("long")
class SecretsStaySecretIT {
  private static final int AT_ONCE = 4;

  /** Those that read. */
  private static final List<String> READING =
      List.of(
          "status --json",
          "doctor",
          "history",
          "verify --timeout 1s --notify --edge EDGE",
          "secrets check --notify",
          "secrets rotate ADMIN_TOKEN --timeout 1s --wait 1s",
          "keys list",
          "plans list --json",
          "users list");

  /** Those that change something where they are let. */
  private static final List<String> CHANGING =
      List.of(
          "deploy --dry-run --json",
          "deploy --release two --timeout 1s --wait 1s --patience 1s --edge EDGE",
          "rollback --timeout 1s --wait 1s",
          "rollback --worker --timeout 1s --wait 1s --edge EDGE",
          "drain koyeb-primary",
          "undrain koyeb-primary --timeout 1s --json",
          "secrets sync --timeout 1s --wait 1s --edge EDGE",
          "secrets sync --no-restart --force --json --wait 1s",
          "keys create laptop",
          "keys register laptop --digest " + "0".repeat(64),
          "keys revoke laptop",
          "plans set team --calls-per-minute 9 --calls-at-once 9",
          "users set alice --plan team");

  /** The value of one that is to come is in the environment. */
  private static final List<String> ROTATED =
      List.of("KOYEB_TOKEN", "DATABASE_URL", "CLOUDFLARE_ZONE_ID");

  private static CommandLines processes;
  private static ExecutorService threads;

  @TempDir private Path home;

  @BeforeAll
  static void watch() {
    processes = CommandLines.watched();
    threads = Executors.newFixedThreadPool(AT_ONCE);
  }

  @AfterAll
  static void end() throws Exception {
    processes.close();
    threads.shutdownNow();
  }

  @Test
  void theSearchFindsWhatIsThere() throws Exception {
    Canary canary = Canary.of("A_KEY");
    byte[] value = canary.value().getBytes(StandardCharsets.UTF_8);
    List<String> written =
        List.of(
            "x" + canary.value() + "x",
            canary.value().substring(11, 35),
            HexFormat.of().withUpperCase().formatHex(value),
            Base64.getEncoder().encodeToString(value),
            Base64.getEncoder()
                .encodeToString((" " + canary.value()).getBytes(StandardCharsets.UTF_8)),
            Base64.getEncoder()
                .encodeToString(("Me:" + canary.value() + ".").getBytes(StandardCharsets.UTF_8)));
    for (String text : written) {
      Path file = Files.writeString(home.resolve("log"), text);
      assertThat(Canary.found(List.of(canary), home)).as(text).containsExactly("A_KEY in " + file);
    }
    Files.writeString(home.resolve("log"), Canary.of("A_KEY").value());
    assertThat(Canary.found(List.of(canary), home)).isEmpty();

    Process shown = new ProcessBuilder("sh", "-c", "read -r _", canary.value()).start();
    try {
      Conditions.await("it is seen in a command line", () -> canary.isIn(processes.all()));
    } finally {
      shown.destroyForcibly();
    }
  }

  /** The origins answer, the vendors refuse; everybody answers; everybody refuses. */
  @Test
  void noCommandTellsWhatItIsToldInReturn() throws Exception {
    try (Deployment refused = new Deployment(home.resolve("a"), Echo.json(200), Echo.json(400));
        Deployment answered = new Deployment(home.resolve("b"), Echo.json(200), Echo.json(200));
        Deployment shut = new Deployment(home.resolve("c"), Echo.json(403), Echo.text(401))) {
      List<Deployment> deployments = List.of(refused, answered, shut);
      List<Canary> next = ROTATED.stream().map(n -> Canary.of(n + "_NEXT")).toList();
      ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (Deployment deployment : deployments) {
        List<String> commands = new ArrayList<>(READING);
        commands.addAll(deployment == shut ? List.of() : CHANGING);
        for (String command : commands) {
          tasks.add(() -> said.add(told(deployment, Map.of(), command)));
        }
        for (Canary one : deployment == refused ? next : List.<Canary>of()) {
          String command =
              "secrets rotate "
                  + one.name().replace("_NEXT", "")
                  + " --timeout 1s --wait 1s --force";
          tasks.add(() -> said.add(told(deployment, Map.of(one.name(), one.value()), command)));
        }
      }
      all(tasks);

      List<Canary> canaries = new ArrayList<>(next);
      deployments.forEach(deployment -> canaries.addAll(deployment.all()));
      assertThat(Canary.found(canaries, String.join("\n", said), processes, home)).isEmpty();
      assertThat(String.join("\n", said)).contains("echo of", "[redacted]");
      List<String> told = new ArrayList<>(refused.told());
      told.addAll(answered.told());
      assertThat(told)
          .contains(
              "GATEWAY_SECRET",
              "ADMIN_TOKEN",
              "KOYEB_TOKEN",
              "FLY_API_TOKEN",
              "CLOUDFLARE_API_TOKEN",
              "SECRETS_GITHUB_TOKEN",
              "EDGE_ADMIN_TOKEN",
              "DATABASE_URL",
              "STRIPE_SECRET_KEY",
              "SLACK_WEBHOOK_URL");
      assertThat(processes.all()).contains("com.mcpist.cli.Main\0secrets\0check");
    }
  }

  private static String told(Deployment deployment, Map<String, String> changed, String command)
      throws Exception {
    Command.Result result = deployment.run(changed, command + " --verbose");
    return "$ mcpist " + command + "\n" + result.all();
  }

  /** What cannot be used is refused by its name. */
  @Test
  void noCommandTellsAValueThatIsNone() throws Exception {
    try (Deployment deployment =
        new Deployment(home.resolve("d"), Echo.json(200), Echo.json(400))) {
      Map<String, String> commands = new HashMap<>();
      deployment.all().forEach(canary -> commands.put(canary.name(), "doctor"));
      commands.put("GATEWAY_SECRET", "status");
      commands.put("ADMIN_TOKEN", "secrets check");
      commands.put("EDGE_ADMIN_TOKEN", "drain koyeb-primary");
      commands.put("SECRETS_GITHUB_TOKEN", "secrets rotate ADMIN_TOKEN --timeout 1s");
      commands.put("DATABASE_URL", "secrets sync --dry-run");
      commands.put("STRIPE_SECRET_KEY", "secrets check --json");
      commands.put("SLACK_WEBHOOK_URL", "secrets check --notify");
      ConcurrentLinkedQueue<String> said = new ConcurrentLinkedQueue<>();
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (Canary canary : deployment.all()) {
        String command = commands.getOrDefault(canary.name(), "");
        tasks.add(
            () ->
                said.add(
                    told(
                        deployment,
                        Map.of(canary.name(), canary.as("%s\nX-Another: %<s").value()),
                        command)));
      }
      tasks.add(
          () ->
              said.add(
                  told(
                      deployment,
                      Map.of(
                          "STRIPE_SECRET_KEY",
                          value(deployment, "STRIPE_SECRET_KEY").substring(20)),
                      "secrets sync --dry-run")));
      tasks.add(
          () ->
              said.add(
                  told(
                      deployment,
                      Map.of("KOYEB_API_URL", "https://" + value(deployment, "KOYEB_TOKEN") + "@h"),
                      "secrets sync")));
      all(tasks);

      String all = String.join("\n", said);
      assertThat(Canary.found(deployment.all(), all, processes, home)).isEmpty();
      assertThat(all)
          .contains(
              "DATABASE_URL has a line break", "STRIPE_SECRET_KEY is too short: 28 characters")
          .contains("GATEWAY_SECRET is none", "ADMIN_TOKEN is none");
    }
  }

  private static String value(Deployment deployment, String name) {
    return deployment.all().stream()
        .filter(canary -> canary.name().equals(name))
        .findFirst()
        .orElseThrow()
        .value();
  }

  private static void all(List<Callable<Boolean>> tasks) throws Exception {
    for (Future<Boolean> done : threads.invokeAll(tasks)) {
      assertThat(done.get()).isTrue();
    }
  }
}
