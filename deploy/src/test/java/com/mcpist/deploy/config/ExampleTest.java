package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.deploy.config.Deployment.Limits;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The annotated example is the reference: what it does not say, nobody knows. */
class ExampleTest {
  private static final Path ROOT = Path.of(System.getProperty("mcpist.root"));
  private static final JsonNode SCHEMA =
      JsonMapper.shared().readTree(ROOT.resolve("contract/mcpist.schema.json").toFile());
  private static final List<String> PARTS =
      List.of(
          "origin",
          "monitor",
          "edge",
          "auth",
          "jwt",
          "limits",
          "cloudflare",
          "notifications",
          "alert",
          "billing",
          "stripe");
  private static final Pattern KEY = Pattern.compile("^( *(?:- )?)([a-z_]+):(.*)");

  @Test
  void theExampleIsWhatInitWrites() throws Exception {
    assertThat(example()).isEqualTo(NewDeployment.example().text());
  }

  @Test
  void everyKnownKeyIsInTheExampleAndNoOther() throws IOException {
    assertThat(keysOf(example())).containsExactlyInAnyOrderElementsOf(known());
  }

  @Test
  void everyKeyHasACommentAboveItTheFirstTime() throws IOException {
    Set<String> seen = new TreeSet<>();
    boolean explained = false;
    for (String line : example().lines().toList()) {
      String key = key(line);
      if (!key.isEmpty() && seen.add(key)) {
        assertThat(explained).as("a comment explains %s", key).isTrue();
      }
      // One comment may explain two keys that follow each other.
      explained = line.strip().startsWith("#") || (explained && !line.isBlank());
    }
  }

  /** A key that nothing reads would take any nonsense. */
  @ParameterizedTest
  @MethodSource("linesWithAValue")
  void everyKeyOfTheExampleIsRead(int index) throws IOException {
    List<String> lines = new ArrayList<>(example().lines().toList());
    var line = KEY.matcher(lines.get(index));
    assertThat(line.matches()).isTrue();
    lines.set(index, line.group(1) + line.group(2) + ": {nonsense: {}}");

    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> DeploymentFile.parse("f", String.join("\n", lines)))
        .withMessageStartingWith("f:" + (index + 1) + ":")
        .withMessageContaining(line.group(2) + " must be");
  }

  static Stream<Integer> linesWithAValue() throws IOException {
    List<String> lines = example().lines().toList();
    return Stream.iterate(0, i -> i < lines.size(), i -> i + 1)
        .filter(i -> !key(lines.get(i)).isEmpty() && !lines.get(i).strip().endsWith(":"));
  }

  @ParameterizedTest
  @CsvSource({
    "The file, ''",
    "An origin, origin",
    "The monitor, monitor",
    "The edge, edge",
    "Who may call, auth jwt",
    "Limits, limits",
    "Cloudflare, cloudflare",
    "Notifications, notifications",
    "Alerts, alert",
    "Billing, stripe"
  })
  void thePageOnConfigurationHasARowForEveryKeyWithItsDefault(String section, String parts)
      throws IOException {
    String page = Files.readString(ROOT.resolve("docs/operations/configuration.md"));
    String rows = page.split("\n## " + section + "\n", 2)[1].split("\n## ", 2)[0];
    Map<String, String> defaults = new LinkedHashMap<>();
    Pattern.compile("(?m)^\\| `([A-Za-z_]+)` \\|.*\\| ([^|]*) \\|$")
        .matcher(rows)
        .results()
        .forEach(row -> defaults.put(row.group(1), row.group(2)));

    Map<String, JsonNode> known = new LinkedHashMap<>();
    for (String part : parts.split(" ", -1)) {
      properties(part.isEmpty() ? "" : "/$defs/" + part).forEachEntry(known::put);
    }

    assertThat(defaults.keySet()).containsExactlyElementsOf(known.keySet());
    known.forEach(
        (key, rule) -> {
          JsonNode value = rule.path("default");
          if (value.isValueNode()) {
            assertThat(defaults.getOrDefault(key, "").replaceAll("^`|`$", ""))
                .isEqualTo(value.asString());
          } else {
            assertThat(defaults.get(key)).as(key).matches("[A-Za-z].*");
          }
        });
  }

  @Test
  void theSchemaIsOne() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    Schema meta = registry.getSchema(SchemaLocation.of(SCHEMA.get("$schema").asString()));
    assertThat(meta.validate(SCHEMA)).isEmpty();
  }

  @Test
  void theExampleSaysTheDefaults() throws Exception {
    Deployment example = DeploymentFile.parse("example", example());

    assertThat(example.monitor()).isEqualTo(DeploymentFileTest.MONITOR);
    assertThat(example.edge()).isEqualTo(DeploymentFileTest.EDGE);
    assertThat(example.limits()).contains(Limits.DEFAULT);
    assertThat(DeploymentFile.parse("f", "origins: [{name: a}]\nlimits: {}").limits())
        .contains(Limits.DEFAULT);
    assertThat(example.originNames()).startsWith("koyeb-primary", "flyio-standby");
    assertThat(DeploymentFile.builtIn().originNames())
        .containsExactly("koyeb-primary", "flyio-standby");
    Hosting.Ssh own = (Hosting.Ssh) example.origins().get(2).hosting();
    assertThat(own.listen()).isEqualTo(new Hosting.Ssh.Listen("127.0.0.1", 8000));
  }

  private static Set<String> known() {
    Set<String> known = new TreeSet<>(properties("").propertyNames());
    for (String part : PARTS) {
      known.addAll(properties("/$defs/" + part).propertyNames());
    }
    return known;
  }

  private static JsonNode properties(String part) {
    return SCHEMA.at(part + "/properties");
  }

  private static String example() throws IOException {
    return Files.readString(ROOT.resolve("mcpist.example.yml"));
  }

  private static Set<String> keysOf(String text) {
    Set<String> keys = new TreeSet<>();
    text.lines().map(ExampleTest::key).filter(key -> !key.isEmpty()).forEach(keys::add);
    return keys;
  }

  private static String key(String line) {
    var matcher = KEY.matcher(line);
    return matcher.matches() ? matcher.group(2) : "";
  }
}
