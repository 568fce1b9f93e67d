package com.mcpist.e2e.workflows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.e2e.workflows.WorkflowFile.Step;
import com.mcpist.testkit.Need;
import com.mcpist.testkit.Needs;
import com.mcpist.testkit.Ports;
import com.mcpist.testkit.host.ContainerHost;
import com.mcpist.testkit.host.OciImage;
import com.mcpist.testkit.host.StandInImage;
import com.mcpist.testkit.host.StandInImage.Mood;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every workflow, run from its file: each step's own script, in the order and with the values that
 * GitHub gives, on a deployment whose vendors are stand-ins. The tests are the days of one
 * deployment, one after the other.
 */
@Tag("long")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Needs(Need.WORKFLOWS)
@SuppressWarnings("NullAway.Init") // Nothing is stopped that was not started.
class WorkflowsIT {
  private static final String EACH_DAY = "17 4 * * *";
  private static final String EACH_QUARTER = "41 4 5 1,4,7,10 *";
  private static final String BUILT = "program/program success";
  private static final List<String> DEPLOYED =
      List.of(
          "deploy/find success",
          "program/program success",
          "deploy/worker success",
          "deploy/image success",
          "terraform/check success",
          "terraform/apply success",
          "deploy/deploy-koyeb success",
          "deploy/deploy-flyio success",
          "deploy/deploy-worker success",
          "deploy/verify success",
          "deploy/tag success");

  @TempDir private static Path folder;

  private static Stage stage;

  @BeforeAll
  static void begin() throws Exception {
    stage = new Stage(folder);
  }

  @AfterAll
  static void end() throws Exception {
    if (stage != null) {
      stage.close();
    }
  }

  @Test
  @Order(1)
  void aPushIsTestedBuiltOnceDeployedEverywhereAndVerified() throws Exception {
    Run run = push(stage.checkout);

    assertThatItIsDeployed(run);
    assertThat(run.jobs()).contains("ci/verify success");
    String commit = stage.checkout.git("rev-parse", "HEAD").strip();
    String tree = stage.checkout.git("rev-parse", "HEAD^{tree}").strip();
    String short12 = commit.substring(0, 12);
    String digest = stage.production.images.digest(Production.REPOSITORY, short12);
    assertThat(stage.production.images.tags(Production.REPOSITORY))
        .contains(short12, "main", "tree-" + tree);
    assertThat(stage.production.images.digest(Production.REPOSITORY, "main")).isEqualTo(digest);
    assertThat(stage.production.copies.digest("notes", short12)).isEqualTo(digest);
    assertThat(stage.production.onKoyeb()).isEqualTo(Production.IMAGE + "@" + digest);
    assertThat(stage.done())
        .containsExactlyInAnyOrder(
            "tested " + commit,
            "attested %s@%s".formatted(Production.IMAGE, digest),
            "applied for " + commit);
  }

  @Test
  @Order(2)
  void aRevertIsDeployedWithoutAnotherTest() throws Exception {
    String good = stage.production.onKoyeb();
    stage.checkout.write("README.md", "Another program.\n");
    assertThatItIsDeployed(push(stage.checkout));
    assertThat(stage.production.onKoyeb()).isNotEqualTo(good);
    List<String> before = stage.done();

    stage.checkout.revert();
    Run run = push(stage.checkout);

    assertThatItIsDeployed(run);
    assertThat(run.jobs()).doesNotContain("ci/verify success");
    assertThat(run.log()).contains("These files have passed before");
    assertThat(stage.production.onKoyeb()).isEqualTo(good);
    assertThat(stage.done()).hasSize(before.size() + 1).last().asString().startsWith("applied");
  }

