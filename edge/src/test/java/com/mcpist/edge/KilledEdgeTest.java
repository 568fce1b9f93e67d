package com.mcpist.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.fixture.OriginProcess;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.Conditions;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.RawHttp;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests that the next program knows of the calls in flight of a program that was killed. */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KilledEdgeTest {
  private static final String CALL =
      """
      {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"save","arguments":{"a":"%s"}}}\
      """;
  private static final int FIRST_ENTRY = 512 / Long.BYTES;
  private static final String LATER = CALL.formatted("later");
  private static final String BROKEN = CALL.formatted("broken");
  private static final String MODERN =
      "Mcp-Method: tools/call\nMCP-Protocol-Version: 2026-07-28\nMcp-Name: save";

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();
  private volatile boolean records = true;
  private final List<HttpMessage> seen = new CopyOnWriteArrayList<>();
  private final OriginProcess origin = OriginProcess.start("a").mcp(this::answer);

  private Behaviour answer(HttpMessage request) {
    seen.add(request);
    if (isNotice(request)) {
      return records ? OriginProcess.RECORDED : Behaviour.status(503);
    }
    if (request.text().equals(BROKEN)) {
      return Behaviour.resetBefore();
    }
    return request.text().contains("later") ? Behaviour.answer(200, "{}") : Behaviour.silent();
  }

  private static boolean isNotice(HttpMessage request) {
    return request.header("X-Undelivered").isPresent();
  }

  @AfterEach
  void leaveNoProcess() throws IOException {
    started.forEach(Process::destroyForcibly);
    origin.close();
  }

  @Test
  void theNextOneTellsOfThemWithTheirCallersNextCall() throws Exception {
    int port = start();
    List<String> bodies = List.of(CALL.formatted("a"), CALL.formatted("b".repeat(100_000)));
    for (int i = 0; i < 2; i++) {
      RawHttp.connect(port)
          .send(RawHttp.post("/mcp", MODERN + "\nAuthorization: Bearer first", bodies.get(i)));
      int calls = i + 1;
      Conditions.await("it is at the origin", () -> seen.size() == calls);
    }
    started.getFirst().destroyForcibly().waitFor();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.toList()) {
        assertThat(new String(Files.readAllBytes(each), StandardCharsets.ISO_8859_1))
            .doesNotContain("first", MainTest.SECRET);
      }
    }

    int next = start();
    String later = RawHttp.post("/mcp", "Authorization: Bearer next", LATER);
    assertThat(RawHttp.exchange(next, later).status()).isEqualTo(200);

    Conditions.await("they are told", () -> seen.size() == 5);
    assertThat(seen.subList(2, 5)).filteredOn(each -> each.text().equals(LATER)).hasSize(1);
    for (HttpMessage call : seen.subList(0, 2)) {
      assertThat(seen.subList(2, 5))
          .filteredOn(notice -> notice.text().equals(call.text()))
          .singleElement()
          .satisfies(
              notice -> {
                assertThat(isNotice(notice)).isTrue();
                assertThat(notice.header("Authorization")).contains("Bearer next");
                for (String same :
                    List.of("X-Call-Id", "MCP-Protocol-Version", "Mcp-Method", "Mcp-Name")) {
                  assertThat(notice.header(same)).isEqualTo(call.header(same)).isPresent();
                }
              });
    }
    assertThat(RawHttp.exchange(next, later).status()).isEqualTo(200);
    assertThat(seen).as("once").hasSize(6);
    started.getLast().toHandle().destroy();
    assertThat(started.getLast().waitFor()).isZero();
    assertThat(folder).as("nothing is left to tell").isEmptyDirectory();
  }

  /**
   * The call's client was told that the outcome is unknown. No origin knew of that before the kill.
   */
  @Test
  void theNextOneTellsOfACallWhoseOutcomeItsClientWasTold() throws Exception {
    records = false;
    int port = start("\"edge\":{\"waitSeconds\":1}");
    String broken = RawHttp.post("/mcp", MODERN, BROKEN);
    assertThat(RawHttp.exchange(port, broken).text())
        .contains("outcome_unknown", "Look first whether it was.");
    started.getFirst().destroyForcibly().waitFor();

    int next = start("\"edge\":{\"waitSeconds\":1}");
    seen.clear();
    String again = RawHttp.post("/mcp", MODERN, BROKEN.replace("7", "8"));
    assertThat(RawHttp.exchange(next, again).text()).contains("origin_unavailable");
    assertThat(seen).isNotEmpty().allMatch(KilledEdgeTest::isNotice);
    assertThat(RawHttp.exchange(next, RawHttp.post("/mcp", MODERN, LATER)).text())
        .as("another call is not held up for longer")
        .isEqualTo("{}");
    records = true;
    Conditions.await(
        "the equal call is sent",
        () -> {
          RawHttp.exchange(next, again);
          return seen.stream().anyMatch(each -> !isNotice(each) && each.text().contains("broken"));
        });
    assertThat(seen.stream().filter(KilledEdgeTest::isNotice)).isNotEmpty();
  }

  @Test
  void whatOneHasInFlightThatLivesIsNobodyElses() throws Exception {
    int port = start();
    RawHttp.connect(port).send(RawHttp.post("/mcp", MODERN, CALL.formatted("a")));
    Conditions.await("it is at the origin", () -> seen.size() == 1);
    int other = start();
    String later = RawHttp.post("/mcp", MODERN, LATER);
    assertThat(RawHttp.exchange(other, later).status()).isEqualTo(200);
    assertThat(seen).noneMatch(KilledEdgeTest::isNotice);
    started.getFirst().destroyForcibly().waitFor();
    Conditions.await(
        "the other one has noticed that it died",
        () -> {
          RawHttp.exchange(other, later);
          return seen.stream().anyMatch(KilledEdgeTest::isNotice);
        });
  }

  /**
   * A call with an answer is not taken for a call without one, whatever ends the edge between the
   * two.
   */
  @Test
  void aCallIsOutOfTheJournalWhenItsClientHasTheAnswer() throws Exception {
    int port = start();
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    LongBuffer journal;
    try (FileChannel channel = FileChannel.open(file)) {
      journal =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.nativeOrder())
              .asLongBuffer();
    }
    try (RawHttp client = RawHttp.connect(port)) {
      for (int i = 0; i < 1_000; i++) {
        client.send(RawHttp.post("/mcp", MODERN, LATER)).read();
        assertThat(journal.get(FIRST_ENTRY)).as("after %s calls", i).isNotEqualTo(journal.get(0));
      }
    }
  }

  private int start() throws IOException {
    return start("\"edge\":{}");
  }

  /**
   * Starts the program, and returns its port.
   *
   * @param more further settings, as a part of its configuration
   */
  private int start(String more) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(MainTest.command()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
    builder
        .environment()
        .putAll(
            Map.of(
                "GATEWAY_SECRET",
                MainTest.SECRET,
                "EDGE_CONFIG",
                "{\"port\":0,\"origins\":[{\"name\":\"a\",\"url\":\"%s\"}],%s}"
                    .formatted(origin.url(), more),
                "EDGE_JOURNAL",
                folder.toString()));
    Process edge = builder.start();
    started.add(edge);
    BufferedReader lines = edge.inputReader();
    String listens =
        Conditions.awaitValue(
            "it listens",
            Conditions.LIMIT,
            () ->
                Optional.ofNullable(lines.readLine())
                    .filter(line -> line.contains("edge listens on")));
    return Integer.parseInt(listens.substring(listens.lastIndexOf(':') + 1).strip());
  }
}
