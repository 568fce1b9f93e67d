package com.mcpist.origin.mount;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Definitions;
import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All origins offer the same of a mounted server, whether it runs there or not. */
final class CatalogueTest {
  private static final ObjectNode LISTEN =
      Requests.request(
          Requests.MODERN,
          "subscriptions/listen",
          "{\"notifications\":{\"toolsListChanged\":true}}");

  private TestDatabase database;

  // JUnit calls start before anything else.
  @SuppressWarnings("NullAway.Init")
  CatalogueTest() {}

  @BeforeEach
  void start() throws Exception {
    database = TestDatabase.create();
  }

  @AfterEach
  void stop() throws Exception {
    database.close();
  }

  private MountedOrigin start(ObjectNode entry) {
    return MountedOrigin.start(database, "small", entry);
  }

  @Test
  void anOriginWhoseCopyDoesNotStartListsTheSameAndSaysWhatIsWrong(@TempDir Path folder)
      throws Exception {
    try (MountedOrigin sound = start(MountedOrigin.entry(folder, "{}"));
        MountedOrigin broken = start(MountedOrigin.broken(folder))) {
      assertThat(broken.tools()).isEqualTo(sound.tools()).containsKey("small_act");

      JsonNode answer = broken.call("small_act", "{}").path("result");

      assertThat(answer.path("isError").asBoolean()).isTrue();
      assertThat(answer.toString()).contains("small cannot be used", "Nothing was run");
      assertThat(broken.text("small_add", "{\"a\":1}")).contains("Nothing was run");
      Conditions.await(
          "it tells of it", () -> health(broken).path("problems").toString().contains("small"));
      assertThat(health(broken).path("problems").toString())
          .contains("This one does not start. Nor ever.")
          .hasSizeLessThan(1_000);
      assertThat(health(broken).path("status").asString()).isEqualTo("ok");
      assertThat(sound.text("small_add", "{\"a\":1}")).isEqualTo("sum 2");
    }
  }