  /** A failed workflow that is called ends act; on GitHub it is a job that has failed. */
  @Test
  @Order(3)
  void whereTheTestsFailNothingIsDeployedAndTheWebhookHearsOfIt() throws Exception {
    Run tests = stage.pullRequest("ci.yml", Optional.of("verify"), Map.of("TESTS", "1"));
    assertThat(tests.jobs()).containsExactly("ci/verify failure");
    Checkout failing =
        stage.checkout.with(
            folder.resolve("failing"),
            ".github/workflows/deploy.yml",
            "    uses: ./.github/workflows/ci.yml\n",
            "    runs-on: ubuntu-24.04\n    steps: [{run: exit 1}]\n");
    String good = stage.production.onKoyeb();

    Run run = stage.push(failing, Optional.empty(), Map.of());

    assertThat(run.jobs())
        .containsExactlyInAnyOrder(
            "deploy/find success",
            "deploy/test failure",
            "program/program success",
            "deploy/worker success",
            "deploy/tell success");
    assertThat(stage.production.onKoyeb()).isEqualTo(good);
    String commit = failing.git("rev-parse", "HEAD").substring(0, 12);
    assertThat(stage.production.told())
        .last()
        .asString()
        .startsWith(":x: *me/notes*: test failed for " + commit)
        .contains("mend or revert", "https://github.com/me/notes/actions/runs/");
  }

  @Test
  @Order(4)
  void byHandOnlyMainIsDeployed() throws Exception {
    int told = stage.production.told().size();

    Run run = stage.dispatch("deploy.yml", "refs/heads/topic", Map.of());

    assertThat(run.jobs()).containsExactly("deploy/find failure");
    assertThat(run.log()).contains("Only main is deployed");
    assertThat(stage.production.told()).hasSize(told);
    assertThatItIsDeployed(stage.dispatch("deploy.yml", Stage.MAIN, Map.of()));
  }

  @ParameterizedTest
  @Order(4)
  @ValueSource(strings = {"operate.yml", "secrets.yml", "terraform.yml"})
  void onABranchNoJobHasSecrets(String workflow) throws Exception {
    Run run =
        stage.dispatch(
            workflow,
            "refs/heads/topic",
            workflow.equals("terraform.yml") ? Map.of() : Map.of("command", commandOf(workflow)));

    assertThat(run.jobs())
        .containsExactly(
            workflow.equals("terraform.yml")
                ? "terraform/check success"
                : "program/program failure");
  }

  private static String commandOf(String workflow) {
    return workflow.equals("operate.yml") ? "status" : "sync";
  }

  /**
   * A contributor's branch can push any image under any tag, have it attested for a workflow of
   * that branch, and move a tag to an image that main has built from other files.
   */
  @ParameterizedTest
  @Order(4)
  @CsvSource(
      delimiter = '|',
      value = {
        "these | nobody | | these",
        "these | deploy.yml@refs/heads/topic | refs/heads/topic | these",
        "these | deploy.yml@refs/heads/topic | refs/heads/main | these",
        "these | other.yml@refs/heads/main | refs/heads/main | these",
        "these | deploy.yml@refs/tags/main | refs/tags/main | these",
        "these | deploy.yml@refs/heads/main | refs/heads/topic | these",
        "these | deploy.yml@refs/heads/main | refs/heads/main | other",
        "other | deploy.yml@refs/heads/main | refs/heads/main | other"
      })
  void anImageThatMainHasNotBuiltFromTheseFilesIsNotDeployed(
      String label, String workflow, @Nullable String ref, String built) throws Exception {
    String other = stage.checkout.git("rev-list", "--max-parents=0", "HEAD").strip();
    stage.checkout.write("README.md", String.join(" ", label, workflow, ref, built));
    String these = stage.checkout.commit("Change the files");
    OciImage image = builtFrom(label.equals("these") ? these : other);
    stage.production.push(image, "tree-" + stage.checkout.git("rev-parse", "HEAD^{tree}").strip());
    if (ref != null) {
      stage.attest(image, workflow, ref, built.equals("these") ? these : other);
    }

    Run run = stage.push(stage.checkout, Optional.of("build"), Map.of());

    assertThat(run.log()).doesNotContain("These files have passed before");
    assertThat(run.jobs()).as(run.log()).contains("ci/verify success", "deploy/build success");
  }

  @Test
  @Order(4)
  void theTagOfAnImageThatNobodyHasAttestedMovesToTheImageThatIsBuilt() throws Exception {
    stage.checkout.write("README.md", "Poisoned.\n");
    String commit = stage.checkout.commit("Change the files");
    String tag = "tree-" + stage.checkout.git("rev-parse", "HEAD^{tree}").strip();
    OciImage image = builtFrom(commit);
    stage.production.push(image, tag);

    assertThatItIsDeployed(push(stage.checkout));

    String built = stage.production.images.digest(Production.REPOSITORY, tag);
    assertThat(built).isNotEqualTo(image.digest());
    assertThat(stage.production.onKoyeb()).isEqualTo(Production.IMAGE + "@" + built);
  }

