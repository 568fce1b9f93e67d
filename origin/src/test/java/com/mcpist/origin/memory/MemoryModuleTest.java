package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.origin.fixture.ModuleClient;
import com.mcpist.origin.module.ToolException;
import com.mcpist.origin.module.ToolResult;
import com.mcpist.testkit.MutableClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

final class MemoryModuleTest {
  private static final MutableClock CLOCK = MutableClock.create();
  private static ModuleClient shared;

  /** Users of this test alone: what others save is not theirs. */
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
    ObjectNode saved = ann.call("memory_save", "title", title, "text", text, "tags", List.of(tags));
    return saved.path("id").asString();
  }

  private List<String> titles(ObjectNode found) {
    return StreamSupport.stream(found.path("memories").spliterator(), false)
        .map(m -> m.path("title").asString())
        .toList();
  }

  private List<String> search(String query, Object... more) throws Exception {
    List<Object> arguments = new ArrayList<>(List.of("query", query));
    arguments.addAll(List.of(more));
    return titles(ann.call("memory_search", arguments.toArray()));
  }

  @Test
  void whatIsSavedIsRead() throws Exception {
    String id = save("Coffee", "Black, no sugar.\nNever after 4 p.m.", "food", "Food", " drink ");

    ObjectNode read = ann.call("memory_get", "id", id);

    assertThat(read.path("title").asString()).isEqualTo("Coffee");
    assertThat(read.path("text").asString()).isEqualTo("Black, no sugar.\nNever after 4 p.m.");
    assertThat(read.path("tags").toString()).isEqualTo("[\"food\",\"drink\"]");
    assertThat(read.path("createdAt").asString()).isEqualTo(CLOCK.instant().toString());
  }

  @ParameterizedTest
  @CsvSource({
    "ラーメン, true",
    "ﾗｰﾒﾝ, true",
    "渋谷, true",
    "谷, true",
    "美味しい 渋谷, true",
    "ramen, true",
    "RAM, true",
    "ＲＡＭＥＮ, true",
    "r, true",
    "outing, true",
    "c++, true",
    "100%, true",
    "𠮷野家, true",
    "谷渋, false",
    "ラーメソ, false",
    "ramem, false",
    "渋谷 新宿, false",
    "100_, false",
    "z, false"
  })
  void wordsAndPartsOfWordsAreFoundInAnyScript(String query, boolean found) throws Exception {
    save("昼食 Ramen", "渋谷で美味しいラーメンを食べた。𠮷野家ではない。100% c++", "Outing");

    assertThat(search(query)).hasSize(found ? 1 : 0);
    assertThat(search(query, "order", "newest")).hasSize(found ? 1 : 0);
  }

  @Test
  void theBestComesFirstOrTheNewest() throws Exception {
    save("Tea", "green tea, black tea, tea with milk");
    save("Shopping", "milk, tea, bread");
    save("Weather", "rain");

    assertThat(search("tea")).containsExactly("Tea", "Shopping");
    assertThat(search("tea", "order", "newest")).containsExactly("Shopping", "Tea");
    assertThat(search("tea", "limit", 1)).containsExactly("Tea");
    assertThat(ann.call("memory_search", "query", "tea", "limit", 1).path("more").asBoolean())
        .isTrue();
    assertThat(ann.call("memory_search", "query", "tea").path("more").asBoolean()).isFalse();
  }

  /** The index has numbers for tags, and there are more tags than numbers. */
  @Test
  void aTagOfTheSameNumberIsAnotherTag() throws Exception {
    List<String> same =
        shared
            .jdbi()
            .withHandle(
                h ->
                    h.createQuery(
                            "select unnest(array[min(tag), max(tag)]) from (select 'tag' || n as"
                                + " tag from generate_series(1, 20000) n) as all_of_them group by"
                                + " memory_numbers(array['t:' || tag]) having count(*) > 1 limit 2")
                        .mapTo(String.class)
                        .list());
    assertThat(same).hasSize(2);
    save("one", "same", same.getFirst());

    for (String tag : same) {
      List<String> found = tag.equals(same.getFirst()) ? List.of("one") : List.of();
      assertThat(titles(ann.call("memory_list", "tags", List.of(tag)))).isEqualTo(found);
      assertThat(search("same", "tags", List.of(tag))).isEqualTo(found);
    }
  }

  @Test
  void tagsNarrowSearchAndList() throws Exception {
    save("one", "same words", "Work", "urgent");
    save("two", "same words", "work");
    save("three", "same words");

    assertThat(search("same", "tags", List.of("WORK"))).containsExactlyInAnyOrder("one", "two");
    assertThat(search("same", "tags", List.of("work", "urgent"))).containsExactly("one");
    assertThat(titles(ann.call("memory_list", "tags", List.of("urgent")))).containsExactly("one");
  }

  @Test
  void aUserFindsNothingOfAnother() throws Exception {
    String id = save("Ann's", "secret plan", "plan");

    assertThat(titles(bob.call("memory_search", "query", "secret"))).isEmpty();
    assertThat(titles(bob.call("memory_list", "tags", List.of("plan")))).isEmpty();
    for (String tool : List.of("memory_get", "memory_delete")) {
      assertThatThrownBy(() -> bob.call(tool, "id", id))
          .isInstanceOf(ToolException.class)
          .hasMessageContaining("no memory with this id");
    }
    assertThatThrownBy(() -> bob.call("memory_update", "id", id, "title", "Bob's"))
        .isInstanceOf(ToolException.class);
    assertThat(ann.call("memory_get", "id", id).path("title").asString()).isEqualTo("Ann's");
  }

  @Test
  void aListIsPagedNewestFirstWhateverIsSavedMeanwhile() throws Exception {
    for (int i = 1; i <= 7; i++) {
      save("memory " + i, "text");
    }
    List<String> all = new ArrayList<>();
    ObjectNode page = ann.call("memory_list", "limit", 3);
    all.addAll(titles(page));
    save("late", "text");
    while (page.has("nextCursor")) {
      page = ann.call("memory_list", "limit", 3, "cursor", page.path("nextCursor").asString());
      all.addAll(titles(page));
    }

    assertThat(all)
        .containsExactly(
            "memory 7", "memory 6", "memory 5", "memory 4", "memory 3", "memory 2", "memory 1");
  }

  @Test
  void anotherUsersCursorIsRefused() throws Exception {
    save("a", "text");
    save("b", "text");
    String cursor = ann.call("memory_list", "limit", 1).path("nextCursor").asString();

    assertThatThrownBy(() -> bob.call("memory_list", "cursor", cursor))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("cursor");
  }

  @Test
  void anUpdateChangesWhatItNamesAndWhatIsFound() throws Exception {
    String id = save("Dentist", "on Monday", "health");
    CLOCK.advance(Duration.ofMinutes(5));

    ann.call("memory_update", "id", id, "text", "on Friday");

    ObjectNode read = ann.call("memory_get", "id", id);
    assertThat(read.path("title").asString()).isEqualTo("Dentist");
    assertThat(read.path("tags").toString()).isEqualTo("[\"health\"]");
    assertThat(read.path("updatedAt").asString()).isGreaterThan(read.path("createdAt").asString());
    assertThat(search("monday")).isEmpty();
    assertThat(search("friday dentist")).containsExactly("Dentist");
    ann.call("memory_update", "id", id, "tags", List.of());
    assertThat(ann.call("memory_get", "id", id).path("tags")).isEmpty();
  }

  @Test
  void whatIsDeletedIsGone() throws Exception {
    String id = save("Old", "text");

    assertThat(ann.call("memory_delete", "id", id).path("deleted").asBoolean()).isTrue();

    assertThat(search("old")).isEmpty();
    assertThatThrownBy(() -> ann.call("memory_delete", "id", id)).isInstanceOf(ToolException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "1-1-1-1-1", "01a21263c1f174268ae70828ba4b7345"})
  void whatIsNoIdIsRefused(String id) {
    assertThatThrownBy(() -> ann.call("memory_get", "id", id))
        .isInstanceOf(ToolException.class)
        .hasMessageContaining("not the id of a memory");
  }

  @ParameterizedTest
  @ValueSource(strings = {"   ", "a\u0000b", "\ud83d"})
  void whatCannotBeStoredIsRefused(String text) {
    assertThatThrownBy(() -> ann.call("memory_save", "title", "t", "text", text))
        .isInstanceOf(ToolException.class);
    assertThatThrownBy(
            () -> ann.call("memory_save", "title", "t", "text", "t", "tags", List.of(text)))
        .isInstanceOf(ToolException.class);
  }

  @Test
  void aLongMemoryIsShownInPartAndReadWhole() throws Exception {
    String text = "lorem ".repeat(3000) + "needle";
    String id = save("Long", text);

    JsonNode found = ann.call("memory_search", "query", "needle").path("memories").get(0);

    assertThat(found.path("excerpt").asString()).contains("needle").hasSizeLessThan(600);
    assertThat(ann.call("memory_get", "id", id).path("text").asString()).isEqualTo(text);
  }

  @Test
  void aSearchHasNoMoreWordsThanAreLookedFor() throws Exception {
    String sixteen = "a b c d e f g h i j k l m n o p";
    save("Letters", sixteen + " q");

    assertThat(search(sixteen)).containsExactly("Letters");
    assertThat(search(sixteen + " a")).as("each word once").containsExactly("Letters");
    assertThatThrownBy(() -> search(sixteen + " q"))
        .isInstanceOf(ToolException.class)
        .hasMessage("Search for at most 16 words at once: these are 17.");
  }

  @Test
  void theTextIsForAModelToRead() throws Exception {
    String id = save("Tea", "Green", "drink");

    ToolResult result = ann.result("memory_search", "query", "green");

    assertThat(result.content().getFirst().path("text").asString())
        .contains("Tea [drink]", id, "Green");
  }
}
