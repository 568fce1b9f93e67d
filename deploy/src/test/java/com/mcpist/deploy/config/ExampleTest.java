package com.mcpist.deploy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The annotated example is the reference: what it does not say, nobody knows. */
class ExampleTest {
  private static final Pattern KEY = Pattern.compile("^ *(?:- )?([a-z_]+):.*");

  @Test
  void everyKnownKeyIsInTheExampleAndNoOther() {
    Set<String> known = new TreeSet<>();
    for (Set<String> keys :
        List.of(
            DeploymentReader.TOP,
            DeploymentReader.ORIGIN,
            DeploymentReader.MONITOR,
            DeploymentReader.EDGE)) {
      known.addAll(keys);
    }

    assertThat(keysOf(DeploymentFile.builtInText().lines().toList()))
        .containsExactlyInAnyOrderElementsOf(known);
  }

  @Test
  void everyKeyHasACommentAboveItTheFirstTime() {
    List<String> lines = DeploymentFile.builtInText().lines().toList();
    Set<String> seen = new TreeSet<>();
    boolean explained = false;
    for (String line : lines) {
      String key = key(line);
      if (!key.isEmpty() && seen.add(key)) {
        assertThat(explained).as("a comment explains %s", key).isTrue();
      }
      // One comment may explain two keys that follow each other.
      explained = line.strip().startsWith("#") || (explained && !line.isBlank());
    }
  }

  private static Set<String> keysOf(List<String> lines) {
    Set<String> keys = new TreeSet<>();
    lines.stream().map(ExampleTest::key).filter(key -> !key.isEmpty()).forEach(keys::add);
    return keys;
  }

  private static String key(String line) {
    var matcher = KEY.matcher(line);
    return matcher.matches() ? matcher.group(1) : "";
  }
}
