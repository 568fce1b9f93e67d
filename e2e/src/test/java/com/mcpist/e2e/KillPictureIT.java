package com.mcpist.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Command;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Recording;
import com.mcpist.e2e.harness.Root;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * docs/pictures/kill.svg, the film of a kill. With {@code -Dmcpist.pictures=write} a run is written
 * there.
 */
class KillPictureIT {

  private static final Path PICTURE = Root.PATH.resolve("docs/pictures/kill.svg");
  private static final String URL = "http://127.0.0.1:8080/mcp";
  private static final String CALL =
      """
      npx @modelcontextprotocol/inspector --cli %s \\
          --transport http --method tools/call \\
          --tool-name everything_trigger-long-running-operation \\
          --tool-args-json '{"duration": 6, "steps": 3}'\
      """;

  private static final String DEATH = " died (killed, signal 9)";
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static Pair pair;

  @BeforeAll
  static void start() throws Exception {
    pair = Pair.prepare(Map.of());
    List<String> server =
        Clients.command(pair.home(), "mcp-server-everything", List.of()).command();
    ObjectNode mounts = JsonMapper.shared().createObjectNode();
    ObjectNode entry = mounts.withObject("/mcpServers/everything");
    entry.put("command", server.getFirst());
    server.stream().skip(1).forEach(entry.putArray("args")::add);
    Files.writeString(pair.home().resolve("mounts.json"), mounts.toString());
    pair.start();
    pair.awaitSettled();
  }

  @AfterAll
  static void stop() throws Exception {
    pair.close();
  }

  /**
   * The picture is compared by what was typed, the death and the answer: times, process ids and
   * states are another run's each time.
   */
  @Test
  void aCallIsAnsweredAlthoughItsServerIsKilled() throws Exception {
    Recording film = film();
    List<String> death =
        film.upper().lines().stream()
            .filter(line -> line.startsWith("$ ") || line.contains(DEATH))
            .toList();
    assertThat(death).hasSize(4).last().asString().startsWith(Pair.PRIMARY);
    List<String> answer = film.lower().lines();
    assertThat(answer)
        .anyMatch(line -> line.contains("Long running operation completed. Duration: 6 seconds"));

    if ("write".equals(System.getProperty("mcpist.pictures"))) {
      Files.writeString(PICTURE, film.svg());
    }
    String picture = Files.readString(PICTURE);
    assertThat(picture.length()).isLessThan(300_000);
    assertThat(picture).doesNotContain("<script", "<image", "href", "url(", "@import");
    assertThat(timeless(texts(picture).stream()))
        .containsSubsequence(timeless(Stream.concat(death.stream(), answer.stream())));
  }

  private static Recording film() throws Exception {
    for (int i = 0; i < 3; i++) {
      Recording film = new Recording("where the pair runs", "a client");
      if (film(film.upper(), film.lower())) {
        return film;
      }
      // Another edge has a journal without that call.
      assertThat(pair.run("restart", "edge").code()).isZero();
      Conditions.await("the call is forgotten", LIMIT, () -> !inFlight());
      pair.awaitSettled();
    }
    throw new AssertionError("each call was answered before the server was killed");
  }

  /** False: the machine was so busy that the call was answered already. */
  private static boolean film(Recording.Terminal admin, Recording.Terminal client)
      throws Exception {
    admin.type("./mcpist status");
    admin.show(status());
    long pid = pair.status().origin(Pair.PRIMARY).runningPid();
    client.type(CALL.formatted(URL));
    Path out = Files.createTempFile(pair.home(), "answer", ".json");
    Process call =
        Clients.shell(pair.home(), CALL.formatted(pair.url()))
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      Conditions.await("the call is under way", LIMIT, KillPictureIT::inFlight);
      if (!call.isAlive()) {
        return false;
      }
      admin.type("kill -9 " + pid);
      Processes.signal(pid, "KILL");
      String told =
          Conditions.awaitValue(
              "the pair tells the death",
              LIMIT,
              () -> Optional.of(status()).filter(status -> status.contains(DEATH)));
      admin.type("./mcpist status");
      admin.show(told);
      assertThat(call.waitFor(LIMIT)).isTrue();
    } finally {
      call.destroyForcibly();
    }
    client.show(Files.readString(out));
    return true;
  }

  private static List<String> timeless(Stream<String> lines) {
    return lines
        .filter(line -> !line.isBlank())
        .map(line -> line.replaceAll("[0-9]+", "N"))
        .toList();
  }

  private static boolean inFlight() throws IOException {
    try (Stream<Path> files = Files.list(pair.data().resolve("run"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".journal")).toList()) {
        if (Files.readString(file, ISO_8859_1).contains("trigger-long-running-operation")) {
          return true;
        }
      }
      return false;
    }
  }

  // As a person sees it, on the port that a pair has by itself.
  private static String status() throws IOException {
    ProcessBuilder command = pair.command("status");
    command.environment().put("LC_ALL", "C.UTF-8");
    return Command.run(command).out().replace(":" + pair.port(), ":8080");
  }

  private static List<String> texts(String svg) throws Exception {
    var lines =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)))
            .getElementsByTagName("text");
    return IntStream.range(0, lines.getLength())
        .mapToObj(n -> lines.item(n).getTextContent())
        .toList();
  }
}
