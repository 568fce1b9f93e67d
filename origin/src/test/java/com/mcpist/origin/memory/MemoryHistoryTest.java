package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.ToolException;
import com.mcpist.origin.fixture.ModuleClient;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.MutableClock;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What memories were, the way back, and all of them at once. */
final class MemoryHistoryTest {
  private static final MutableClock CLOCK = MutableClock.create();
  private static ModuleClient shared;
  private ModuleClient ann;
  private ModuleClient bob;

  @BeforeEach
  void users() {
    ann = shared.as("ann " + UUID.randomUUID());
    bob = shared.as("bob " + UUID.randomUUID());
  }

  @BeforeAll
  static void start() throws SQLException {
    shared = ModuleClient.start(new MemoryModule(CLOCK));
  }

  @AfterAll
  static void stop() throws SQLException {
    shared.close();
  }

  private String save(String title, String text, String... tags) throws Exception {
    return ann.call("memory_save", "title", title, "text", text, "tags", List.of(tags))
        .path("id")
        .asString();
  }

  private List<JsonNode> versions(ModuleClient user, Object... arguments) throws Exception {
    return user.call("memory_history", arguments).path("versions").valueStream().toList();
  }

  private static String version(JsonNode version) {
    return version.path("version").asString();
  }

  @Test
  void whatItWasIsShownAndComesBack() throws Exception {
    Instant before = Instant.now().minusSeconds(5);
    String id = save("Dentist", "on Monday", "health");
    ObjectNode saved = ann.call("memory_get", "id", id);
    CLOCK.advance(Duration.ofMinutes(5));
    ann.call("memory_update", "id", id, "text", "on Friday", "tags", List.of());

    List<JsonNode> versions = versions(ann, "id", id);

    assertThat(versions).hasSize(1);
    JsonNode first = versions.getFirst();
    assertThat(first.path("excerpt").asString()).isEqualTo("on Monday");
    assertThat(first.path("deleted").asBoolean()).isFalse();
    assertThat(Instant.parse(first.path("changedAt").asString()))
        .as("by the database's clock")
        .isBetween(before, Instant.now().plusSeconds(5));
    assertThat(first.path("updatedAt")).isEqualTo(saved.path("updatedAt"));
    ann.call("memory_restore", "version", version(first));
    ObjectNode restored = ann.call("memory_get", "id", id);
    assertThat(restored.path("text").asString()).isEqualTo("on Monday");
    assertThat(restored.path("tags").toString()).isEqualTo("[\"health\"]");
    assertThat(restored.path("createdAt")).isEqualTo(saved.path("createdAt"));
    assertThat(restored.path("updatedAt").asString()).isEqualTo(CLOCK.instant().toString());
    assertThat(versions(ann, "id", id))
        .as("the way back has a way back")
        .extracting(one -> one.path("excerpt").asString())
        .containsExactly("on Friday", "on Monday");
  }

  @Test
  void whatWasDeletedIsFoundWithoutItsId() throws Exception {
    String text = "𠮷".repeat(600);
    String id = save("Plan", text);
    save("Other", "text");
    ann.call("memory_delete", "id", id);

    JsonNode deleted = versions(ann).getFirst();

    assertThat(deleted.path("id").asString()).isEqualTo(id);
    assertThat(deleted.path("deleted").asBoolean()).isTrue();
    assertThat(deleted.path("excerpt").asString()).isEqualTo("𠮷".repeat(500) + "…");
    JsonNode whole = versions(ann, "version", version(deleted)).getFirst();
    assertThat(whole.path("text").asString()).isEqualTo(text);
    ann.call("memory_restore", "version", version(deleted));
    assertThat(ann.call("memory_get", "id", id).path("text").asString()).isEqualTo(text);
    assertThat(ann.call("memory_list").path("memories")).hasSize(2);
  }

  @Test
  void aDeletionForeverLeavesNothing() throws Exception {
    String id = save("Secret", "a");
    String other = save("Other", "b");
    ann.call("memory_update", "id", id, "text", "c");
    ann.call("memory_delete", "id", other);
    ann.call("memory_delete", "id", id, "forever", true);
    assertThat(versions(ann)).hasSize(1);

    ann.call("memory_delete", "id", other, "forever", true);

    assertThat(versions(ann)).isEmpty();
    assertThatThrownBy(() -> ann.call("memory_delete", "id", other, "forever", true))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("no memory with this id");
    assertThat(ann.result("memory_history").content().getFirst().path("text").asString())
        .isEqualTo("Nothing was changed or deleted in the last 30 days.");
  }

