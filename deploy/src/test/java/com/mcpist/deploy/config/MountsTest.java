package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MountsTest {
  private static final Path ROOT = Path.of(System.getProperty("mcpist.root"));
  private static final JsonNode SCHEMA =
      JsonMapper.shared().readTree(ROOT.resolve("contract/mounts.schema.json").toFile());

  private static final String FILE =
      """
      {
        "mcpServers": {
          "everything": {"command": "npx", "args": ["-y", "pkg", "--at=${PLACE:-here}"]},
          "github": {
            "type": "http",
            "url": "https://${GITHUB_HOST}/mcp",
            "headers": {"Authorization": "Bearer ${GITHUB_TOKEN}"},
            "pin": true,
            "tools": {"send": {"effect": "idempotent", "key": {"meta": "key"}}}
          },
          "mail": {"command": "mail", "env": {"T": "${MAIL_TOKEN_{user}}"}, "per_user": true}
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  void anOriginIsToldAllOfItInOneLine() {
    Mounts mounts = Mounts.parse("f", FILE);

    assertThat(mounts.names()).containsExactly("everything", "github", "mail");
    assertThat(mounts.env()).containsOnlyKeys("MOUNTS");
    assertThat(mounts.env().get("MOUNTS")).hasLineCount(1).contains("${GITHUB_TOKEN}");
    assertThat(mounts.only("github").names()).containsExactly("github");
    assertThat(Mounts.NONE.env()).isEmpty();
  }

  @Test
  void itSaysWhichVariablesItNeeds() {
    Mounts mounts = Mounts.parse("f", FILE);
    Map<String, String> environment =
        Map.of("GITHUB_TOKEN", "t", "PLACE", "", "MAIL_TOKEN_ALICE", "a", "OTHER", "o");

    assertThat(mounts.variables(environment))
        .containsExactly(Map.entry("GITHUB_TOKEN", "t"), Map.entry("MAIL_TOKEN_ALICE", "a"));
    assertThat(mounts.required()).containsExactly("GITHUB_HOST", "GITHUB_TOKEN");
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> mounts.require(Set.of("GITHUB_TOKEN"), "Set NAME"))
        .withMessage("f: github refers to ${GITHUB_HOST}, which is not set. Set GITHUB_HOST");
    mounts.require(Set.of("GITHUB_TOKEN", "GITHUB_HOST"), "");
  }

  @Test
  void itsFolderMayHaveNone() throws IOException {
    assertThat(DeploymentFile.find(folder).mounts()).isEqualTo(Mounts.NONE);

    Files.writeString(folder.resolve("mounts.json"), FILE);

    assertThat(DeploymentFile.find(folder).mounts().names()).contains("mail");
    assertThat(DeploymentFile.builtIn().mounts()).isEqualTo(Mounts.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"mcpServers\": {,}} | f:1:17: is not JSON",
        "{\"mcpServers\": {}} x | is not JSON",
        "{\"mcpServers\": {}, \"mcpServers\": {}} | Duplicate",
        "`` | f: is empty",
        "[] | f:1:1: the file must be",
        "{} | the file must have mcpServers",
        "{\"servers\": {}} | unknown key \"servers\" in the file",
        "{\"mcpServers\": {\"X\": {}}} | f:1:17: this is no name of a mount",
      })
  void aFileThatIsNone(String text, String problem) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> Mounts.parse("f", text))
        .withMessageContaining(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | f:1:22: a server needs command",
        "{\"type\": \"stdio\"} | a server needs command",
        "{\"command\": \"x\", \"url\": \"https://x\"} | url must not stand beside command",
        "{\"url\": \"https://x\", \"env\": {}} | env belongs to a server with command",
        "{\"type\": \"sse\", \"url\": \"https://x\"} | HTTP+SSE of 2024 is not supported",
        "{\"type\": \"http\", \"command\": \"x\"} | type must be stdio where there is a command",
        "{\"url\": \"x\"} | url must be an address such as https://",
        "{\"comand\": \"x\"} | unknown key \"comand\" in x. Known keys: type, command",
        "{\"comand\": \"x\"} | Did you mean command?",
        "{\"command\": \"x\", \"args\": \"y\"} | args must be a list of texts",
        "{\"command\": \"x\", \"env\": {\"A\": 1}} | A must be a text",
        "{\"command\": \"x\", \"env\": {\"A B\": \"1\"}} | no name of an environment variable",
        "{\"command\": \"x\", \"timeout_seconds\": 0} | must be a whole number from 1 to 3600",
        "{\"command\": \"x\", \"memory_mib\": \"1\"} | must be a whole number from 16 to 65536",
        "{\"command\": \"x\", \"env\": {\"A\": \"${DATABASE_URL}\"}} | a setting of the origin's"
            + " own",
        "{\"command\": \"x\", \"env\": {\"A\": \"${ADMIN_TOKEN:-y}\"}} | a setting of the origin's"
            + " own",
        "{\"command\": \"x\", \"env\": {\"A\": \"${input:key}\"}} | that is no reference",
        "{\"command\": \"x\", \"args\": [\"${a}\"]} | that is no reference",
        "{\"command\": \"x\", \"tools\": {\"t\": {\"effect\": \"read\"}}} | reads or idempotent or"
            + " once",
        "{\"command\": \"x\", \"tools\": {\"t\": {\"key\": {}}}} | key must be {\"argument\":"
            + " NAME}",
      })
  void aServerThatIsNone(String server, String problem) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> Mounts.parse("f", "{\"mcpServers\": {\"x\": " + server + "}}"))
        .withMessageContaining(problem);
  }

  @Test
  void noMessageRepeatsWhatMayBeASecret() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(
            () ->
                Mounts.parse(
                    "f",
                    """
                    {"mcpServers": {"x": {"url": "hunter2", "headers": {"A": "hunter2 ${b}"}}}}
                    """))
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(2).doesNotContain("hunter2"));
  }

  @Test
  void itIsSmallEnoughForAnEnvironmentVariable() {
    String text = "{\"mcpServers\": {\"x\": {\"command\": \"" + "x".repeat(64 * 1024) + "\"}}}";
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> Mounts.parse("f", text))
        .withMessageContaining("64 KiB at most");
  }

  @Test
  void theSchemaIsOneAndItsExamplesAreRight() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    Schema meta = registry.getSchema(SchemaLocation.of(SCHEMA.get("$schema").asString()));
    assertThat(meta.validate(SCHEMA)).isEmpty();

    for (JsonNode example : SCHEMA.at("/properties/mcpServers/examples")) {
      assertThat(Mounts.parse("f", "{\"mcpServers\": " + example + "}").names()).isNotEmpty();
    }
  }

  @Test
  void thePageOnConfigurationHasARowForEveryKeyWithItsDefault() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/operations/configuration.md"));
    String rows = page.split("\n## mounts.json\n", 2)[1].split("\n## ", 2)[0];
    Map<String, String> defaults = new LinkedHashMap<>();
    Pattern.compile("(?m)^\\| `([a-z_]+)` \\|.*\\| ([^|]*) \\|$")
        .matcher(rows)
        .results()
        .forEach(row -> defaults.put(row.group(1), row.group(2)));

    JsonNode known = SCHEMA.at("/$defs/server/properties");
    assertThat(defaults.keySet()).containsExactlyElementsOf(known.propertyNames());
    known.forEachEntry(
        (key, rule) -> {
          JsonNode value = rule.path("default");
          if (value.isValueNode() && !value.isMissingNode()) {
            assertThat(defaults.get(key)).as(key).isEqualTo(value.asString());
          } else {
            assertThat(
                    List.of("none", "by `command` or `url`", "a [new folder](mounts.md#contained)"))
                .as(key)
                .contains(defaults.getOrDefault(key, ""));
          }
        });
  }
}