  @ParameterizedTest
  @Order(4)
  @CsvSource({"program, deploy-koyeb", "worker, deploy-worker"})
  void anArtifactThatAnotherJobHasReplacedIsNotRun(String artifact, String job) throws Exception {
    Run run = stage.push(stage.checkout, Optional.of(job), Map.of("POISON", artifact));

    assertThat(run.result("deploy", job)).as(run.log()).contains("failure");
    assertThat(run.log()).contains("The artifact " + artifact + " is not what its job has made");
    assertThat(stage.done()).doesNotContain("ran a replaced artifact");
  }

  /** Each job of main can write into a cache of main, and tests run packages of strangers. */
  @Test
  @Order(89)
  void noCacheReachesTheProgram() throws Exception {
    Checkout caching =
        stage.checkout.with(
            folder.resolve("caching"),
            ".github/workflows/program.yml",
            "java-version: \"25\"\n",
            "java-version: \"25\"\n          cache: maven\n");
    String built = "built the program from a cache";
    assertThat(stage.done()).doesNotContain(built);

    Run run =
        stage.dispatch(
            caching,
            "operate.yml",
            Stage.MAIN,
            Map.of("command", "status"),
            stage.production.secrets());

    assertThat(run.jobs()).contains(BUILT);

    assertThat(stage.done()).contains(built);
  }

  @Test
  @Order(5)
  void terraformChecksAPullRequestWithoutSecrets() throws Exception {
    Run run = stage.pullRequest("terraform.yml", Optional.empty(), Map.of());

    assertThat(run.jobs()).containsExactly("terraform/check success");
  }

  @ParameterizedTest
  @Order(6)
  @CsvSource(
      delimiter = '|',
      value = {
        "TERRAFORM_STATE_BUCKET | the secrets TERRAFORM_STATE_BUCKET are not set",
        "'' | there is no Worker elsewhere yet"
      })
  void whatIsNotThereYetTerraformSaysInAPlainWord(String unset, String told) throws Exception {
    Checkout checkout = stage.checkout;
    if (unset.isEmpty()) {
      checkout =
          stage.checkout.with(
              folder.resolve("elsewhere"),
              "mcpist.yml",
              "\ncloudflare:\n",
              "\ncloudflare:\n  worker: elsewhere\n");
    }
    Map<String, String> secrets = new HashMap<>(stage.production.secrets());
    secrets.remove(unset);
    List<String> before = stage.done();

    Run run = stage.dispatch(checkout, "terraform.yml", Stage.MAIN, Map.of(), secrets);

    assertThat(run.result("terraform", "apply")).contains("success");
    assertThat(run.log()).contains("::notice::Terraform only checks the files", told);
    assertThat(stage.done()).isEqualTo(before);
  }

  @Test
  @Order(7)
  void terraformTakesALoadBalancerAwayThatTheWorkerDoesNotSendTo() throws Exception {
    String plan =
        """
        {"resource_changes": [{"type": "cloudflare_load_balancer", \
        "change": {"actions": ["delete"], "before": {"name": "lb.example.com"}, "after": null}}]}\
        """;
    Run run =
        stage.run(
            stage.checkout,
            new Act.Event(
                "terraform.yml",
                "workflow_dispatch",
                Stage.object().put("ref", Stage.MAIN),
                stage.production.secrets(),
                Optional.empty()),
            Map.of("PLAN", plan));

    assertThat(run.result("terraform", "apply")).as(run.log()).contains("success");
    assertThat(stage.done()).last().asString().startsWith("applied");
  }

  @Test
  @Order(8)
  void secretsAreComparedEachDayAndBroughtOutByHand() throws Exception {
    Run check = stage.schedule("secrets.yml", EACH_DAY, stage.production.secrets());
    assertThat(check.jobs()).as(check.log()).containsExactly(BUILT, "secrets/check success");

    Run sync = stage.dispatch("secrets.yml", Stage.MAIN, Map.of("command", "sync"));
    assertThat(sync.jobs()).as(sync.log()).containsExactly(BUILT, "secrets/sync success");
    assertThat(sync.log()).contains("unchanged");
  }

