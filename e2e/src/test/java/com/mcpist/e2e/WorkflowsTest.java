package com.mcpist.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The workflows keep to the rules, and the rules notice what does not. */
class WorkflowsTest {

  private static final String DEPLOY = ".github/workflows/deploy.yml";
  private static final String DEPENDENCIES = ".github/workflows/dependencies.yml";
  private static final String ON_MAIN = "github.ref == 'refs/heads/main'";
  private static final String SECRETS = ".github/workflows/secrets.yml";

  static Stream<Path> workflows() throws IOException {
    try (Stream<Path> files = Files.list(Root.PATH.resolve(".github/workflows"))) {
      return files.toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("workflows")
  void keepsToTheRules(Path workflow) throws IOException {
    assertThat(WorkflowRules.problems(Files.readString(workflow))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0 | v5 | not pinned",
        "dd907a8 # v5.0.0 | dd907a8 | not pinned",
        "dd907a8 # v5.0.0 | dd907a8 # newest | not pinned",
        "permissions: {} | permission: {} | permissions are missing",
        "packages: write | packages: admin | job image has permission packages: admin",
        "contents: read | actions: write | job test has permission actions: write",
        "contents: read | contents: write | job test has permission contents: write",
        "packages: write | id-token: write | job build has permission id-token: write",
        "timeout-minutes: 20 | continue-on-error: true | job image has no timeout",
        "\"$REFERENCE\" | ${{ github.head_ref }} | an expression in a script",
        "persist-credentials | fetch-tags | leaves its token",
        "java-version: \"25\" | settings: ${{ secrets.KEY }} | gives a secret to more",
        "environment: production | name: image | uses secrets outside of the environment",
        "environment: production | name: image | job image signs outside of an environment",
        "environment: production | environment: staging | an environment that nobody has to set up",
        "${{ secrets.SLACK_WEBHOOK_URL }} | x | job tell is in the environment production without",
        "actions/setup-java@ | actions/setup-python@ | runs Java that is not set up",
        "java-version: \"25\" | cache: maven | job verify restores a cache",
        "node-version: \"20\" | cache: npm | job worker restores a cache",
        "setup-node@ | cache/restore@ | job worker restores a cache",
        "reference=${FOUND:- | ./mvnw package | job image builds beside secrets",
        "reference=${FOUND:- | npm ci | job image builds beside secrets",
        "reference=${FOUND:- | worker/build.sh | job image builds beside secrets",
        "reference=${FOUND:- | buildah build . | job image builds beside secrets",
        "./.github/checked-artifact | actions/download-artifact@ | job verify runs an artifact",
        "./.github/checked-artifact | ./.github/artifact | job verify runs a program that is built",
        "MCPIST_APP: target/app | MCPIST_BUILD: no | job verify runs a program that is built there"
      })
  void noticesWhatDoesNot(String right, String wrong, String problem) {
    String text = Root.text(DEPLOY);
    assertThat(text).contains(right);

    assertThat(WorkflowRules.problems(text.replace(right, wrong)))
        .anySatisfy(found -> assertThat(found).contains(problem));
  }

  @Test
  void oneDeploymentAtATimeAndNoneIsBrokenOff() {
    JsonNode concurrency = deploy().path("concurrency");

    assertThat(concurrency.path("group").asString()).isEqualTo("deploy");
    assertThat(concurrency.path("cancel-in-progress").asBoolean(true)).isFalse();
  }

  @Test
  void bothPlatformsAtOnceThenTheVerification() {
    JsonNode jobs = deploy().path("jobs");

    for (String job : List.of("deploy-koyeb", "deploy-flyio")) {
      assertThat(jobs.path(job).path("needs").valueStream().map(JsonNode::asString))
          .containsExactly("program", "image");
    }
    assertThat(jobs.path("verify").path("needs").valueStream().map(JsonNode::asString))
        .containsExactly(
            "program", "image", "deploy-koyeb", "deploy-flyio", "deploy-ssh", "deploy-worker");
    assertThat(jobs.path("verify").path("if").asString()).contains("always()");
  }

  /** What is tested is what is applied, and a person may do either once more. */
  @Test
  void terraformWaitsForTheTests() {
    JsonNode terraform = new YAMLMapper().readTree(Root.text(".github/workflows/terraform.yml"));

    assertThat(terraform.path("on").propertyNames())
        .containsExactly("pull_request", "workflow_call", "workflow_dispatch");
    assertThat(deploy().path("on").propertyNames()).containsExactly("push", "workflow_dispatch");
    assertThat(deploy().at("/jobs/terraform/needs").valueStream().map(JsonNode::asString))
        .containsExactly("find", "test", "program");
  }

  /** Nobody who rolls back waits for the tests of a push. */
  @Test
  void whatAPersonStartsWaitsForNoDeployment() {
    JsonNode operate = new YAMLMapper().readTree(Root.text(".github/workflows/operate.yml"));

    assertThat(operate.has("concurrency")).isFalse();
    assertThat(operate.at("/jobs/operate").has("concurrency")).isFalse();
  }

  /** The same command, on what is the same image, so that a person can do as the workflow does. */
  @Test
  void theStepsCallMcpist() {
    List<String> scripts =
        deploy().path("jobs").findValues("run").stream().map(JsonNode::asString).toList();

    assertThat(scripts)
        .contains(
            deploying("koyeb-primary"),
            deploying("flyio-standby"),
            "./mcpist deploy --worker --run \"$RUN\" --release \"${GITHUB_SHA::12}\" --no-verify",
            ".github/with-ssh ./mcpist verify --run \"$RUN\" --timeout 1m --rollback-on-failure"
                + " --notify");
  }

  /** Whose tokens the Worker takes follows from a variable, which its job alone needs. */
  @Test
  void onlyWhatMakesTheWorkersConfigurationSeesTheProjectsAddress() {
    List<String> seeing =
        deploy()
            .path("jobs")
            .propertyStream()
            .filter(job -> job.getValue().toString().contains("SUPABASE_URL"))
            .map(Map.Entry::getKey)
            .toList();

    assertThat(seeing).containsExactly("deploy-worker");
  }

  /** What nobody has changed may have become vulnerable. */
  @Test
  void dependenciesAreLookedUpEachWeekAndByHand() throws IOException {
    JsonNode on = new YAMLMapper().readTree(Root.text(DEPENDENCIES)).path("on");
    List<String> scripts =
        jobs(DEPENDENCIES).findValues("run").stream().map(JsonNode::asString).toList();

    assertThat(on.propertyNames()).containsExactly("schedule", "workflow_dispatch");
    assertThat(on.at("/schedule/0/cron").asString()).matches("\\d+ \\d+ \\* \\* [0-6]");
    assertThat(scripts)
        .containsExactly(
            "./mvnw -q -B -Paudit -DskipTests package dependency-check:aggregate",
            "npm audit --package-lock-only --omit=optional --audit-level=high");
    assertThat(jobs(DEPENDENCIES).at("/npm/strategy/matrix/project").valueStream())
        .extracting(JsonNode::asString)
        .containsExactlyInAnyOrderElementsOf(npmProjects());
  }

  /** Those that have a lock file. What is installed for them has its own. */
  private static List<String> npmProjects() throws IOException {
    try (Stream<Path> files = Files.walk(Root.PATH, 4)) {
      return files
          .filter(file -> file.endsWith("package-lock.json"))
          .map(file -> Root.PATH.relativize(file.getParent()).toString())
          .filter(project -> !project.matches("(.*/)?(node_modules|target)(/.*)?"))
          .toList();
    }
  }

  /** By default the plugin looks only at what runs. */
  @Test
  void whatTestsAndBuildsIsLookedUpToo() {
    assertThat(Root.text("pom.xml").replaceFirst("(?s).*<id>audit</id>", ""))
        .contains("<skipTestScope>false</skipTestScope>", "<scanPlugins>true</scanPlugins>");
  }

  /** It takes an hour to have anew, and most of all when something was found. */
  @Test
  void theListOfVulnerabilitiesIsKeptWhateverIsFound() {
    List<JsonNode> steps = jobs(DEPENDENCIES).at("/maven/steps").valueStream().toList();
    JsonNode restore = using(steps, "actions/cache/restore@");
    JsonNode save = using(steps, "actions/cache/save@");
    JsonNode lookup =
        steps.stream().filter(step -> step.path("run").isString()).findFirst().orElseThrow();

    assertThat(save.path("if").asString()).isEqualTo("always()");
    assertThat(steps.indexOf(restore)).isLessThan(steps.indexOf(lookup));
    assertThat(steps.indexOf(save)).isGreaterThan(steps.indexOf(lookup));
    assertThat(save.at("/with/path")).isEqualTo(restore.at("/with/path"));
    assertThat(save.at("/with/key").asString())
        .isEqualTo(restore.at("/with/key").asString())
        .startsWith(restore.at("/with/restore-keys").asString());
  }

  private static JsonNode using(List<JsonNode> steps, String action) {
    return steps.stream()
        .filter(step -> step.path("uses").asString("").startsWith(action))
        .findFirst()
        .orElseThrow();
  }

  /** A workflow sees only the secrets that it names. */
  @Test
  void whatLooksAfterSecretsSeesAllAndOnlyRotatingMayWriteThem() {
    List<String> known =
        new ArrayList<>(
            new YAMLMapper()
                .readTree(Root.text("mcpist.example.yml"))
                .path("secrets")
                .propertyNames());
    known.add("STRIPE_WEBHOOK_SECRET"); // Of billing, without a line in secrets.
    JsonNode jobs = jobs(SECRETS);

    for (String job : List.of("check", "sync", "rotate")) {
      Collection<String> seen = jobs.path(job).at("/steps/3/env").propertyNames();
      assertThat(seen).as(job).containsAll(known).contains("SLACK_WEBHOOK_URL");
      assertThat(jobs.path(job).toString().contains("secrets.SECRETS_GITHUB_TOKEN"))
          .as(job)
          .isEqualTo(job.equals("rotate"));
      for (String name : known) {
        // Of a secret that only workflows have nothing is brought to anybody.
        assertThat(job.equals("sync") || seen.contains(name + "_NEXT")).as(job + name).isTrue();
      }
    }
    assertThat(
            new YAMLMapper()
                .readTree(Root.text(SECRETS))
                .at("/on/workflow_dispatch/inputs/name/options")
                .valueStream()
                .map(JsonNode::asString))
        .containsExactlyInAnyOrderElementsOf(known);
  }

  @Test
  void secretsChangeWhileNobodyDeploys() {
    for (String job : List.of("sync", "rotate")) {
      JsonNode concurrency = jobs(SECRETS).path(job).path("concurrency");
      assertThat(concurrency.path("group").asString()).as(job).isEqualTo("deploy");
      assertThat(concurrency.path("cancel-in-progress").asBoolean(true)).as(job).isFalse();
    }
  }

  private static JsonNode jobs(String workflow) {
    return new YAMLMapper().readTree(Root.text(workflow)).path("jobs");
  }

  private static String deploying(String origin) {
    return "./mcpist deploy --run \"$RUN\" --image \"$REFERENCE\""
        + " --release \"${GITHUB_SHA::12}\" --origin "
        + origin
        + " --no-verify";
  }

  /**
   * A plan runs the files that it is made of, with the token. Main applies the plan that it shows.
   */
  @Test
  void terraformIsPlannedAndAppliedOnMainOnly() {
    JsonNode jobs = jobs(".github/workflows/terraform.yml");
    List<String> commands = scripts(jobs.path("apply"));

    assertThat(jobs.at("/apply/if").asString()).contains(ON_MAIN);
    assertThat(commands.getLast()).contains("terraform apply ").endsWith(" plan");
    assertThat(scripts(jobs.path("check"))).noneMatch(script -> script.contains("terraform plan"));
  }

  private static List<String> scripts(JsonNode job) {
    return job.findValues("run").stream().map(JsonNode::asString).toList();
  }

  /** A push that takes the load balancer away also brings out the Worker, and nobody knows when. */
  @Test
  void beforeItIsAppliedTheWorkerIsAskedWhetherItStillSendsToTheLoadBalancer() {
    List<JsonNode> steps =
        job("terraform.yml", "apply").path("steps").valueStream().skip(1).toList();
    JsonNode guard = steps.get(steps.size() - 2);

    assertThat(guard.path("if").asString()).isEqualTo(steps.getLast().path("if").asString());
    assertThat(guard.path("run").asString())
        .contains("terraform -chdir=terraform show -json plan", "./mcpist doctor --json", "exit 1")
        .contains("\"Worker, failover\"");
  }

  /**
   * Whoever checks an image or a release asks for the workflow that makes it, at the ref of which
   * it is made: another workflow, branch or tag has another identity.
   */
  @Test
  void thePagesCheckTheWholeIdentity() {
    String deploys = ".github/workflows/deploy.yml@refs/heads/main";
    String find = deploy().at("/jobs/find/steps/2/run").asString();
    String installing = Root.text("docs/operations/installing.md");
    String releases = "/OWNER/REPOSITORY/.github/workflows/release.yml@refs/tags/v0.1.0";

    assertThat(find).contains(deploys, "--source-ref refs/heads/main", "--source-digest");
    assertThat(Root.text("docs/operations/deploying.md"))
        .contains("--cert-identity https://github.com/me/notes/" + deploys)
        .contains("--source-ref refs/heads/main");
    assertThat(installing)
        .contains("--cert-identity https://github.com" + releases)
        .contains("--source-ref refs/tags/v0.1.0")
        .contains("--certificate-identity https://github.com" + releases)
        .doesNotContain("identity-regexp");
  }

  /** What has rights begins after a job without them has looked where the tag is. */
  @Test
  void aReleaseBeginsWithALookAtTheTag() {
    JsonNode jobs = jobs(".github/workflows/release.yml");

    assertThat(scripts(jobs.path("tag")))
        .singleElement()
        .asString()
        .contains("git merge-base --is-ancestor \"$GITHUB_SHA\" origin/main");
    assertThat(jobs.at("/tag/permissions").toString()).isEqualTo("{\"contents\":\"read\"}");
    assertThat(jobs.at("/test/needs").asString()).isEqualTo("tag");
    List<String> systems = jobs.at("/publish/needs").valueStream().map(JsonNode::asString).toList();
    assertThat(systems).hasSize(4);
    for (String system : systems) {
      assertThat(jobs.path(system).path("needs").asString()).isEqualTo("test");
    }
    assertThat(jobs.at("/publish/environment").asString()).isEqualTo("release");
  }

  private static JsonNode job(String file, String name) {
    return new YAMLMapper().readTree(Root.text(".github/workflows/" + file)).at("/jobs/" + name);
  }

  private static JsonNode deploy() {
    return new YAMLMapper().readTree(Root.text(DEPLOY));
  }
}