  @Test
  void ofAMemoryTheNewestFiftyAreKeptAndPaged() throws Exception {
    String id = save("Counter", "0");
    String other = save("Other", "text");
    ann.call("memory_delete", "id", other);
    for (int i = 1; i <= 52; i++) {
      ann.call("memory_update", "id", id, "text", "" + i);
    }

    List<String> texts = new ArrayList<>();
    List<JsonNode> page = versions(ann, "id", id, "limit", 30);
    while (!page.isEmpty()) {
      page.forEach(one -> texts.add(one.path("excerpt").asString()));
      page = versions(ann, "id", id, "limit", 30, "before", version(page.getLast()));
    }

    assertThat(texts).hasSize(50).startsWith("51", "50").endsWith("2");
    assertThat(versions(ann, "id", other)).hasSize(1);
  }

  @Test
  void noneIsAnothers() throws Exception {
    String id = save("Ann's", "secret");
    ann.call("memory_update", "id", id, "text", "more secret");
    String version = version(versions(ann).getFirst());

    assertThat(versions(bob)).isEmpty();
    assertThat(versions(bob, "id", id)).isEmpty();
    for (String tool : List.of("memory_history", "memory_restore")) {
      assertThatThrownBy(() -> bob.call(tool, "version", version))
          .isInstanceOf(ToolException.class)
          .hasMessageContaining("There is no such version");
    }
    assertThatThrownBy(() -> bob.call("memory_delete", "id", id, "forever", true))
        .isInstanceOf(ToolException.class);
    assertThat(bob.call("memory_export").path("memories")).isEmpty();
    assertThat(versions(ann)).hasSize(1);
  }

  @Test
  void itIsForgottenAfterThirtyDays() throws Exception {
    String id = save("Old", "a");
    ann.call("memory_update", "id", id, "text", "b");
    cleanAt(id, "29 days 23 hours");
    assertThat(versions(ann)).hasSize(1);
    cleanAt(id, "30 days 1 hour");
    assertThat(versions(ann)).isEmpty();
  }

  private static void cleanAt(String id, String age) {
    shared
        .jdbi()
        .useTransaction(
            h -> {
              h.execute(
                  "update memory_history set changed_at = now() - ?::interval where memory_id ="
                      + " ?::uuid",
                  age,
                  id);
              assertThat(new MemoryModule(InstantSource.system()).upkeep(h)).isFalse();
            });
  }

  @Test
  void allAreExportedWholeAPageAtATime() throws Exception {
    String text = "x\"\n日".repeat(3000);
    for (int i = 0; i < 45; i++) {
      save("Memory " + i, i % 3 == 0 ? text : "short", "tag");
    }
    List<JsonNode> all = new ArrayList<>();
    Object[] arguments = {};
    int pages = 0;
    do {
      var page = ann.result("memory_export", arguments);
      String lines = page.content().getFirst().path("text").asString();
      List<JsonNode> read = lines.lines().map(JsonMapper.shared()::readTree).toList();
      ObjectNode structured = Objects.requireNonNull(page.structured());
      assertThat(structured.path("memories").valueStream().toList()).isEqualTo(read);
      assertThat(lines.length()).isLessThan(100_000);
      all.addAll(read);
      pages++;
      arguments =
          structured.has("nextCursor")
              ? new Object[] {"cursor", structured.path("nextCursor").asString()}
              : new Object[] {};
    } while (arguments.length > 0);

    assertThat(pages).isBetween(5, 8);
    assertThat(all).hasSize(45);
    assertThat(all.getFirst())
        .isEqualTo(ann.call("memory_get", "id", all.getFirst().path("id").asString()));
    assertThat(all).extracting(one -> one.path("title").asString()).doesNotHaveDuplicates();
  }

  @Test
  void itCountsForItsUser() throws Exception {
    String id = save("Counted", "y".repeat(1000));
    ann.call("memory_update", "id", id, "text", "z");
    Conditions.await(
        "it is counted",
        () ->
            shared
                    .jdbi()
                    .withHandle(
                        h ->
                            h.createQuery(
                                    "select coalesce(sum(bytes), 0) from stored where counted ="
                                        + " 'memory_history' and user_id = (select user_id from"
                                        + " memory where id = ?::uuid)")
                                .bind(0, id)
                                .mapTo(Long.class)
                                .one())
                == 512 + "Counted".length() + 1000);
  }
}
