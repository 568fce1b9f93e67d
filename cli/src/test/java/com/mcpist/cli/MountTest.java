package com.mcpist.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** `mcpist mount` where no pair runs, with a stand-in of what tries a server. */
class MountTest {
  private Mcpist mcpist;
  private Path file;

  // JUnit calls prepare before anything else.
  @SuppressWarnings("NullAway.Init")
  MountTest() {}

  @BeforeEach
  void prepare(@TempDir Path folder) throws IOException {
    mcpist = new Mcpist(folder);
    file = folder.resolve("mounts.json");
  }

  private Mcpist.Result mount(String... arguments) throws Exception {
    List<String> line = new ArrayList<>(List.of("mount"));
    line.addAll(List.of(arguments));
    return mcpist.run(line.toArray(String[]::new));
  }

  private JsonNode servers() throws IOException {
    return JsonMapper.shared().readTree(Files.readString(file)).path("mcpServers");
  }

  @Test
  void aProgramIsTriedAddedShownAndRemoved() throws Exception {
    Files.writeString(file, "{\"$schema\": \"s\", \"mcpServers\": {\"z\": {\"command\": \"z\"}}}");

    Mcpist.Result add = mount("add", "everything", "--", "npx", "-y", "pkg");

    assertThat(add.code()).as(add.err()).isZero();
    assertThat(add.out())
        .contains(
            "Asking everything: done",
            "everything is added to %s. It is stand-in 4, MCP 2025-11-25: 1 tool, 2 prompts, 3 resources."
                .formatted(file),
            "No pair is running; `mcpist up` mounts it.");
    assertThat(Files.readString(file))
        .isEqualTo(
            """
            {
              "$schema": "s",
              "mcpServers": {
                "z": {
                  "command": "z"
                },
                "everything": {
                  "command": "npx",
                  "args": [ "-y", "pkg" ]
                }
              }
            }
            """);
    assertThat(mount("list").out()).contains("everything  npx -y pkg", "this is mounts.json");
    assertThat(mount("list", "--json").out())
        .contains("{\"name\":\"everything\",\"at\":\"npx -y pkg\"}");
    assertThat(mount("test", "everything").out()).contains("everything_echo  reads");

    Mcpist.Result again = mount("add", "everything", "--", "x");
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("there is a mount everything already");

    Mcpist.Result unknown = mount("remove", "everythin");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("Did you mean everything?");
    assertThat(mount("remove", "everything").code()).isZero();
    assertThat(servers().propertyNames()).containsExactly("z");
  }

  /** A mounted server runs in a folder of its own. */
  @Test
  void whatIsNamedFromThisFolderGetsItsWholePath() throws Exception {
    Path folder = mcpist.folder();
    Files.createDirectories(folder.resolve("notes/pkg"));
    Files.writeString(folder.resolve("server.py"), "");
    Files.createDirectory(folder.resolve("python3"));

    Mcpist.Result add =
        mount("add", "x", "--", "python3", "server.py", "./notes", "notes/pkg", "notes", ".", "/");

    assertThat(add.code()).as(add.err()).isZero();
    assertThat(add.out())
        .contains(
            "server.py is there as %1$s/server.py. ./notes is there as %1$s/notes."
                .formatted(folder));
    assertThat(servers().path("x").path("command").asString()).isEqualTo("python3");
    assertThat(servers().path("x").path("args").valueStream().map(JsonNode::asString))
        .containsExactly(
            folder + "/server.py",
            folder + "/notes",
            folder + "/notes/pkg",
            "notes",
            folder.toString(),
            "/");
  }

  @Test
  void whatDoesNotAnswerIsNotAddedUnlessForced() throws Exception {
    Mcpist.Result refused = mount("add", "bad", "--", "bad");

    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .contains("bad does not answer: there is no program bad. It is not added; --force");
    assertThat(file).doesNotExist();

    assertThat(mount("add", "bad", "--force", "--", "bad").code()).isZero();
    assertThat(servers().propertyNames()).containsExactly("bad");
    Mcpist.Result tried = mount("test", "bad", "--json");
    assertThat(tried.code()).isEqualTo(1);
    assertThat(tried.out()).contains("\"ok\":false");
  }