  @Test
  void whatWasNotRunMayBeSentAgainUnderItsKey(@TempDir Path folder) throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "small_act", "{}");
    try (MountedOrigin sound = start(MountedOrigin.entry(folder, "{}"));
        MountedOrigin broken = start(MountedOrigin.broken(folder))) {
      assertThat(
              MountedOrigin.text(
                  broken.answer(
                      broken.post("ann", Requests.MODERN, request).header("Idempotency-Key", "k"))))
          .contains("Nothing was run");
      assertThat(
              MountedOrigin.text(
                  sound.answer(
                      sound.post("ann", Requests.MODERN, request).header("Idempotency-Key", "k"))))
          .isEqualTo("acted 1");
    }
  }

  @ParameterizedTest
  @CsvSource({"small_keyed, 1, none", "small_keyed, 2, possible", "small_act, 2, none"})
  void aFurtherAttemptDoesNotSayThatNothingWasRun(
      String tool, String attempt, String effect, @TempDir Path folder) throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, tool, "{}");
    try (MountedOrigin sound = start(MountedOrigin.entry(folder, "{}"));
        MountedOrigin broken = start(MountedOrigin.broken(folder))) {
      assertThat(broken.tools()).isEqualTo(sound.tools()).containsKey(tool);
      HttpRequest.Builder post =
          broken
              .post("ann", Requests.MODERN, request)
              .header("X-Call-Id", UUID.randomUUID().toString())
              .header("X-Attempt", attempt);

      String said = MountedOrigin.text(broken.answer(post));

      assertThat(said).contains("small cannot be used", "Call again later");
      if (effect.equals("none")) {
        assertThat(said).contains("Nothing was run").doesNotContain("may have");
      } else {
        assertThat(said).contains("It may have been done").doesNotContain("Nothing was run");
      }
    }
  }

  private static JsonNode health(MountedOrigin origin) throws Exception {
    return Definitions.json(origin.send(origin.to("/health").GET()).body());
  }

  @Test
  void aServerThatDoesNotStartHoldsNothingUp(@TempDir Path folder) throws Exception {
    try (MountedOrigin origin = start(MountedOrigin.broken(folder))) {
      assertThat(origin.tools()).containsKey("memory_save").doesNotContainKey("small_act");
    }
  }

  @Test
  void aChangeReachesTheOtherOriginAndWhoListens(@TempDir Path folder) throws Exception {
    try (MountedOrigin one = start(MountedOrigin.entry(folder, "{}"));
        MountedOrigin other = start(MountedOrigin.entry(folder, "{}"));
        OpenStream listening = new OpenStream(other.post("ann", Requests.MODERN, LISTEN).build())) {
      assertThat(listening.next().toString()).contains("acknowledged", "toolsListChanged");
      Files.writeString(folder.resolve("description"), "Acts differently");

      one.call("small_changes", "{}");

      JsonNode told = listening.next();
      assertThat(told.path("method").asString()).isEqualTo("notifications/tools/list_changed");
      assertThat(told.at("/params/_meta/io.modelcontextprotocol~1subscriptionId").asInt())
          .isEqualTo(7);
      one.awaitTool("small_act", "Acts differently");
      other.awaitTool("small_act", "Acts differently");
      assertThat(states(other)).containsEntry("act", "changed").containsEntry("add", "approved");

      other.admin("POST", "mounts/small/approve");

      Conditions.await("it is approved", () -> "approved".equals(states(one).get("act")));
    }
  }

  @Test
  void aChangeToAResourceReachesWhoHasSubscribedAlsoAfterARestart(@TempDir Path folder)
      throws Exception {
    ObjectNode listen =
        Requests.request(
            Requests.MODERN,
            "subscriptions/listen",
            "{\"notifications\":{\"resourceSubscriptions\":[\"small://things/one\"]}}");
    try (MountedOrigin origin = start(MountedOrigin.entry(folder, "{}"))) {
      try (OpenStream listening =
          new OpenStream(origin.post("ann", Requests.MODERN, listen).build())) {
        assertThat(
                listening.next().at("/params/notifications/resourceSubscriptions/0").asString(""))
            .isEqualTo("small://things/one");

        origin.call("small_touch", "{}");

        JsonNode told = listening.next();
        assertThat(told.path("method").asString()).isEqualTo("notifications/resources/updated");
        assertThat(told.at("/params/uri").asString()).isEqualTo("small://things/one");
        origin.call("small_die", "{}");
        Conditions.await(
            "it is told again",
            () -> origin.text("small_touch", "{}").equals("touched") && listening.has());
      }
      Conditions.await(
          "it is unsubscribed", () -> Files.readString(folder.resolve("acts")).contains("uns"));
    }
  }

  private static Map<String, String> states(MountedOrigin origin) throws Exception {
    Map<String, String> states = new HashMap<>();
    for (JsonNode tool : origin.admin("GET", "mounts").at("/mounts/0/tools")) {
      states.put(tool.path("name").asString(), tool.path("state").asString());
    }
    return states;
  }

  @Test
  void aPinnedToolThatChangedIsNotRunUntilItIsApproved(@TempDir Path folder) throws Exception {
    try (MountedOrigin origin = start(MountedOrigin.entry(folder, "{\"pin\":true}"))) {
      Files.writeString(folder.resolve("description"), "Acts differently");
      origin.call("small_changes", "{}");
      Conditions.await("it is held", () -> "held".equals(states(origin).get("act")));

      assertThat(origin.tool("small_act").path("description").asString()).isEqualTo("Acts");
      assertThat(origin.text("small_act", "{}"))
          .contains("Nothing was run", "mcpist mount approve small");
      assertThat(health(origin).path("problems").toString()).contains("held back");
      assertThat(folder.resolve("acts")).doesNotExist();

      origin.admin("POST", "mounts/small/approve");

      origin.awaitTool("small_act", "Acts differently");
      assertThat(origin.text("small_act", "{}")).isEqualTo("acted 1");
    }
  }

  @Test
  void eachUserHasACopyOfTheirOwn(@TempDir Path folder) throws Exception {
    ObjectNode entry =
        MountedOrigin.entry(
            folder,
            "{\"per_user\":true,\"env\":{\"FOLDER\":\"%s\",\"TOKEN\":\"${T_{user}}\"}}"
                .formatted(folder));
    try (MountedOrigin origin =
        MountedOrigin.start(
            database,
            MountedOrigin.file("small", entry),
            Map.of("T_ANN", "token of ann", "T_BOB_40B", "token of bob"))) {
      assertThat(who(origin, "ann")).isEqualTo("token of ann");
      assertThat(who(origin, "bob@b")).isEqualTo("token of bob");
      assertThat(who(origin, "bob.b")).as("another user").contains("T_BOB_2EB", "Nothing was run");
      assertThat(who(origin, "carl")).contains("T_CARL", "Nothing was run");
      assertThat(origin.ask(Requests.MODERN, "resources/list", "{}").at("/result/resources").size())
          .as("resources that may be one user's alone")
          .isZero();
    }
  }

  private static String who(MountedOrigin origin, String user) throws Exception {
    return MountedOrigin.text(
        origin.answer(
            origin.post(
                user, Requests.MODERN, Requests.call(Requests.MODERN, "small_who_am_i", "{}"))));
  }

  @Test
  void aMountThatIsInNoFileIsForgottenAfterAWhile(@TempDir Path folder) throws Exception {
    try (MountedOrigin origin = start(MountedOrigin.entry(folder, "{}"))) {
      assertThat(origin.tools()).containsKey("small_act");
    }
    Jdbi jdbi = Jdbi.create(database.dataSource());
    jdbi.useHandle(h -> h.execute("update mount set used_at = now() - interval '29 days'"));
    jdbi.useHandle(h -> MountStore.keep(h, "another"));
    assertThat(names(jdbi)).isEqualTo("small");
    jdbi.useHandle(h -> MountStore.keep(h, "small"));
    jdbi.useHandle(h -> h.execute("update mount set used_at = used_at - interval '29 days'"));
    jdbi.useHandle(h -> MountStore.keep(h, "another"));
    assertThat(names(jdbi)).isEqualTo("small");
    jdbi.useHandle(h -> h.execute("update mount set used_at = used_at - interval '2 days'"));
    jdbi.useHandle(h -> MountStore.keep(h, "another"));
    assertThat(names(jdbi)).isEmpty();
  }

  private static String names(Jdbi jdbi) {
    return jdbi.withHandle(
        h -> String.join(",", h.createQuery("select name from mount").mapTo(String.class).list()));
  }

  @Test
  void aMountIsTriedWithoutAnOrigin(@TempDir Path folder) throws Exception {
    String sound = MountedOrigin.file("small", MountedOrigin.entry(folder, "{}"));
    String broken = MountedOrigin.file("small", MountedOrigin.broken(folder));

    JsonNode told = MountCheck.check("small", Map.of("MOUNTS", sound));
    assertThat(told.path("ok").asBoolean()).isTrue();
    assertThat(told.at("/server/version").asString()).isEqualTo("1.2");
    assertThat(told.at("/tools/1"))
        .isEqualTo(
            Definitions.json("{\"name\":\"act\",\"offeredAs\":\"small_act\",\"effect\":\"once\"}"));
    assertThat(told.path("prompts").asInt()).isEqualTo(2);

    JsonNode failed = MountCheck.check("small", Map.of("MOUNTS", broken));
    assertThat(failed.path("ok").asBoolean(true)).isFalse();
    assertThat(failed.path("problem").asString()).contains("This one does not start");
    assertThat(MountCheck.check("other", Map.of("MOUNTS", sound)).path("problem").asString())
        .contains("no server of this name");
    assertThat(MountCheck.check("small", Map.of("MOUNTS", "{}")).path("problem").asString())
        .contains("mcpServers");
  }

  @Test
  void aMountMayHaveTheNameOfAModule(@TempDir Path folder) throws Exception {
    String file = MountedOrigin.file("memory", MountedOrigin.entry(folder, "{}"));
    JsonNode told = MountCheck.check("memory", Map.of("MOUNTS", file));
    String list =
        told.path("tools")
            .valueStream()
            .filter(tool -> tool.path("name").asString().equals("list"))
            .map(tool -> tool.path("offeredAs").asString())
            .findFirst()
            .orElseThrow();
    assertThat(list).matches("memory_list_[0-9a-f]{8}");
    try (MountedOrigin origin = MountedOrigin.start(database, file, Map.of())) {
      assertThat(origin.tools()).containsKeys("memory_list", list);
      assertThat(
              origin.call("memory_list", "{}").at("/result/structuredContent/memories").isArray())
          .isTrue();
      assertThat(origin.text("memory_add", "{\"a\":1}")).isEqualTo("sum 2");
    }
  }
}
