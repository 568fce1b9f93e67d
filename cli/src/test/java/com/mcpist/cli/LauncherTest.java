package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher. */
class LauncherTest {
  private Checkout checkout;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  LauncherTest() {}

  @BeforeEach
  void prepare(@TempDir Path temp) throws IOException {
    checkout = new Checkout(temp);
  }

  @Test
  void itBuildsOnceAndPassesEverythingOn() throws Exception {
    Checkout.Result first = checkout.run("status", "--data", "a b");

    assertThat(first.code()).as(first.err()).isEqualTo(7);
    assertThat(first.err()).contains("building");
    assertThat(first.out())
        .contains("java: " + checkout.jdk)
        .contains("folder: " + checkout.folder)
        .contains("[com.mcpist.cli.Main]\n[status]\n[--data]\n[a b]\n")
        .contains("[-Dmcpist.app=" + checkout.root + "/.mcpist/releases/");
    assertThat(checkout.run("status").err()).isEmpty();
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void aNewerSourceIsBuiltAndTheOldReleaseStays() throws Exception {
    checkout.run("up");
    String before = Files.readString(checkout.root.resolve(".mcpist/current"));
    checkout.ageTheBuild();
    Files.writeString(checkout.root.resolve("edge/src/main/New.java"), "");
    checkout.run("--verbose", "up");
    assertThat(checkout.builds()).isEqualTo(2);
    assertThat(checkout.root.resolve(".mcpist/releases").resolve(before.strip())).isDirectory();

    checkout.ageTheBuild();
    Files.delete(checkout.root.resolve("edge/src/main/New.java"));
    checkout.run("deploy");
    assertThat(checkout.builds()).as("one that was removed counts").isEqualTo(3);
  }

  @Test
  void onlyWhatStartsProgramsBuildsANewerSource() throws Exception {
    checkout.run("up");
    String release = Files.readString(checkout.root.resolve(".mcpist/current")).strip();
    checkout.ageTheBuild();
    Files.writeString(checkout.root.resolve("edge/src/main/New.java"), "");
    checkout.maven("echo '[ERROR] New.java: a mistake'; exit 1");

    for (String command : List.of("status", "down", "rollback", "logs", "verify")) {
      assertThat(checkout.run(command).out()).contains("/releases/" + release);
    }
    assertThat(checkout.run("restart", "edge").code()).isEqualTo(7);
    assertThat(checkout.builds()).isEqualTo(1);
    for (String command : List.of("up", "deploy", "origin", "edge")) {
      assertThat(checkout.run(command).err()).contains("New.java: a mistake");
    }
    checkout.environment.put("MCPIST_BUILD", "no");
    assertThat(checkout.run("up").out()).contains("/releases/" + release);
    checkout.environment.remove("MCPIST_BUILD");
    Files.delete(checkout.root.resolve(".mcpist/current"));
    assertThat(checkout.run("down").out())
        .as("the newest that there is")
        .contains("/releases/" + release);
    assertThat(checkout.builds()).isEqualTo(5);
  }

  @Test
  void theModulesOfAFolderArePartOfTheReleaseAndNoReasonToBuild() throws Exception {
    checkout.run("up");
    Path modules = Files.createDirectories(checkout.folder.resolve("my module"));
    Path jar = modules.resolve("counter-1.jar");
    Files.writeString(jar, "one");
    checkout.environment.put("MCPIST_MODULES", modules.toString());

    checkout.run("up");
    assertThat(module()).hasContent("one");
    Files.writeString(jar, "two");
    checkout.run("status");
    assertThat(module()).hasContent("one");
    checkout.run("deploy");
    assertThat(module()).hasContent("two");
    assertThat(checkout.builds()).isEqualTo(1);

    checkout.environment.remove("MCPIST_MODULES");
    checkout.run("up");
    assertThat(module()).doesNotExist();
    checkout.environment.put("MCPIST_MODULES", checkout.folder.resolve("none").toString());
    assertThat(checkout.run("up").err()).hasLineCount(1).contains("MCPIST_MODULES");
  }

  private Path module() throws IOException {
    Path state = checkout.root.resolve(".mcpist");
    String release = Files.readString(state.resolve("current")).strip();
    return state.resolve("releases").resolve(release).resolve("origin/counter-1.jar");
  }

  @Test
  void connectIsStartedWithoutTheOtherCommands() throws Exception {
    checkout.run("status");
    checkout.ageTheBuild();
    Files.writeString(checkout.root.resolve("edge/src/main/New.java"), "");

    assertThat(checkout.run("connect", "http://a/mcp").out())
        .contains("/cli/*]\n[com.mcpist.cli.connect.ConnectCommand]\n[connect]\n[http://a/mcp]\n");
    assertThat(checkout.run("connect", "http://a/mcp", "--key-file", "k").out())
        .contains("[com.mcpist.cli.connect.ConnectCommand]\n[connect]\n[http://a/mcp]\n");
    assertThat(checkout.run("connect", "--key-file", "k", "http://a/mcp").out())
        .contains("[com.mcpist.cli.Main]\n[connect]\n");
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void namesOfFilesAreUtf8() throws Exception {
    assertThat(checkout.run("status").out()).contains("locale:  C.UTF-8\n");
    checkout.environment.put("LANG", "xx_XX.UTF-8"); // This machine has no such one.
    assertThat(checkout.run("status").out()).contains("locale:  C.UTF-8\n");
    checkout.environment.put("LC_ALL", "C");
    assertThat(checkout.run("status").out()).contains("locale: C.UTF-8 \n");
    checkout.environment.remove("LC_ALL");
    checkout.environment.put("LANG", "C.UTF-8");
    assertThat(checkout.run("status").out()).contains("locale:  \n");
  }

  @Test
  void examplesNameItAsItWasCalled() throws Exception {
    assertThat(checkout.run("status").out()).contains("[-Dmcpist.command=mcpist]");
    assertThat(checkout.run(checkout.root, List.of("sh", "-c", "./mcpist status")).out())
        .contains("[-Dmcpist.command=./mcpist]");
  }

  @Test
  void theLastThreeReleasesAreKept() throws Exception {
    checkout.run("status");
    for (int i = 1; i <= 4; i++) {
      Path old = Files.createDirectories(checkout.root.resolve(".mcpist/releases/old" + i));
      Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(1000L * i)));
    }
    Process user = new ProcessBuilder("sh", "-c", "read -r _ # /releases/old4/cli").start();
    try {
      Files.setLastModifiedTime(
          checkout.root.resolve("pom.xml"), FileTime.from(Instant.now().plusSeconds(5)));
      checkout.run("up");
      assertThat(checkout.root.resolve(".mcpist/releases/old4")).as("in use").isDirectory();
      assertThat(checkout.root.resolve(".mcpist/releases/old3")).doesNotExist();
      assertThat(checkout.root.resolve(".mcpist/releases/old1")).isDirectory();
    } finally {
      user.destroy();
    }
  }

