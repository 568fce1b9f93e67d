package com.mcpist.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What a workflow must keep to besides being a workflow, which the linter sees to. */
final class WorkflowRules {

  private static final Pattern USES = Pattern.compile("(?m)^\\s*(?:- )?uses: *(.*)$");

  /** An action of another repository by its commit, with the version that a person would say. */
  private static final Pattern PINNED =
      Pattern.compile("[\\w.-]+/[\\w./-]+@[0-9a-f]{40} # v\\d+\\.\\d+\\.\\d+|\\./\\.github/\\S+");

  private static final Set<String> PERMISSIONS =
      Set.of("contents: read", "packages: read", "packages: write");

  /** What publishes a release may besides write that, and be known to who certifies signatures. */
  private static final Set<String> OF_PUBLISHING =
      Set.of("contents: write", "id-token: write", "attestations: write");

  private static final Pattern SECRET = Pattern.compile("secrets\\.(?!NVD_API_KEY\\b)");

  private static final YAMLMapper YAML = new YAMLMapper();

  private WorkflowRules() {}

  /** What is wrong with it; empty when nothing is. */
  static List<String> problems(String text) {
    List<String> problems = new ArrayList<>();
    USES.matcher(text)
        .results()
        .map(use -> use.group(1))
        .filter(use -> !PINNED.matcher(use).matches())
        .forEach(use -> problems.add("not pinned by commit, with its version: " + use));
    JsonNode workflow = YAML.readTree(text);
    if (!workflow.path("permissions").isObject()) {
      problems.add("permissions are missing");
    }
    checkPermissions("the workflow", workflow, problems);
    workflow.path("jobs").properties().forEach(job -> checkJob(job, problems));
    return problems;
  }

  private static void checkJob(Map.Entry<String, JsonNode> entry, List<String> problems) {
    String name = "job " + entry.getKey();
    JsonNode job = entry.getValue();
    checkPermissions(name, job, problems);
    if (!job.has("uses") && !job.path("timeout-minutes").isInt()) {
      problems.add(name + " has no timeout");
    }
    checkSecrets(name, job.path("env"), problems);
    checkEnvironment(name, job, problems);
    boolean java = false;
    for (JsonNode step : job.path("steps")) {
      checkStep(name, step, problems);
      java |= step.path("uses").asString("").startsWith("actions/setup-java@");
      if (!java && step.path("run").asString("").matches("(?s).*\\./(mcpist|mvnw)\\b.*")) {
        problems.add(name + " runs Java that is not set up");
      }
    }
  }

  /**
   * The production's secrets may be an environment's, which only its jobs see, and after approval.
   */
  private static void checkEnvironment(String name, JsonNode job, List<String> problems) {
    boolean seesSecrets = SECRET.matcher(job.path("steps").toString()).find();
    boolean inProduction = job.path("environment").asString("").contains("production");
    if (seesSecrets != inProduction) {
      problems.add(
          name
              + (seesSecrets
                  ? " uses secrets outside of the environment production"
                  : " is in the environment production without a secret"));
    }
  }

  /** Reading the sources and images, and writing images: only a release needs more. */
  private static void checkPermissions(String name, JsonNode of, List<String> problems) {
    of.path("permissions")
        .properties()
        .forEach(
            permission -> {
              String granted = permission.getKey() + ": " + permission.getValue().asString();
              boolean publishes = name.equals("job publish") && OF_PUBLISHING.contains(granted);
              if (!PERMISSIONS.contains(granted) && !publishes) {
                problems.add(name + " has permission " + granted);
              }
            });
  }

  private static void checkStep(String job, JsonNode step, List<String> problems) {
    // What an expression stands for becomes part of the script: a title of an issue, say, or a
    // secret, which would then be an argument of a process.
    if (step.path("run").asString("").contains("${{")) {
      problems.add(job + " has an expression in a script");
    }
    checkSecrets(job, step.path("with"), problems);
    boolean checkout = step.path("uses").asString("").startsWith("actions/checkout@");
    if (checkout && step.path("with").path("persist-credentials").asBoolean(true)) {
      problems.add(job + " leaves its token in the checkout");
    }
  }

  private static void checkSecrets(String job, JsonNode values, List<String> problems) {
    if (values.toString().contains("secrets.") || values.toString().contains("github.token")) {
      problems.add(job + " gives a secret to more than the step that needs it");
    }
  }
}
