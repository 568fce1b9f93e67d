package com.mcpist.origin.mount.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.Tool.Effect;
import com.mcpist.origin.mount.client.MountConfig.Entry;
import com.mcpist.origin.mount.client.MountConfig.Http;
import com.mcpist.origin.mount.client.MountConfig.Stdio;
import com.mcpist.origin.mount.client.MountConfig.ToolRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MountConfigTest {
  @Test
  void aProgramHasItsDefaults() {
    Entry entry = entry("{'command': 'npx', 'args': ['-y', 'pkg']}");

    assertThat(entry)
        .isEqualTo(
            new Entry(
                "notes",
                new Stdio("npx", List.of("-y", "pkg"), Map.of(), Optional.empty()),
                false,
                false,
                Duration.ofMinutes(5),
                512L << 20,
                Map.of()));
  }

  @Test
  void anAddressHasItsHeadersAndRules() {
    Entry entry =
        entry(
            "{'type': 'http', 'url': 'https://example.com/mcp', 'headers': {'X-Key': 'k'}, 'pin':"
                + " true, 'timeout_seconds': 5, 'tools': {'pay': {'effect': 'idempotent', 'key':"
                + " {'meta': 'a/b'}}, 'look': {'effect': 'reads'}}}");

    assertThat(entry.server()).isEqualTo(new Http("https://example.com/mcp", Map.of("X-Key", "k")));
    assertThat(entry.pin()).isTrue();
    assertThat(entry.timeout()).hasSeconds(5);
    assertThat(entry.tools())
        .containsEntry(
            "pay",
            new ToolRule(
                Optional.of(Effect.ACTS_OUTSIDE_IDEMPOTENTLY),
                Optional.of(new MountConfig.Key.Meta("a/b"))))
        .containsEntry("look", new ToolRule(Optional.of(Effect.READS), Optional.empty()));
  }

  @Test
  void theOrderOfTheFileStays() {
    String file =
        json(
            "{'mcpServers': {'b': {'command': 'b'}, 'a': {'command': 'a'}, 'c': {'command':"
                + " 'c'}}}");
    assertThat(MountConfig.parse(file).entries())
        .extracting(Entry::name)
        .containsExactly("b", "a", "c");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          { | is not valid JSON: line 1
          {'mcpServers': {}, 'mcpServers': {}} | is not valid JSON
          {} | is wrong: the file must have mcpServers
          {'mcpServers': {}, 'x': 1} | is wrong: x: unknown key
          {'mcpServers': {'Big': {'command': 'x'}}} | is wrong: mcpServers/Big: this is no name of a mount: use lower-case letters
          {'mcpServers': {'a': {}}} | is wrong: mcpServers/a: a server needs command, its program, or url
          {'mcpServers': {'a': {'type': 'sse', 'url': 'http://x'}}} | is wrong: mcpServers/a/type: must be stdio or http. HTTP+SSE of 2024 is not supported
          {'mcpServers': {'a': {'url': 'http://x', 'args': []}}} | is wrong: mcpServers/a/args: belongs to a server with command
          {'mcpServers': {'a': {'command': 'x', 'headers': {}}}} | is wrong: mcpServers/a/headers: belongs to a server with url
          {'mcpServers': {'a': {'command': 'x', 'arg': []}}} | is wrong: mcpServers/a/arg: unknown key
          {'mcpServers': {'a': {'command': 'x', 'env': {'A': 1}}}} | is wrong: mcpServers/a/env/A: must be a text
          {'mcpServers': {'a': {'command': 'x', 'timeout_seconds': 0}}} | is wrong: mcpServers/a/timeout_seconds:
          {'mcpServers': {'a': {'command': 'x', 'tools': {'t': {'effect': 'never'}}}}} | is wrong: mcpServers/a/tools/t/effect:
          {'mcpServers': {'a': {'command': 'x', 'tools': {'t': {'key': {}}}}}} | is wrong: mcpServers/a/tools/t/key: must be
          {'mcpServers': {'a': {'command': 'x', 'env': {'A': '${DATABASE_URL}'}}}} | is wrong: mcpServers/a/env/A: must not refer to a setting
          {'mcpServers': {'a': {'command': 'x', 'args': ['${T_{user}}']}}} | is wrong: mcpServers/a/args/0: must have per_user to refer to T_{user}
          {'mcpServers': {'a': {'command': 'x', 'args': ['${input:t}']}}} | is wrong: mcpServers/a/args/0: has a ${…} that is no reference
          """)
  void aMistakeIsNamed(String file, String problem) {
    assertThatThrownBy(() -> MountConfig.parse(json(file)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(problem);
  }

  @Test
  void referencesAreFilledFromTheEnvironment() throws Exception {
    Entry entry =
        entry("{'command': 'x', 'args': ['a${A}-${B:-b}-${C:-}', '$HOME'], 'env': {'T': '${A}'}}");
    Map<String, String> variables =
        entry.resolve(Map.of("A", "1$", "PATH", "/bin", "OTHER", "o", "B", ""), "ada");

    assertThat(variables).containsOnly(Map.entry("A", "1$"), Map.entry("PATH", "/bin"));
    assertThat(References.fill("a${A}-${B:-b}-${C:-}", variables)).isEqualTo("a1$-b-");
    assertThat(References.secrets(variables)).containsExactly("1$");
    assertThatThrownBy(() -> entry.resolve(Map.of(), "ada"))
        .isInstanceOf(MountException.class)
        .hasMessage("the variable A is not set");
  }

  @Test
  void aUserHasVariablesOfTheirOwnAndNeverTheOrigins() throws Exception {
    Entry entry = entry("{'command': 'x', 'per_user': true, 'env': {'T': '${DATABASE_{user}}'}}");
    Map<String, String> environment =
        Map.of("DATABASE_KEY_3AA1", "mine", "DATABASE_URL", "postgres://");

    assertThat(entry.resolve(environment, "key:a1")).containsValue("mine");
    assertThatThrownBy(() -> entry.resolve(environment, "url"))
        .hasMessage("the variable DATABASE_URL is not set");
  }

  private static Entry entry(String json) {
    return MountConfig.parse(json("{'mcpServers': {'notes': " + json + "}}")).entries().getFirst();
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }
}