  @Test
  void aBuildThatFailsShowsWhyAndLeavesNoRelease() throws Exception {
    checkout.maven("echo '[ERROR] Broken.java: no such thing'; echo noise; exit 1");
    Checkout.Result failed = checkout.run("status");

    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err())
        .contains("Broken.java: no such thing", "the build failed")
        .doesNotContain("noise");
    assertThat(checkout.root.resolve(".mcpist/current")).doesNotExist();
    assertThat(checkout.root.resolve(".mcpist/build.lock")).doesNotExist();
  }

  @Test
  void aBuildWithoutANetworkSaysSo() throws Exception {
    checkout.maven(
        "echo '[ERROR] Could not transfer artifact x: Unknown host repo.maven.apache.org'; exit 1");

    assertThat(checkout.run("status").err()).contains("could not download");
  }

  @Test
  void twoAtOnceBuildOnce() throws Exception {
    Path go = checkout.folder.resolve("go");
    checkout.maven(
        "until [ -e '"
            + go
            + "' ]; do sleep 0.1; done;"
            + " for p in origin edge cli; do mkdir -p target/app/$p; done");
    Process first = checkout.start(List.of("status"));
    Conditions.await(
        "the first builds", () -> Files.exists(checkout.root.resolve(".mcpist/build.lock/pid")));
    Process second = checkout.start(List.of("status"));
    Conditions.await(
        "the second waits", () -> Files.readString(checkout.err(second)).contains("waiting"));
    Files.createFile(go);

    assertThat(first.waitFor()).isEqualTo(7);
    assertThat(second.waitFor()).isEqualTo(7);
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void aBuildTellsHowFarItIs() throws Exception {
    Path go = checkout.folder.resolve("go");
    checkout.maven(
        // Again until it is newer: a file system's clock stands still for some milliseconds.
        "mkdir -p ~/.m2/repository/a;"
            + " until [ -n \"$(find ~/.m2 -name a.jar -newer .mcpist/built.new)\" ];"
            + " do echo x >~/.m2/repository/a/a.jar; done;"
            + " echo '[INFO] Building MCPist edge 0.1.0-SNAPSHOT            [4/9]';"
            + " until [ -e '"
            + go
            + "' ]; do sleep 0.1; done;"
            + " for p in origin edge cli; do mkdir -p target/app/$p; done");
    Process build = checkout.start(List.of("up"));
    Conditions.await(
        "the part and the libraries",
        () ->
            Files.readString(checkout.err(build))
                .contains("building: part 4 of 9 (edge), 1 libraries downloaded"));
    Files.createFile(go);

    assertThat(build.waitFor()).isEqualTo(7);
    assertThat(checkout.err(build)).content().contains("built in").doesNotContain("erminated");
  }

  @Test
  void anInstalledCopyRunsOnItsOwnRuntime() throws Exception {
    Path runtime = Checkout.jdk(checkout.root.resolve("runtime"), "25");
    Path app = Files.createDirectories(checkout.root.resolve("app/cli")).resolveSibling("");
    Files.writeString(checkout.root.resolve("release"), "1.2.3 (abcdefg)\n");
    checkout.environment.remove("JAVA_HOME");

    Checkout.Result result = checkout.run("up");

    assertThat(result.out())
        .contains("java: " + runtime)
        .contains("[-Dmcpist.app=" + app + "]", "[-Dmcpist.release=1.2.3 (abcdefg)]");
    assertThat(checkout.builds()).isZero();

    checkout.environment.put("MCPIST_MODULES", checkout.folder.toString());
    assertThat(checkout.run("up").err()).hasLineCount(1).contains("MCPIST_APP");
  }

  @Test
  void theLockOfABuildThatWasKilledIsTakenAway() throws Exception {
    Process gone = new ProcessBuilder("true").start();
    gone.waitFor();
    Files.createDirectories(checkout.root.resolve(".mcpist/build.lock"));
    Files.writeString(checkout.root.resolve(".mcpist/build.lock/pid"), gone.pid() + "\n");

    assertThat(checkout.run("status").code()).isEqualTo(7);
    assertThat(checkout.builds()).isEqualTo(1);
  }

  @Test
  void itWorksThroughASymbolicLinkFromAnyFolder() throws Exception {
    Path bin = Files.createDirectories(checkout.folder.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("one"), Path.of("../check out/mcpist"));
    Files.createSymbolicLink(bin.resolve("two"), Path.of("one"));
    Path elsewhere = Files.createDirectories(checkout.folder.resolve("elsewhere"));

    Checkout.Result result = checkout.run(elsewhere, List.of(bin.resolve("two").toString(), "up"));

    assertThat(result.code()).as(result.err()).isEqualTo(7);
    assertThat(result.out()).contains("folder: " + elsewhere);
  }

  @Test
  void anAssembledProgramIsRunWithoutABuild() throws Exception {
    Path app =
        Files.createDirectories(checkout.folder.resolve("app/cli")).resolveSibling(".").normalize();
    checkout.environment.put("MCPIST_APP", app.toString());

    assertThat(checkout.run("status").out()).contains("[-Dmcpist.app=" + app + "]");
    assertThat(checkout.builds()).isZero();

    checkout.environment.put("MCPIST_APP", checkout.folder.resolve("nothing").toString());
    Checkout.Result wrong = checkout.run("status");
    assertThat(wrong.code()).isEqualTo(2);
    assertThat(wrong.err()).hasLineCount(1).contains("MCPIST_APP");
  }

  @Test
  void aJdk25IsFoundOnThePathAndInTheHome() throws Exception {
    Checkout.jdk(Path.of(checkout.environment.get("JAVA_HOME")), "21.0.2");
    Path onPath = Checkout.jdk(checkout.folder.resolve("other"), "25");
    checkout.environment.put("PATH", onPath.resolve("bin") + ":" + System.getenv("PATH"));
    assertThat(checkout.run("status").out()).contains("java: " + onPath);

    checkout.environment.remove("JAVA_HOME");
    checkout.environment.put("PATH", checkout.tools());
    checkout.withoutTheMachinesJdks();
    Path sdkman =
        Checkout.jdk(checkout.folder.resolve(".sdkman/candidates/java/25.0.1-tem"), "25.0.1");
    assertThat(checkout.run("status").out()).contains("java: " + sdkman);
  }

  @Test
  void withoutAJdk25ItIsOneLineThatSaysHowToGetOne() throws Exception {
    checkout.environment.put(
        "JAVA_HOME", Checkout.jdk(checkout.folder.resolve("old"), "17.0.9").toString());
    checkout.environment.put("PATH", checkout.tools());
    checkout.withoutTheMachinesJdks();
    Checkout.Result result = checkout.run("status");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).hasLineCount(1).contains("JDK 25", "adoptium.net");
  }
}
