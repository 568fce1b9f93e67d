package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The annotated example is the reference: what it does not say, nobody knows. */
class ExampleTest {
  private static final Path ROOT = Path.of(System.getProperty("mcpist.root"));
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

  @Test
  void thePageOnConfigurationHasARowForEveryKey() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/operations/configuration.md"));
    Set<String> rows = new TreeSet<>();
    Pattern.compile("(?m)^\\| `([a-z_]+)` \\|")
        .matcher(page)
        .results()
        .forEach(row -> rows.add(row.group(1)));

    assertThat(rows).containsExactlyInAnyOrderElementsOf(known());
  }

  @Test
  void theExampleSaysTheDefaults() throws Exception {
    Deployment example = DeploymentFile.parse("example", example());

    assertThat(example.monitor()).isEqualTo(Monitor.DEFAULT);
    assertThat(example.edge()).isEqualTo(Edge.DEFAULT);
    assertThat(example.limits()).contains(Limits.DEFAULT);
    assertThat(example.originNames()).startsWith("koyeb-primary", "flyio-standby");
    assertThat(DeploymentFile.builtIn().originNames())
        .containsExactly("koyeb-primary", "flyio-standby");
    Hosting.Ssh own = (Hosting.Ssh) example.origins().get(2).hosting();
    assertThat(own.listen()).isEqualTo(new Hosting.Ssh.Listen("127.0.0.1", 8000));
  }

  private static Set<String> known() {
    Set<String> known = new TreeSet<>();
    Stream.of(
            DeploymentReader.TOP,
            OriginReader.KEYS,
            DeploymentReader.MONITOR,
            DeploymentReader.EDGE,
            AuthReader.AUTH,
            AuthReader.JWT,
            AuthReader.LIMITS,
            DeploymentReader.CLOUDFLARE,
            DeploymentReader.NOTIFICATIONS)
        .forEach(known::addAll);
    return known;
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
