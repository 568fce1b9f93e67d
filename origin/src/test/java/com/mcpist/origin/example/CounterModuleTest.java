package com.mcpist.origin.example;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.ModuleClient;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The module that docs/modules.md shows: it works, and is what is shown. */
final class CounterModuleTest {
  private static final Path ROOT = Path.of(System.getProperty("mcpist.root"));

  @Test
  void itCounts() throws Exception {
    try (ModuleClient ann = ModuleClient.start(new CounterModule())) {
      String table = resource("counter.sql");
      ann.jdbi().useHandle(h -> h.createScript(table).execute());
      // In production this is a line of R__triggers.sql.
      ann.jdbi().useHandle(h -> h.execute("select stored_triggers('counter')"));

      ann.call("counter_add", "name", "cups");

      assertThat(ann.call("counter_add", "name", "cups").path("value").asInt()).isEqualTo(2);
      assertThat(ann.as("bob").call("counter_add", "name", "cups").path("value").asInt())
          .isEqualTo(1);
      assertThat(stored(ann, "counter")).as("two rows, of two users").isEqualTo(2 * 200);
    }
  }

  private static int stored(ModuleClient client, String table) {
    return client
        .jdbi()
        .withHandle(
            h ->
                h.createQuery("select sum(bytes) from stored where counted = ?")
                    .bind(0, table)
                    .mapTo(Integer.class)
                    .one());
  }

  @Test
  void itIsWhatTheDocumentationShows() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/modules.md"));
    String source =
        Files.readString(
            ROOT.resolve("origin/src/test/java/com/mcpist/origin/example/CounterModule.java"));

    assertThat(page)
        .contains(source.strip())
        .contains(resource("counter_add.json").strip())
        .contains(resource("counter.sql").strip());
  }

  private static String resource(String name) throws IOException {
    try (InputStream file =
        Objects.requireNonNull(CounterModuleTest.class.getResourceAsStream(name), name)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
