package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Canary;
import com.mcpist.e2e.harness.CommandLines;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.workflows.WorkflowFile.Step;
import com.mcpist.testkit.host.OciImage;
import com.mcpist.testkit.vendor.GitHubServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A deployment, the repository that it comes from, and what runs that repository's workflows. */
final class Stage implements AutoCloseable {
  static final String MAIN = "refs/heads/main";

  final Production production;
  final Checkout checkout;
  private final Act act;
  private final Path done;
  private final Path attestations;
  private final CommandLines processes = CommandLines.watched();
  private final Set<Step> steps = new LinkedHashSet<>();

  Stage(Path folder) throws Exception {
    production = new Production(Files.createDirectories(folder.resolve("production")));
    checkout = Checkout.in(folder.resolve("checkout"), production.file());
    done = Files.createFile(folder.resolve("done"));
    attestations = Files.createFile(folder.resolve("attestations"));
    act = new Act(folder.resolve("act"), environment());
    for (WorkflowFile workflow : WorkflowFile.all()) {
      JsonNode inputs = workflow.yaml().at("/on/workflow_dispatch/inputs");
      production.github.workflow(workflow.yaml().path("name").asString() + ".yml", inputs);
    }
  }

  /** What a machine of GitHub's has by itself, or the actions that are called bring. */
  private Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(production.internet.environment());
    environment.put("TERM", "dumb");
    environment.put("JDK", System.getProperty("java.home"));
    environment.put("PROGRAM", Root.APP.toAbsolutePath().toString());
    environment.put(
        "WORKER_MODULES", Root.PATH.resolve("worker/node_modules").toAbsolutePath().toString());
    environment.put("TERRAFORM", Toolbox.STAND_INS.resolve("terraform").toString());
    environment.put("PLAN", "{\"resource_changes\": []}");
    environment.put("TESTS", "0");
    environment.put("DONE", done.toString());
    environment.put("ATTESTATIONS", attestations.toString());
    environment.put("ARTIFACTS", done.resolveSibling("artifacts").toString());
    return environment;
  }

  /** What was tested and applied so far, a line each. */
  List<String> done() throws IOException {
    return Files.readAllLines(done);
  }

  /**
   * GitHub attests an image for a workflow.
   *
   * @param workflow the workflow's file and its ref, as {@code deploy.yml@refs/heads/main}
   * @param ref of the run
   * @param commit that the run has built
   */
  void attest(OciImage image, String workflow, String ref, String commit) throws IOException {
    Files.writeString(
        attestations,
        "%s@%s %s https://github.com/%s/.github/workflows/%s %s %s\n"
            .formatted(
                Production.IMAGE,
                image.digest(),
                Production.REPOSITORY,
                Production.REPOSITORY,
                workflow,
                ref,
                commit),
        StandardOpenOption.APPEND);
  }

  /** Commits what there is, and pushes it to main. */
  Run push(Checkout from, Optional<String> job, Map<String, String> more) throws IOException {
    String commit = from.commit("Change it");
    from.push();
    JsonNode payload = object().put("ref", MAIN).put("after", commit);
    return run(from, new Act.Event("deploy.yml", "push", payload, production.secrets(), job), more);
  }

  /** Somebody puts a tag on what there is. */
  Run tag(Checkout from, String tag, Map<String, String> more) throws IOException {
    String commit = from.git("rev-parse", "HEAD").strip();
    JsonNode payload = object().put("ref", "refs/tags/" + tag).put("after", commit);
    return run(
        from,
        new Act.Event("release.yml", "push", payload, production.secrets(), Optional.empty()),
        more);
  }

  /** Somebody proposes what there is. */
  Run pullRequest(String workflow, Optional<String> job, Map<String, String> more)
      throws IOException {
    ObjectNode payload = object().put("number", 1);
    payload.putObject("pull_request").putObject("base").put("ref", "main");
    return run(
        checkout,
        new Act.Event(workflow, "pull_request", payload, production.secrets(), job),
        more);
  }

  /** A schedule's turn. */
  Run schedule(String workflow, String cron, Map<String, String> secrets) throws IOException {
    JsonNode payload = object().put("schedule", cron);
    return run(
        checkout,
        new Act.Event(workflow, "schedule", payload, secrets, Optional.empty()),
        Map.of());
  }

  /**
   * Somebody starts a workflow by hand, by the interface that `gh workflow run` calls; then it runs
   * with what GitHub has made of that.
   */
  Run dispatch(String workflow, String ref, Map<String, String> inputs) throws Exception {
    return dispatch(checkout, workflow, ref, inputs, production.secrets());
  }

  Run dispatch(
      Checkout from,
      String workflow,
      String ref,
      Map<String, String> inputs,
      Map<String, String> secrets)
      throws Exception {
    ObjectNode body = object().put("ref", ref).put("return_run_details", true);
    ObjectNode given = body.putObject("inputs");
    inputs.forEach(given::put);
    HttpResponse<String> response =
        production
            .internet
            .client()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "https://api.github.com/repos/%s/actions/workflows/%s/dispatches"
                                .formatted(Production.REPOSITORY, workflow)))
                    .header("Authorization", "Bearer gho_of-a-person")
                    .header("Accept", "application/vnd.github+json")
                    .header("X-GitHub-Api-Version", "2022-11-28")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    GitHubServer.Dispatch dispatch = production.github.dispatches().getLast();
    ObjectNode payload = object().put("ref", dispatch.ref());
    ObjectNode all = payload.putObject("inputs");
    dispatch.inputs().forEach(all::put);
    return run(
        from,
        new Act.Event(workflow, "workflow_dispatch", payload, secrets, Optional.empty()),
        Map.of());
  }

  /** Runs it. Nothing that it shows, and no command line, has a secret in it. */
  Run run(Checkout from, Act.Event event, Map<String, String> more) throws IOException {
    Run run = act.run(from, event, more);
    steps.addAll(run.steps());
    assertNoSecret(run.all());
    assertThat(production.violations()).as(run.log()).isEmpty();
    return run;
  }

  private void assertNoSecret(String said) throws IOException {
    List<String> found = new ArrayList<>();
    for (String line : said.lines().toList()) {
      found.addAll(Canary.found(production.canaries(), "what was shown", line));
    }
    found.addAll(Canary.found(production.canaries(), processes));
    assertThat(found).isEmpty();
  }

  /** All steps that have run so far. */
  Set<Step> steps() {
    return Set.copyOf(steps);
  }

  static ObjectNode object() {
    return JsonMapper.shared().createObjectNode();
  }

  @Override
  public void close() throws IOException {
    processes.close();
    production.close();
  }
}
