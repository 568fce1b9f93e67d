package com.mcpist.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.mcpist.module.Module;
import com.mcpist.origin.fixture.ModuleJar;
import java.io.IOException;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modules of other repositories, and what keeps one from starting. */
final class ModulesTest {
  @TempDir private Path folder;

  private static List<Module> all(Path... jars) throws IOException {
    try (URLClassLoader loader = ModuleJar.loader(jars)) {
      return Modules.all(
          loader, new OriginConfig.ModuleSettings(Map.of("MODULE_COUNTER_MOST", "9")));
    }
  }

  private ModuleJar counter(String body) throws IOException {
    return new ModuleJar(folder.resolve("counter-1.0.jar"), body);
  }

  @Test
  void aJarIsFoundAndItsModuleHasItsSettings() throws Exception {
    Path jar =
        counter(
                """
                private Map<String, String> settings = Map.of();
                public void start(Map<String, String> settings) { this.settings = settings; }
                public String toString() { return settings.toString(); }
                """)
            .write();

    assertThat(all()).extracting(Module::name).containsExactly("memory");
    assertThat(all(jar)).extracting(Module::name).containsExactly("memory", "counter");
    assertThat(all(jar).getLast()).hasToString("{MODULE_COUNTER_MOST=9}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          public CounterModule() { throw new IllegalStateException("first\\nsecond"); } | first
          public CounterModule() { throw new NoClassDefFoundError("java/net/http/HttpClient"); } | java.lang.NoClassDefFoundError: java/net/http/HttpClient
          public void start(Map<String, String> settings) { throw new RuntimeException("outer", new IllegalArgumentException("inner")); } | inner
          public List<Tool> tools() { return List.of(Tool.of(CounterModule.class, "counter_add", Tool.Effect.READS, c -> null)); } | No counter_add.json beside sample.CounterModule
          private CounterModule() {} | Unable to get public no-arg constructor
          """)
  void whatKeepsItFromStartingIsToldInALineWithItsJar(String body, String cause)
      throws IOException {
    Path jar = counter(body).write();
    assertThatExceptionOfType(Modules.BadModuleException.class)
        .isThrownBy(() -> all(jar))
        .withMessageContaining(cause)
        .withMessageContaining("sample.CounterModule")
        .satisfies(e -> assertThat(e.getMessage()).hasLineCount(1));
  }

  @Test
  void aToolIsNamedAfterItsModule() throws Exception {
    Path jar =
        counter(
                """
                public List<Tool> tools() {
                  return List.of(Tool.of(CounterModule.class, "add", Tool.Effect.ACTS_OUTSIDE, c -> null));
                }
                """)
            .with("sample/add.json", "{\"name\": \"add\", \"inputSchema\": {\"type\": \"object\"}}")
            .write();
    assertThatExceptionOfType(Modules.BadModuleException.class)
        .isThrownBy(() -> all(jar))
        .withMessage(
            "the module sample.CounterModule of %s: the name of its tool add must begin with"
                    .formatted(jar)
                + " counter_");
  }

  @Test
  void ofTwoVersionsNobodyKnowsWhichIsUsed() throws Exception {
    Path jar = counter("").write();
    Path other = Files.copy(jar, folder.resolve("counter-1.1.jar"));

    assertThatExceptionOfType(Modules.BadModuleException.class)
        .isThrownBy(() -> all(jar, other))
        .withMessageContaining("counter-1.0.jar")
        .withMessageContaining("counter-1.1.jar");
  }

  @Test
  void aServiceThatIsMissingIsNamed() throws Exception {
    Path jar = counter("").with("META-INF/services/com.mcpist.module.Module", "sample.Nix").write();
    assertThatExceptionOfType(Modules.BadModuleException.class)
        .isThrownBy(() -> all(jar))
        .withMessageContaining("sample.Nix not found");
  }
}