  @Test
  void aSecretIsKeptElsewhereAndReferredTo() throws Exception {
    Mcpist.Result add =
        mount("add", "x", "--env", "X_TOKEN=hunter2hunter2", "--env", "LEVEL=3", "--", "x");

    assertThat(add.code()).as(add.err()).isZero();
    assertThat(add.out())
        .contains("It is stand-in 14,", "refers to ${X_TOKEN}, which is kept in")
        .doesNotContain("hunter2");
    assertThat(servers().at("/x/env").toString())
        .isEqualTo("{\"X_TOKEN\":\"${X_TOKEN}\",\"LEVEL\":\"3\"}");
    assertThat(Files.readString(mcpist.data().resolve("variables.json")))
        .contains("hunter2hunter2");

    Mcpist.Result http =
        mount("add", "y", "https://y.example/mcp", "--header", "Authorization=Bearer hunter2");
    assertThat(http.code()).as(http.err()).isZero();
    assertThat(servers().at("/y/headers/Authorization").asString())
        .isEqualTo("Bearer ${Y_AUTHORIZATION}");
    assertThat(mount("remove", "x").code()).isZero();
    assertThat(Files.readString(mcpist.data().resolve("variables.json")))
        .isEqualTo("{\"Y_AUTHORIZATION\":\"hunter2\"}");
  }

  @Test
  void aVariableThatIsNotSetIsToldBeforeAnythingStarts() throws Exception {
    Mcpist.Result missing = mount("add", "x", "--env", "NOT_SET", "--", "x");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("x refers to ${NOT_SET}, which is not set. Set NOT_SET in");
    assertThat(file).doesNotExist();

    Files.writeString(
        file, "{\"mcpServers\": {\"x\": {\"command\": \"x\", \"args\": [\"${NOT_SET}\"]}}}");
    Mcpist.Result up = mcpist.run("up", "--port", "0");
    assertThat(up.code()).isEqualTo(2);
    assertThat(up.err()).contains("x refers to ${NOT_SET}, which is not set");
    mcpist.environment.put("ENVIRONMENT", "development");
    assertThat(mcpist.run("origin").err()).contains("x refers to ${NOT_SET}, which is not set");
  }

  @Test
  void aFileOfClaudeDesktopIsImported() throws Exception {
    Path theirs = mcpist.folder().resolve("claude_desktop_config.json");
    Files.writeString(
        theirs,
        """
        {"mcpServers": {"A B": {"command": "a", "env": {"A_TOKEN": "hunter2"}},
                        "c": {"url": "https://c.example/mcp"}}}
        """);

    Mcpist.Result imported = mount("import", theirs.toString());

    assertThat(imported.code()).as(imported.err()).isZero();
    assertThat(imported.out())
        .contains("A B is called a-b here.", "a-b, c: added to " + file + ".")
        .doesNotContain("hunter2");
    assertThat(servers().propertyNames()).containsExactly("a-b", "c");
    assertThat(mount("import", theirs.toString()).err()).contains("there is a mount a-b already");
  }

  @Test
  void aDeploymentOnPlatformsGetsItWithTheNextDeployment() throws Exception {
    Files.writeString(
        mcpist.folder().resolve("mcpist.yml"),
        """
        origins:
          - {name: one, platform: fly, app: a, url: "https://one.example"}
          - {name: two, platform: fly, app: b, url: "https://two.example"}
        """);

    Mcpist.Result add = mount("add", "x", "--env", "X_TOKEN=hunter2", "--", "x");

    assertThat(add.code()).as(add.err()).isZero();
    assertThat(add.out())
        .contains(
            "with the next deployment",
            "1. In mcpist.yml, under secrets: X_TOKEN: [origins]",
            "2. gh secret set X_TOKEN --env production",
            "3. mcpist secrets sync, then mcpist deploy");
    mcpist.environment.put("GATEWAY_SECRET", "g");
    mcpist.environment.put("FLY_API_TOKEN", "f");
    Mcpist.Result deploy = mcpist.run("deploy", "--image", "ghcr.io/a/b:c");
    assertThat(deploy.code()).isEqualTo(2);
    assertThat(deploy.err()).contains("list it under secrets (X_TOKEN: [origins])");
  }

  @Test
  void whatIsWrongWithTheCommandLine() throws Exception {
    assertThat(mount("add", "Every Thing", "--", "x").err()).contains("Such as every-thing.");
    assertThat(mount("add", "x", "https://x", "y").err()).contains("an address has no arguments");
    assertThat(mount("add", "x", "--env", "A=b", "https://x").err()).contains("--env is for a");
    assertThat(mount("add", "x", "--header", "A=b", "--", "x").err()).contains("--header is for");
    assertThat(mount("add", "x").code()).isEqualTo(2);
    Files.writeString(file, "{\"mcpServers\": {\n  ,}}");
    Mcpist.Result list = mount("list");
    assertThat(list.code()).isEqualTo(2);
    assertThat(list.err()).contains("mounts.json:2:");
  }
}
