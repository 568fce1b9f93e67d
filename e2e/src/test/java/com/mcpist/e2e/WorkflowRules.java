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
      Set.of("contents: read", "packages: read", "packages: write", "attestations: read");

  /** The rights of jobs that sign, by which others tell what this repository has made. */
  private static final Map<String, Set<String>> OF_SIGNING =
      Map.of(
          "job image", Set.of("id-token: write", "attestations: write"),
          "job publish", Set.of("contents: write", "id-token: write", "attestations: write"));

  private static final Pattern SECRET = Pattern.compile("\\bsecrets(\\.\\w|\\[)|\\(secrets\\)");

  /** The environments that only main, and only tags of releases, may use. */
  private static final Set<String> ENVIRONMENTS = Set.of("production", "release");

  /** A script that runs build tools, and so libraries, plugins and packages of strangers. */
  private static final Pattern BUILD =
      Pattern.compile(
          "(?m)\\b(mvnw?|npm|npx|(buildah|docker|podman) (buildx )?build|worker/build\\.sh"
              + "|build/package|build/try-release)(?![\\w.-])|\\.ci/run\\b");

  /** The workflows whose jobs may restore a cache: what they make is given to nobody. */
  private static final Set<String> CACHING = Set.of("ci", "dependencies");

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
    workflow
        .path("jobs")
        .properties()
        .forEach(
            job -> {
              checkJob(job, problems);
              checkWhatIsRun("job " + job.getKey(), workflow, job.getValue(), problems);
            });
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
   * Secrets are an environment's, which GitHub gives to main's jobs alone. So are the rights to
   * sign.
   */
  private static void checkEnvironment(String name, JsonNode job, List<String> problems) {
    boolean seesSecrets = SECRET.matcher(job.path("steps").toString()).find();
    String environment = job.path("environment").asString("");
    if (job.has("environment") && !ENVIRONMENTS.contains(environment)) {
      problems.add(name + " is in an environment that nobody has to set up: " + environment);
    }
    if (seesSecrets != environment.equals("production")) {
      problems.add(
          name
              + (seesSecrets
                  ? " uses secrets outside of the environment production"
                  : " is in the environment production without a secret"));
    }
    if (job.path("permissions").has("id-token") && environment.isEmpty()) {
      problems.add(name + " signs outside of an environment");
    }
  }

  /**
   * A job that has secrets, or that may sign, runs nothing that it has built, that a cache has held
   * or that another job may have replaced.
   */
  private static void checkWhatIsRun(
      String name, JsonNode workflow, JsonNode job, List<String> problems) {
    boolean trusted = job.has("environment") || SECRET.matcher(job.toString()).find();
    boolean program = false;
    for (JsonNode step : job.path("steps")) {
      String uses = step.path("uses").asString("");
      String run = step.path("run").asString("");
      boolean caches = uses.startsWith("actions/cache") || step.path("with").has("cache");
      if (caches && !CACHING.contains(workflow.path("name").asString(""))) {
        problems.add(name + " restores a cache");
      }
      if (!trusted) {
        continue;
      }
      if (BUILD.matcher(run).find()) {
        problems.add(name + " builds beside secrets");
      }
      if (uses.startsWith("actions/download-artifact@")) {
        problems.add(name + " runs an artifact whose digest is not checked");
      }
      program |=
          uses.equals("./.github/checked-artifact")
              && step.at("/with/name").asString("").equals("program")
              && step.at("/with/digest").asString("").contains("program");
      if (run.contains("./mcpist ")
          && !(program && workflow.at("/env/MCPIST_APP").asString("").equals("target/app"))) {
        problems.add(name + " runs a program that is built there");
      }
    }
  }

  /** Reading the sources and images, and writing images: only what signs needs more. */
  private static void checkPermissions(String name, JsonNode of, List<String> problems) {
    of.path("permissions")
        .properties()
        .forEach(
            permission -> {
              String granted = permission.getKey() + ": " + permission.getValue().asString();
              boolean signs = OF_SIGNING.getOrDefault(name, Set.of()).contains(granted);
              if (!PERMISSIONS.contains(granted) && !signs) {
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
