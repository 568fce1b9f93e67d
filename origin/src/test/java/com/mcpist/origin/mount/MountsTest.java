package com.mcpist.origin.mount;

import static com.mcpist.origin.fixture.Definitions.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.origin.fixture.Requests;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A mounted server's tools, prompts and resources, through an origin. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MountsTest {
  private static final String RULES =
      """
      {"tools":{"keyed":{"key":{"argument":"request_id"}},"act_and_die":{"effect":"once"}}}\
      """;

  private TestDatabase database;
  private MountedOrigin origin;
  private Path folder;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    database = TestDatabase.create();
    origin = MountedOrigin.start(database, "small", MountedOrigin.entry(folder, RULES));
  }

  @AfterAll
  void stop() throws Exception {
    origin.close();
    database.close();
  }

  private long acts(String what) throws IOException {
    Path acts = folder.resolve("acts");
    return Files.exists(acts) ? Files.readAllLines(acts).stream().filter(what::equals).count() : 0;
  }

  @Test
  void anOriginThatIsHealthyListsThemBesideItsOwn() throws Exception {
    assertThat(origin.tools())
        .containsKeys("memory_save", "small_add", "small_act", "small_who_am_i");
    assertThat(origin.tool("small_add").path("title").asString()).isEqualTo("Add");
    assertThat(origin.tool("small_add").at("/inputSchema/$schema").asString()).contains("draft-07");
    assertThat(origin.ask(Requests.MODERN, "prompts/list", "{}").at("/result/prompts"))
        .isEqualTo(
            json("{\"p\":[{\"name\":\"small_greet\"},{\"name\":\"small_second\"}]}").get("p"));
    assertThat(origin.ask(Requests.MODERN, "resources/list", "{}").at("/result/resources/0/uri"))
        .hasToString("\"small://things/one\"");
    assertThat(
            origin
                .ask(Requests.MODERN, "resources/templates/list", "{}")
                .at("/result/resourceTemplates/0/uriTemplate"))
        .hasToString("\"other://{+path}{?q}\"");
  }

  @Test
  void capabilitiesPromiseChangesWhereClientsCanBeTold() throws Exception {
    JsonNode modern = origin.ask(Requests.MODERN, "server/discover", "{}");
    JsonNode legacy =
        origin.ask(MountedOrigin.LEGACY, "initialize", "{\"protocolVersion\":\"2025-11-25\"}");

    for (JsonNode answer : List.of(modern, legacy)) {
      assertThat(answer.at("/result/instructions").asString())
          .startsWith("Remembers things")
          .endsWith("\n\nThe tools whose names begin with small_: Add before you act.");
    }
    for (String list : List.of("tools", "prompts", "resources")) {
      assertThat(modern.at("/result/capabilities/" + list + "/listChanged").asBoolean(false))
          .as(list)
          .isTrue();
      assertThat(legacy.at("/result/capabilities/" + list).isObject()).as(list).isTrue();
      assertThat(legacy.at("/result/capabilities/" + list).isEmpty()).as(list).isTrue();
    }
  }

  @Test
  void aResultIsGivenAsItIs() throws Exception {
    ObjectNode request = Requests.call(MountedOrigin.LEGACY, "small_raw", "{}");
    String first =
        origin
            .send(
                origin.post("ann", MountedOrigin.LEGACY, request).header("Idempotency-Key", "raw"))
            .body();
    String second =
        origin
            .send(
                origin.post("ann", MountedOrigin.LEGACY, request).header("Idempotency-Key", "raw"))
            .body();

    assertThat(first).contains("\"result\":" + SmallServer.RAW);
    assertThat(message(second)).as("from the ledger").isEqualTo(message(first));

    JsonNode modern = origin.call("small_raw", "{}").path("result");
    assertThat(modern.at("/_meta/com.example~1trace").asString()).isEqualTo("t1");
    assertThat(modern.at("/_meta/io.modelcontextprotocol~1serverInfo/name").asString())
        .isEqualTo("mcpist");
  }

  /** What a slow answer has in an event, too. */
  private static String message(String body) {
    return body.substring(body.indexOf('{'), body.lastIndexOf('}') + 1);
  }

  @Test
  void anErrorOfTheServerIsTheClientsAlsoFromTheLedger() throws Exception {
    ObjectNode request = Requests.call(MountedOrigin.LEGACY, "small_fail", "{}");
    for (int i = 0; i < 2; i++) {
      JsonNode error =
          origin
              .answer(
                  origin
                      .post("ann", MountedOrigin.LEGACY, request)
                      .header("Idempotency-Key", "fail"))
              .path("error");
      assertThat(error)
          .isEqualTo(json("{\"code\":-32050,\"message\":\"It failed\",\"data\":{\"n\":1}}"));
    }
  }

  @Test
  void aCallUnderTheSameKeyActsOnce() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "small_act", "{\"n\":1}");
    long before = acts("act");

    String first = MountedOrigin.text(answerUnder("act-key", "ann", request));
    String second = MountedOrigin.text(answerUnder("act-key", "ann", request));
    String others = MountedOrigin.text(answerUnder("act-key", "bob", request));

    assertThat(first).isEqualTo("acted " + (before + 1));
    assertThat(second).isEqualTo(first);
    assertThat(others).as("another user's").isEqualTo("acted " + (before + 2));
  }

  private JsonNode answerUnder(String key, String user, ObjectNode request) throws Exception {
    return origin.answer(
        origin.post(user, Requests.MODERN, request).header("Idempotency-Key", key));
  }

  @Test
  void anIdempotentToolGetsAKeyOfItsUser() throws Exception {
    ObjectNode request = Requests.call(Requests.MODERN, "small_keyed", "{}");
    String anns = key(answerUnder("k1", "ann", request));
    String bobs = key(answerUnder("k1", "bob", request));
    String own = key(origin.call("small_keyed", "{\"request_id\":\"mine\"}"));

    assertThat(anns).isNotEqualTo(bobs).hasSize(36);
    assertThat(own).isEqualTo("mine");
  }

  private static String key(JsonNode answer) {
    return json(MountedOrigin.text(answer)).at("/arguments/request_id").asString();
  }

  @Test
  void progressAndLogMessagesPass() throws Exception {
    List<ObjectNode> messages =
        MountedOrigin.messages(
            origin.send(
                origin.post(
                    "ann", Requests.MODERN, Requests.call(Requests.MODERN, "small_speak", "{}"))));

    assertThat(messages).hasSize(3);
    assertThat(messages.get(0).path("params"))
        .isEqualTo(
            json("{\"progressToken\":\"p1\",\"progress\":1.0,\"total\":2.0,\"message\":\"half\"}"));
    assertThat(messages.get(1).path("params"))
        .isEqualTo(json("{\"level\":\"warning\",\"logger\":\"small\",\"data\":{\"loud\":true}}"));
    assertThat(MountedOrigin.text(messages.getLast())).isEqualTo("spoken");
  }

  @Test
  void whatOnlyReadsRunsOnceMoreWhenItsProcessDied() throws Exception {
    assertThat(origin.text("small_die_once", "{}")).isEqualTo("lived");
  }

  @Test
  void whatKillsItsProcessEachTimeIsAnError() throws Exception {
    JsonNode result = origin.call("small_die", "{}").path("result");

    assertThat(result.path("isError").asBoolean()).isTrue();
    assertThat(result.toString()).contains("small", "nothing was changed");
    Conditions.await(
        "it serves again", () -> origin.text("small_add", "{\"a\":1}").equals("sum 2"));
  }

  @Test
  void whatDiesWhileItActsIsUnknownAndNotRunAgain() throws Exception {
    long before = acts("act");
    ObjectNode request = Requests.call(Requests.MODERN, "small_act_and_die", "{}");
    for (int i = 0; i < 2; i++) {
      assertThat(MountedOrigin.text(answerUnder("died", "ann", request)))
          .contains("outcome of this call is unknown", "Nothing was run again");
    }
    assertThat(acts("act")).isEqualTo(before + 1);
    Conditions.await(
        "it serves again", () -> origin.text("small_add", "{\"a\":1}").equals("sum 2"));
  }

  @Test
  void whoGivesUpIsNotWaitedFor() throws Exception {
    long before = acts("cancelled");
    ObjectNode request = Requests.call(Requests.MODERN, "small_hang", "{}");
    try (var client = java.net.http.HttpClient.newHttpClient()) {
      CompletableFuture<?> call =
          client.sendAsync(
              origin.post("ann", Requests.MODERN, request).build(),
              java.net.http.HttpResponse.BodyHandlers.ofString());
      Conditions.await("it runs", () -> acts("hung") > 0);
      call.cancel(true);
      client.shutdownNow();
    }
    Conditions.await("the server is told", () -> acts("cancelled") > before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"small://things/one", "small://things/two", "other://a/b?q=1"})
  void resourcesAreRead(String uri) throws Exception {
    JsonNode result =
        origin
            .ask(MountedOrigin.LEGACY, "resources/read", "{\"uri\":\"" + uri + "\"}")
            .path("result");

    assertThat(result)
        .isEqualTo(
            json(
                "{\"contents\":[{\"uri\":\"%s\",\"text\":\"t\",\"x\":1}],\"_meta\":{\"y\":2}}"
                    .formatted(uri)));
  }

  @Test
  void aResourceThatIsNotThereIsTheServersError() throws Exception {
    JsonNode error =
        origin
            .ask(MountedOrigin.LEGACY, "resources/read", "{\"uri\":\"small://nothing\"}")
            .path("error");

    assertThat(error)
        .isEqualTo(
            json("{\"code\":-32002,\"message\":\"Nothing there\",\"data\":{\"why\":\"small\"}}"));
  }

  @Test
  void promptsAndCompletionsPass() throws Exception {
    assertThat(
            origin
                .ask(MountedOrigin.LEGACY, "prompts/get", "{\"name\":\"small_greet\"}")
                .path("result"))
        .hasToString(
            "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":\"Hello\"}}],\"x\":1}");
    assertThat(
            origin
                .ask(
                    MountedOrigin.LEGACY,
                    "completion/complete",
                    """
                    {"ref":{"type":"ref/prompt","name":"small_greet"},
                     "argument":{"name":"whom","value":"a"}}\
                    """)
                .path("result"))
        .hasToString("{\"completion\":{\"values\":[\"for greet\"],\"x\":1}}");
  }

  @Test
  void theAdministratorSeesThem() throws Exception {
    Conditions.await(
        "it runs",
        () -> origin.admin("GET", "mounts").at("/mounts/0/state").asString("").equals("running"));
    JsonNode mount = origin.admin("GET", "mounts").at("/mounts/0");

    assertThat(mount.path("name").asString()).isEqualTo("small");
    assertThat(mount.path("server")).isEqualTo(json("{\"name\":\"small\",\"version\":\"1.2\"}"));
    assertThat(mount.path("revision").asString()).isEqualTo("2025-11-25");
    assertThat(mount.path("tools").get(0))
        .isEqualTo(
            json(
                "{\"name\":\"add\",\"offeredAs\":\"small_add\",\"effect\":\"reads\",\"state\":\"approved\"}"));
    assertThat(mount.path("prompts").asInt()).isEqualTo(2);
    assertThat(mount.path("resources").asInt()).isEqualTo(1);
    assertThat(origin.admin("POST", "mounts/none/approve").at("/error/code").asString())
        .isEqualTo("not_found");
  }
}