  @Test
  @Order(9)
  void theQuarterlyRotationIsQuietWhereItIsNotSetUpOrCannotBeDone() throws Exception {
    Map<String, String> secrets = new HashMap<>(stage.production.secrets());
    secrets.remove("SECRETS_GITHUB_TOKEN");
    Run notSetUp = stage.schedule("secrets.yml", EACH_QUARTER, secrets);
    assertThat(notSetUp.jobs()).containsExactly(BUILT, "secrets/rotate success");
    assertThat(notSetUp.log()).contains("::notice::GATEWAY_SECRET is not rotated");

    secrets.putAll(stage.production.secrets());
    secrets.put("GATEWAY_SECRET", "another-one-than-anybody-has-0123456789");
    Run refused = stage.schedule("secrets.yml", EACH_QUARTER, secrets);
    assertThat(refused.jobs()).as(refused.log()).containsExactly(BUILT, "secrets/rotate success");
    assertThat(refused.log()).contains("::warning::GATEWAY_SECRET is not rotated: ");
  }

  @Test
  @Order(10)
  void aTokenIsRotatedByHand() throws Exception {
    stage.production.newToken("KOYEB_TOKEN");

    Run run =
        stage.dispatch(
            "secrets.yml", Stage.MAIN, Map.of("command", "rotate", "name", "KOYEB_TOKEN"));

    assertThat(run.jobs()).as(run.log()).containsExactly(BUILT, "secrets/rotate success");
    stage.production.takeFromGitHub("KOYEB_TOKEN");
  }

  @Test
  @Order(11)
  void librariesAreLookedUpEachWeek() throws Exception {
    Run run = stage.schedule("dependencies.yml", "23 5 * * 1", stage.production.secrets());

    assertThat(run.jobs())
        .as(run.log())
        .containsExactlyInAnyOrder(
            "dependencies/maven success",
            "dependencies/npm success",
            "dependencies/npm success",
            "dependencies/npm success");
  }

  @Test
  @Order(11)
  void aTagMakesARelease() throws Exception {
    List<String> before = stage.done();
    Run other = stage.tag(stage.checkout, "v9.9.9", Map.of());
    assertThat(other.jobs()).containsExactly("release/tag failure");
    assertThat(other.log()).contains("9.9.9 is not the version of pom.xml");
    Checkout checkout =
        stage.checkout.with(
            folder.resolve("release"), "CHANGELOG.md", "## Unreleased\n", "## 0.1.0 - today\n");
    Run onABranch = stage.tag(checkout, "v0.1.0", Map.of());
    assertThat(onABranch.jobs()).containsExactly("release/tag failure");
    assertThat(onABranch.log()).contains("v0.1.0 is on no commit of main");
    assertThat(stage.done()).isEqualTo(before);
    checkout.push();
    Run replaced = stage.tag(checkout, "v0.1.0", Map.of("POISON", "archive-macos-15"));
    assertThat(replaced.result("release", "publish")).contains("failure");
    assertThat(replaced.log())
        .contains("The artifact archive-macos-15 is not what its job has made");
    assertThat(stage.done().subList(before.size(), stage.done().size()))
        .noneMatch(line -> line.matches("(signed|attested|released) .*"));

    Run run = stage.tag(checkout, "v0.1.0", Map.of());

    assertThat(run.code()).as(run.log()).isZero();
    List<String> done = stage.done().subList(before.size(), stage.done().size());
    for (String image : List.of("origin", "edge", "pair")) {
      String name = Production.REPOSITORY + "-" + image;
      String digest = stage.production.images.digest(name, "0.1.0");
      assertThat(done)
          .contains("signed ghcr.io/%s@%s".formatted(name, digest))
          .contains("attested ghcr.io/%s@%s".formatted(name, digest));
    }
    assertThat(done.getLast())
        .startsWith("released v0.1.0: MCPist 0.1.0: The first release.: ")
        .contains("SHA256SUMS", "install.sh", "mcpist.rb", "compose.yaml", ".cdx.json");
  }

