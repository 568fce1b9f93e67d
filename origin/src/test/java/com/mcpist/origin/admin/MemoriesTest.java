package com.mcpist.origin.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.admin.AdminClient.Answer;
import com.mcpist.testkit.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A user's memories, out and in, as their administrator has them. */
final class MemoriesTest {
  private static final String ID = "019b0000-0000-7000-8000-000000000001";
  private static TestDatabase database;
  private static AdminClient client;

  @BeforeAll
  static void start() throws SQLException {
    database = TestDatabase.create();
    client = AdminClient.on(database);
  }

  @AfterAll
  static void stop() throws SQLException {
    client.close();
    database.close();
  }

  private static ObjectNode memory(String title, String text) {
    ObjectNode memory = JsonNodeFactory.instance.objectNode().put("title", title).put("text", text);
    memory.putArray("tags").add("a b").add("日本");
    return memory;
  }

  private static Answer add(String user, ObjectNode... memories) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    ArrayNode array = body.putArray("memories");
    array.addAll(List.of(memories));
    return client.post("memories/" + user, body.toString());
  }

  private static List<JsonNode> page(String user, String after) {
    String path = "memories/" + user + (after.isEmpty() ? "" : "?after=" + after);
    return client.get(path).body().path("memories").valueStream().toList();
  }

  @Test
  void whatComesInIsThereOnceHoweverOftenItComes() {
    ObjectNode whole =
        memory("Whole", "x\n\"日本")
            .put("id", ID)
            .put("createdAt", "2026-01-02T03:04:05.678Z")
            .put("updatedAt", "2026-01-03T03:04:05.678Z");
    ObjectNode other = memory("Other", "text");

    assertThat(add("ann", whole, other, memory("Third", "text")).body().toString())
        .isEqualTo("{\"added\":3,\"known\":0}");
    assertThat(add("ann", whole, other, memory("Fourth", "text")).body().toString())
        .isEqualTo("{\"added\":1,\"known\":2}");

    List<JsonNode> all = page("ann", "");
    assertThat(all).hasSize(4);
    assertThat(all.getFirst()).as("its own id, before those that were derived").isEqualTo(whole);
    assertThat(all.getLast().path("id").asString()).matches("00000000-0000-8[0-9a-f]{3}-[89ab].*");
    assertThat(page("ann", all.getLast().path("id").asString())).isEmpty();
    assertThat(page("bob", "")).isEmpty();

    assertThat(add("bob", whole).body().toString()).isEqualTo("{\"added\":1,\"known\":0}");
    assertThat(add("bob", whole).body().toString()).isEqualTo("{\"added\":0,\"known\":1}");
    assertThat(page("bob", "")).containsExactly(whole);
    assertThat(page("ann", "").getFirst()).isEqualTo(whole);
  }

  @Test
  void pagesAreOfWholeMemories() {
    for (int i = 0; i < 8; i++) {
      assertThat(
              add(
                      "many",
                      memory("A" + i, "😀".repeat(20_000)),
                      memory("B" + i, "\u0001".repeat(10_000)))
                  .status())
          .isEqualTo(200);
    }
    List<JsonNode> all = new ArrayList<>();
    int pages = 0;
    List<JsonNode> page = page("many", "");
    while (!page.isEmpty()) {
      all.addAll(page);
      pages++;
      page = page("many", page.getLast().path("id").asString());
    }
    assertThat(all).hasSize(16).doesNotHaveDuplicates();
    assertThat(pages).isBetween(2, 4);
  }

  @Test
  void thePlanLimitsWhatComesIn() {
    client.put("plans/small", "{\"callsPerMinute\": 1, \"callsAtOnce\": 1, \"storageMib\": 1}");
    client.put("users/small", "{\"plan\": \"small\"}");
    int stored = 0;
    Answer answer = add("small", memory("0", "x".repeat(20_000)));
    while (answer.status() == 200 && stored < 60) {
      stored++;
      answer = add("small", memory("" + stored, "x".repeat(20_000)));
    }
    assertThat(answer.status()).isEqualTo(409);
    assertThat(answer.code()).isEqualTo("storage_full");
    assertThat(stored).isBetween(5, 50);
    int there =
        Jdbi.create(database.dataSource())
            .withHandle(
                h ->
                    h.createQuery("select count(*) from memory where user_id = 'small'")
                        .mapTo(Integer.class)
                        .one());
    assertThat(there).isEqualTo(stored);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"memories\": [{}]}",
        "{\"memories\": [{\"title\": \"a\", \"text\": \" \", \"tags\": []}]}",
        "{\"memories\": [{\"title\": \"a\", \"text\": \"a\\u0000\", \"tags\": []}]}",
        "{\"memories\": [{\"title\": \"a\", \"text\": \"a\", \"tags\": [\"\\ud800\"]}]}",
        "{\"memories\": [{\"title\": \"a\", \"text\": \"a\", \"tags\": [], \"id\": \"1\"}]}",
        "{\"memories\": [{\"title\": \"a\", \"text\": \"a\", \"tags\": [], \"user\": \"b\"}]}"
      })
  void whatIsNoMemoryIsRefused(String body) {
    Answer refused = client.post("memories/carol", body);

    assertThat(refused.status()).isEqualTo(400);
    assertThat(page("carol", "")).isEmpty();
    assertThat(client.get("memories").status()).isEqualTo(404);
    assertThat(client.delete("memories/carol").status()).isEqualTo(405);
    assertThat(client.get("memories/key:1").status()).isEqualTo(400);
  }
}
