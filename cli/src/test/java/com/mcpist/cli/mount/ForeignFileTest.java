package com.mcpist.cli.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.cli.console.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ForeignFileTest {
  @TempDir private Path folder;
  private final PlainSecrets secrets = new PlainSecrets(Map.of("API_KEY", "another"));

  private ForeignFile read(String text) throws Exception {
    Path file = folder.resolve("theirs.json");
    Files.writeString(file, text);
    return ForeignFile.read(file, secrets);
  }

  private static void assertServer(ForeignFile file, String name, String expected) {
    assertThat(file.servers().get(name)).as(name).isEqualTo(JsonMapper.shared().readTree(expected));
  }

  @Test
  void claudeDesktopsFile() throws Exception {
    ForeignFile file =
        read(
            """
            {"globalShortcut": "",
             "mcpServers": {
               "File System": {"command": "npx", "args": ["-y", "fs", "/srv"]},
               "github": {"command": "npx", "env": {"GITHUB_TOKEN": "ghp_1", "LEVEL": "debug"}},
               "search": {"command": "s", "env": {"API_KEY": "mine", "B_KEY": "${B_KEY}"}},
               "old": {"command": "old", "disabled": true, "autoApprove": []}}}
            """);

    assertThat(file.servers()).containsOnlyKeys("file-system", "github", "search");
    assertServer(
        file, "file-system", "{\"command\": \"npx\", \"args\": [\"-y\", \"fs\", \"/srv\"]}");
    assertServer(
        file,
        "github",
        "{\"command\": \"npx\", \"env\": {\"GITHUB_TOKEN\": \"${GITHUB_TOKEN}\", \"LEVEL\":"
            + " \"debug\"}}");
    assertServer(
        file,
        "search",
        "{\"command\": \"s\", \"env\": {\"API_KEY\": \"${SEARCH_API_KEY}\", \"B_KEY\":"
            + " \"${B_KEY}\"}}");
    assertThat(secrets.found())
        .containsOnly(Map.entry("GITHUB_TOKEN", "ghp_1"), Map.entry("SEARCH_API_KEY", "mine"));
    assertThat(secrets.toString()).doesNotContain("ghp_1");
    assertThat(file.notes())
        .containsExactly(
            "File System is called file-system here.", "old is disabled there, and left out.");
  }

  @Test
  void vsCodesFile() throws Exception {
    ForeignFile file =
        read(
            """
            {
              // A comment.
              "servers": {
                "gh": {
                  "type": "http",
                  "url": "https://x.example/mcp",
                  "headers": {"Authorization": "Bearer ghp_1", "X": "${env:x_value}"},
                },
                "run": {"type": "stdio", "command": "r", "envFile": ".env"},
              },
            }
            """);

    assertServer(
        file,
        "gh",
        """
        {"type": "http", "url": "https://x.example/mcp",
         "headers": {"Authorization": "Bearer ${GH_AUTHORIZATION}", "X": "${X_VALUE}"}}
        """);
    assertThat(secrets.found()).containsOnly(Map.entry("GH_AUTHORIZATION", "ghp_1"));
    assertThat(file.notes()).containsExactly("run: envFile is left out.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"mcpServers\": {\"x\": | theirs.json:1:2",
        "{\"a\": {}} | has no mcpServers",
        "{\"mcpServers\": {\"x\": {\"type\": \"sse\", \"url\": \"u\"}}} | x is of type sse",
        "{\"servers\": {\"x\": {\"command\": \"${input:api-key}\"}}} | such as ${API_KEY}",
        "{\"servers\": {\"x\": {\"command\": \"${workspaceFolder}/x\"}}} | only an editor knows",
        "{\"mcpServers\": {\"a b\": {}, \"a-b\": {}}} | two servers there would be called a-b",
      })
  void whatCannotBeImported(String text, String problem) {
    assertThatExceptionOfType(Failure.class)
        .isThrownBy(() -> read(text))
        .withMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource({
    "github, github",
    "My Server!, my-server",
    "7zip, m7zip",
    "--x--, x",
    "日本, m",
    "abcdefghijklmnopqrstuvwxyzabcde-fgh, abcdefghijklmnopqrstuvwxyzabcde"
  })
  void namesAreMappedToOurs(String theirs, String ours) {
    assertThat(ForeignFile.name(theirs)).isEqualTo(ours);
  }
}