  /** The image of its files is there, so that it is deployed at once. */
  @Test
  @Order(12)
  @Needs(Need.HOST)
  void originsOnHostsOfYourOwnAreDeployedTo() throws Exception {
    Map<String, String> internet = stage.production.internet.environment();
    try (ContainerHost host = new ContainerHost(Path.of("target", "hosts"), internet)) {
      stage.production.reach(host);
      int listen = Ports.free();
      Checkout checkout =
          stage.checkout.with(
              folder.resolve("three"),
              "mcpist.yml",
              "\nauth:\n",
              """

                - name: home-server
                  platform: ssh
                  host: ssh://root@127.0.0.1:%d
                  listen: 127.0.0.1:%d
                  url: http://127.0.0.1:%d
              auth:
              """
                  .formatted(host.port(), listen, listen));
      String commit = checkout.git("rev-parse", "HEAD").strip();
      OciImage image = builtFrom(commit);
      stage.production.push(image, "tree-" + checkout.git("rev-parse", "HEAD^{tree}").strip());
      stage.attest(image, "deploy.yml@" + Stage.MAIN, Stage.MAIN, commit);

      Run run = stage.push(checkout, Optional.of("deploy-ssh"), Map.of());

      assertThat(run.result("deploy", "deploy-ssh")).as(run.log()).contains("success");
      assertThat(host.environment("notes"))
          .containsEntry("IMAGE_DIGEST", image.digest())
          .containsEntry("RELEASE", checkout.git("rev-parse", "HEAD").substring(0, 12));
    }
  }

  /** Those of operate.yml are OperateIT's. */
  @Test
  @Order(90)
  void everyStepHasRun() throws IOException {
    List<Step> scripts =
        WorkflowFile.all().stream()
            .flatMap(workflow -> workflow.scripts().stream())
            .filter(step -> !step.workflow().equals("operate"))
            .filter(step -> !step.job().equals("deploy-ssh") || Need.HOST.missing().isEmpty())
            .toList();

    assertThat(scripts).hasSizeGreaterThan(20);
    assertThat(stage.steps()).containsAll(scripts);
  }

  /** DocsTest has that the pages tell a person to set each. */
  @Test
  @Order(91)
  void theRunsHadTheSecretsThatTheWorkflowsName() throws IOException {
    Set<String> named = new TreeSet<>();
    for (WorkflowFile workflow : WorkflowFile.all()) {
      named.addAll(workflow.secrets());
    }
    named.removeIf(name -> name.endsWith("_NEXT"));

    assertThat(stage.production.names(List.of("GITHUB_TOKEN")))
        .containsExactlyInAnyOrderElementsOf(named);
  }

  @ParameterizedTest
  @Order(92)
  @CsvSource(
      delimiter = '|',
      value = {
        "deploy.yml | echo \"digest=$(cat | echo \"digezt=$(cat | image | docker://",
        "deploy.yml | secrets.KOYEB_TOKEN | secrets.KOYEB_TOKN | deploy-koyeb | KOYEB_TOKEN: is not"
            + " set",
        "worker/build.sh | '' | '' | worker | Permission denied"
      })
  void whatIsBrokenInAWorkflowIsFoundHere(
      String file, String right, String wrong, String job, String told) throws Exception {
    String path = file.endsWith(".yml") ? ".github/workflows/" + file : file;
    Checkout broken =
        stage.checkout.with(Files.createTempDirectory(folder, "broken"), path, right, wrong);
    if (right.isEmpty()) {
      assertThat(broken.folder().resolve(path).toFile().setExecutable(false, false)).isTrue();
    }

    Run run = stage.push(broken, Optional.of(job), Map.of());

    assertThatThrownBy(() -> assertThatItIsDeployed(run)).isInstanceOf(AssertionError.class);
    assertThat(run.result("deploy", job)).contains("failure");
    assertThat(run.log()).contains(told);
  }

  private static Run push(Checkout checkout) throws IOException {
    return stage.push(checkout, Optional.empty(), Map.of());
  }

  private static void assertThatItIsDeployed(Run run) {
    assertThat(run.code()).as(run.log()).isZero();
    assertThat(run.jobs()).containsAll(DEPLOYED);
  }

  /** An image that says so itself. */
  private static OciImage builtFrom(String commit) {
    return StandInImage.of(commit, Mood.WELL)
        .with(
            config -> config.putObject("Labels").put("org.opencontainers.image.revision", commit));
  }
}
