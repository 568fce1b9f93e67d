package com.mcpist.origin.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.module.ToolException;
import com.mcpist.module.ToolResult;
import com.mcpist.origin.fixture.ModuleClient;
import com.mcpist.testkit.MutableClock;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.ObjIntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

  /** What a word's key has more where it is in the title, or in a memory of the samples. */
  private static final int TITLE = 1 << 24;

  private static final int SAMPLE = 3 << 24;
  private static final int SMALL_SAMPLE = 4 << 24;

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
    "らーめん, true",
    "渋谷, true",
    "谷, true",
    "美味しい 渋谷, true",
    "渋谷のラーメンはどこ？, true",
    "ramen, true",
    "ＲＡＭＥＮ, true",
    "outings, true",
    "c++, true",
    "100%, true",
    "𠮷野家, true",
    "wifi, true",
    "Wi-Fi, true",
    "fooBar, true",
    "foo_bar, true",
    "bar, true",
    "192.168.1.7, true",
    "a6eeb9e, true",
    "ada@example.com, true",
    "nginx.conf, true",
    "谷渋, false",
    "ram, false",
    "新宿, false",
    "z, false"
  })
  void wordsAreFoundInAnyScript(String query, boolean found) throws Exception {
    save(
        "昼食 Ramen",
        "渋谷で美味しいラーメンを食べた。𠮷野家ではない。100% c++ Wi-Fi foo_bar 192.168.1.7 a6eeb9e"
            + " ada@example.com /etc/nginx/nginx.conf",
        "Outing");

    assertThat(search(query)).hasSize(found ? 1 : 0);
    assertThat(search(query, "order", "newest")).hasSize(found ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "where is the deploy key?",
        "deploy key?",
        "\"deploy key\"",
        "deploying keys",
        "でぷろい",
        "デプロイキーはどこ",
        "deployment 鍵"
      })
  void aQuestionFindsItsAnswer(String query) throws Exception {
    save("Dinner", "Where it is served: at the key table");
    save("Deploy key", "The deploy key (デプロイ) is in the safe.");
    save("Keys", "The house keys hang by the door.");

    assertThat(search(query)).first().isEqualTo("Deploy key");
  }

  @Test
  void whatIsKnownByAnotherWordIsFound() throws Exception {
    save("お母さん", "お母さんの誕生日は五月三日");
    save("Father", "His birthday is in June");

    assertThat(search("お母さんの誕生日")).first().isEqualTo("お母さん");
    assertThat(search("mother's date of birth")).contains("お母さん", "Father");
  }

  @Test
  void aPhraseStandsInTheMemoryAsTyped() throws Exception {
    save("one", "The　DEPLOY\nkey hangs here");
    save("two", "a key to deploy");
    save("three", "ｄｅｐｌｏｙ \t key 鍵");

    assertThat(search("\"deploy key\"")).containsExactlyInAnyOrder("one", "three");
    assertThat(search("deploy key")).containsExactlyInAnyOrder("one", "two", "three");
    assertThat(search("\"key deploy\"")).isEmpty();
  }

  @Test
  void aPhraseIsLookedForInTheFirst256KiBAndThatIsSaid() throws Exception {
    save("The red door", "is shut");
    for (int number = 0; number < 5; number++) {
      save("long " + number, "a door of red wood " + "扉".repeat(19_900));
    }

    ToolResult newest = ann.result("memory_search", "query", "\"red door\"", "order", "newest");
    assertThat(newest.content().toString())
        .contains("None of the first 5 memories with its words contains this as typed.");
    ToolResult best = ann.result("memory_search", "query", "\"red door\"");
    assertThat(best.content().toString()).contains("- The red door", "There may be more");
    assertThat(ann.result("memory_search", "query", "\"door red\"", "tags", List.of("none")))
        .satisfies(
            none ->
                assertThat(none.content().toString())
                    .contains("No memory contains this as typed."));
  }

  @Test
  void whatIsInNoMemoryIsSaid() throws Exception {
    save("Deploy key", "in the safe");

    ToolResult result = ann.result("memory_search", "query", "zebra deploy 東京駅");

    assertThat(String.valueOf(result.structured())).contains("\"notFound\":[\"zebra\",\"東京駅\"]");
    assertThat(result.content().getFirst().path("text").asString())
        .contains("Deploy key", "In no memory: zebra, 東京駅.");
    assertThat(ann.result("memory_search", "query", "zebra").content().toString())
        .contains("No memory contains any of this.");
  }

  @Test
  void allWordsComeFirstThenMoreThenRarer() throws Exception {
    for (int i = 0; i < 5; i++) {
      save("note " + i, "server");
    }
    save("rare", "database");
    save("both", "a server with much else to be read in a long text, and its database");

    assertThat(search("database server")).startsWith("both", "rare").hasSize(7);
  }

  /** Of so many, not all are looked at. */
  @Test
  void aWordOfManyMemoriesFindsWhereItStandsOut() throws Exception {
    save("Server", "in the rack");
    save("both", "a server and its database");
    for (int i = 0; i < 120; i++) {
      save("note " + i, "about a server and the weather", i == 60 ? "backup" : "note");
    }
    save("Another database", "of the weather");

    assertThat(search("server")).startsWith("Server").hasSize(10);
    assertThat(search("server database")).startsWith("both", "Another database");
    assertThat(search("server weather")).first().asString().startsWith("note");
    assertThat(search("weather", "order", "newest")).startsWith("Another database", "note 119");
    assertThat(search("server", "tags", List.of("backup"))).containsExactly("note 60");
    assertThat(search("server zebra")).first().isEqualTo("Server");
  }

  /** Of each word more have it in the title than are looked at. */
  @Test
  void theBestOfManyWithAllWordsComesFirst() throws Exception {
    for (int i = 0; i < 40; i++) {
      save("Lighthouse " + i, "on an island");
      save("Harbour " + i, "on an island");
      save("chart " + i, "a lighthouse and a harbour");
    }
    save("Lighthouse and harbour", "the best");

    assertThat(search("lighthouse harbour")).startsWith("Lighthouse and harbour").hasSize(10);
  }

  /** Of so many, the list of a word that most have is not read, nor what the sample has of it. */
  @Test
  void aWordOfThousandsFindsWhereItStandsOut() throws Exception {
    String user = "eve " + UUID.randomUUID();
    ModuleClient eve = shared.as(user);
    IndexKeys keys = new IndexKeys(user);
    int[] words = keys.words(List.of("server", "weather", "backup"));
    int tag = keys.tags(List.of("few"))[0];
    insert(
        user,
        5000,
        (to, n) -> {
          to.add(words[0]);
          every(2, n, to, words[1]);
          every(64, n, to, keys.every() + SAMPLE, words[0] + SAMPLE);
          every(128, n, to, words[1] + SAMPLE);
          every(250, n, to, keys.every() + SMALL_SAMPLE);
          if (n == 2500) {
            to.add(words[0] + TITLE);
          }
          if (n % 1000 == 500) {
            to.add(words[2]);
          }
          if (n == 17) {
            to.add(tag);
          }
        });

    assertThat(titles(eve.call("memory_search", "query", "server")))
        .startsWith("note 2500")
        .hasSize(10);
    assertThat(titles(eve.call("memory_search", "query", "server backup", "limit", 5)))
        .allMatch(title -> title.endsWith("500"));
    assertThat(titles(eve.call("memory_search", "query", "server weather zebra", "limit", 50)))
        .hasSize(50)
        .allMatch(title -> title.matches(".*[02468]"));
    assertThat(titles(eve.call("memory_search", "query", "weather", "order", "newest")))
        .startsWith("note 5000", "note 4998", "note 4996");
    assertThat(titles(eve.call("memory_search", "query", "server weather", "tags", List.of("few"))))
        .containsExactly("note 17");
  }

  /** By the sample the list is short, and its beginning has enough with all words. */
  @Test
  void aListThatIsLongerThanItSeemedIsNotAll() throws Exception {
    String user = "eve " + UUID.randomUUID();
    IndexKeys keys = new IndexKeys(user);
    int[] words = keys.words(List.of("server", "backup"));
    int last = 600;
    insert(
        user,
        10_000,
        (to, n) -> {
          if (n <= last) {
            to.add(words[1]);
            every(20, n, to, words[0]);
          } else {
            to.add(words[0]);
            every(250, n, to, keys.every() + SMALL_SAMPLE);
          }
          if (n == 1) {
            to.add(words[1] + SAMPLE);
          }
          if (n == last) {
            to.addAll(List.of(words[0] + TITLE, words[1] + TITLE));
          }
          every(64, n, to, keys.every() + SAMPLE);
        });

    assertThat(titles(shared.as(user).call("memory_search", "query", "server backup")))
        .startsWith("note " + last);
  }

  /** So many, with keys for each, as saving them would take long. */
  private static void insert(String user, int many, ObjIntConsumer<Set<Integer>> keys) {
    List<String> all =
        IntStream.rangeClosed(1, many)
            .mapToObj(
                n -> {
                  Set<Integer> its = new TreeSet<>();
                  keys.accept(its, n);
                  return its.toString().replace('[', '{').replace(']', '}');
                })
            .toList();
    shared
        .jdbi()
        .useHandle(
            h ->
                h.createUpdate(
                        """
                        insert into memory (id, user_id, title, text, tags, keys, marks, analysis, created_at, updated_at)
                        select ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, :user,
                          'note ' || n, 'text', '{}', keys::integer[], '{}', :version, now(), now()
                        from unnest(:keys) with ordinality as made (keys, n)
                        """)
                    .bind("user", user)
                    .bindArray("keys", String.class, all)
                    .bind("version", Analyser.VERSION)
                    .execute());
  }

  private static void every(int so, int n, Set<Integer> to, Integer... keys) {
    if (n % so == 0) {
      to.addAll(List.of(keys));
    }
  }

  @Test
  void oneThatIsNearlyTheSameIsNamed() throws Exception {
    String text = "The office Wi-Fi password is on the board behind the printer, ask Ann for it.";
    String id = save("Office network", text);
    save("Other", "something else that is no duplicate of that at all");

    ObjectNode alike = ann.call("memory_save", "title", "Office Wi-Fi", "text", text + " Now!");
    ObjectNode titled = ann.call("memory_save", "title", "office networks", "text", "new");
    ObjectNode none = ann.call("memory_save", "title", "Nothing", "text", "like it");
    ObjectNode updated = ann.call("memory_update", "id", id, "tags", List.of("a"));

    assertThat(alike.path("similar").path("id").asString()).isEqualTo(id);
    assertThat(titled.path("similar").path("id").asString()).isEqualTo(id);
    assertThat(none.has("similar")).isFalse();
    assertThat(updated.path("similar").path("title").asString()).isEqualTo("Office Wi-Fi");
    assertThat(bob.call("memory_save", "title", "Office network", "text", text).has("similar"))
        .isFalse();
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
  void aLongQueryIsAnswered() throws Exception {
    save("Letters", "x1 x7 x30 x90");

    String query = IntStream.range(0, 50).mapToObj(i -> "x" + i).collect(Collectors.joining(" "));
    assertThat(search(query)).containsExactly("Letters");
    assertThat(search("?!")).isEmpty();
    assertThat(search("where is it?")).isEmpty();
  }

  /** As after an upgrade of the analyser. */
  @Test
  void whatAnOlderAnalyserHasIndexedIsIndexedAnew() throws Exception {
    for (int i = 0; i < 60; i++) {
      save("old " + i, "indexed");
    }
    bob.call("memory_save", "title", "Bob's", "text", "indexed");
    shared.jdbi().useHandle(h -> h.execute("update memory set keys = '{}', analysis = 0"));
    assertThat(search("indexed")).isEmpty();

    int batches = 1;
    while (shared.upkeep()) {
      batches++;
    }

    assertThat(batches).isGreaterThan(1);
    assertThat(search("indexed", "limit", 50)).hasSize(50);
    assertThat(titles(bob.call("memory_search", "query", "indexed"))).containsExactly("Bob's");
  }

  /** The oldest memories lie last in the table here, so that a search reads the newest twice. */
  @Test
  void aSearchGivesAsManyMemoriesAsItsLimitWhereverTheyLie() throws Exception {
    for (int i = 0; i < 60; i++) {
      save("note " + i, "wherever");
    }
    shared
        .jdbi()
        .useHandle(
            h -> {
              h.execute("vacuum full memory"); // No room is left before the last row.
              h.execute(
                  "update memory set analysis = analysis + 1 where id in ("
                      + "select id from memory where title like 'note %' order by id limit 28)");
            });

    assertThat(search("wherever", "limit", 50)).hasSize(50);
  }

  /** Each search reads what is pending. */
  @Test
  void upkeepLeavesNoKeysPending() throws Exception {
    save("Tea", "Green");

    shared.upkeep();

    long pages =
        shared
            .jdbi()
            .withHandle(
                h ->
                    h.createQuery("select gin_clean_pending_list('memory_keys')")
                        .mapTo(Long.class)
                        .one());
    assertThat(pages).isZero();
    assertThat(search("green")).containsExactly("Tea");
  }

  @Test
  void theTextIsForAModelToRead() throws Exception {
    String id = save("Tea", "Green", "drink");

    ToolResult result = ann.result("memory_search", "query", "green");

    assertThat(result.content().getFirst().path("text").asString())
        .contains("Tea [drink]", id, "Green");
  }
}
