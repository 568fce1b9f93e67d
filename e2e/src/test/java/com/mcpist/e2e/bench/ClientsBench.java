package com.mcpist.e2e.bench;

import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.e2e.harness.Clients;
import com.mcpist.e2e.harness.Pair;
import com.mcpist.e2e.harness.Processes;
import com.mcpist.e2e.harness.Root;
import com.mcpist.e2e.harness.Savers;
import com.mcpist.e2e.harness.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import tools.jackson.databind.JsonNode;

/**
 * Client libraries, plain and with the examples that send a call again, while programs of a pair
 * are killed. Exit code 1 when a call was lost or ran twice, a client hung, or one that sends again
 * failed a call.
 */
public final class ClientsBench {

  private static final Path PROGRAMS = Root.PATH.resolve("bench/clients.d");
  private static final List<String> MODES = List.of("plain", "again");
  private static final Pattern SERVERS =
      Pattern.compile("could not be reached|outcome is unknown|outcome of the first sending");

  private static final int ORIGIN_KILLS = 10;
  private static final int EDGE_KILLS = 5;
  private static final Duration OUTAGE = Duration.ofSeconds(30);
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int WARM_UP = 20;
  // A client that hangs shall not keep the others from theirs.
  private static final Duration BEFORE_A_KILL = Duration.ofSeconds(5);

  private static final String ROW = "%-42s %-6s %7s %7s %5s %7s %5s %10s %5s %12s %14s%n";

  private enum Fault {
    ORIGIN,
    EDGE,
    OUTAGE
  }

  /**
   * What became of the calls of one client under one fault.
   *
   * @param failed what the library showed its caller for those that failed
   * @param reconnected how often the program made a new client
   */
  private record Tally(
      String library,
      int calls,
      List<String> failed,
      List<String> lost,
      List<String> twice,
      boolean hung,
      int reconnected) {

    int told() {
      return (int) failed.stream().filter(text -> SERVERS.matcher(text).find()).count();
    }

    boolean good(String mode) {
      return lost.isEmpty()
          && twice.isEmpty()
          && !hung
          && (mode.equals("plain") || failed.isEmpty());
    }
  }

  private ClientsBench() {}

  /** Takes the names of the libraries. */
  public static void main(String[] args) throws Exception {
    boolean good = true;
    ClassArchives.make();
    try (Pair pair = Pair.up()) {
      pair.awaitSettled();
      DataSource database = pair.database();
      System.out.printf(
          ROW,
          "library",
          "mode",
          "calls",
          "origin",
          "edge",
          "outage",
          "lost",
          "run twice",
          "hung",
          "new clients",
          "server's text");
      for (String library : args) {
        good &= measured(pair, database, library);
      }
      if (!good) {
        Path logs = Root.PATH.resolve("target/bench-clients.log");
        Files.writeString(logs, pair.run("logs").all());
        System.err.println("The pair's logs are in " + logs);
      }
    }
    System.exit(good ? 0 : 1);
  }

  private static boolean measured(Pair pair, DataSource database, String library) throws Exception {
    List<List<Tally>> tallies = List.of(new ArrayList<>(), new ArrayList<>());
    try {
      for (Fault fault : Fault.values()) {
        System.err.println(library + ", " + fault + " …");
        List<Tally> both = underFault(pair, database, library, fault);
        for (int mode = 0; mode < MODES.size(); mode++) {
          tallies.get(mode).add(both.get(mode));
        }
      }
    } catch (IOException | AssertionError e) {
      System.out.println(library + ": not measured");
      System.err.println(e.getMessage());
      return false;
    }
    boolean good = true;
    for (int mode = 0; mode < MODES.size(); mode++) {
      good &= printed(MODES.get(mode), tallies.get(mode));
    }
    return good;
  }

  private static List<Tally> underFault(Pair pair, DataSource database, String library, Fault fault)
      throws Exception {
    List<SavingClient> clients = new ArrayList<>();
    List<Tally> tallies = new ArrayList<>();
    try {
      for (String mode : MODES) {
        String title = title(library, mode, fault);
        clients.add(
            new SavingClient(
                program(pair, library, title, mode), pair.home().resolve(title + ".err")));
      }
      for (SavingClient client : clients) {
        if (!client.savesMore(WARM_UP, LIMIT)) {
          throw new IOException(library + " does not save: " + client.errors());
        }
      }
      strike(fault, pair, clients);
      List<Boolean> hung = new ArrayList<>();
      for (SavingClient client : clients) {
        hung.add(!client.savesMore(1, LIMIT));
      }
      for (int i = 0; i < MODES.size(); i++) {
        // What hangs does not end by itself either.
        if (hung.get(i)) {
          clients.get(i).close();
        }
        String title = title(library, MODES.get(i), fault);
        tallies.add(tally(database, title, clients.get(i).end(), hung.get(i)));
      }
    } finally {
      clients.forEach(SavingClient::close);
    }
    return tallies;
  }

  private static String title(String library, String mode, Fault fault) {
    return library + " " + mode + " " + fault;
  }

  private static ProcessBuilder program(Pair pair, String library, String title, String mode)
      throws IOException {
    Path home = pair.home();
    String[] arguments = {library, pair.url(), title, mode};
    return switch (library) {
      case "go-sdk", "mcp-go" -> Clients.go(home, PROGRAMS.resolve("go"), arguments);
      case "rmcp" -> Clients.rust(home, PROGRAMS.resolve("rust"), arguments);
      case "java-sdk" -> Clients.java(home, PROGRAMS.resolve("java"), arguments);
      case "typescript", "typescript-1" -> Clients.script(home, "bench.mjs", arguments);
      case "claude-code" -> {
        String launcher = Root.PATH.resolve("mcpist").toAbsolutePath().toString();
        yield Clients.script(home, "bench-claude.mjs", pair.url(), title, mode, launcher);
      }
      case "mcp-1", "mcp-2" ->
          python(home, Root.PATH.resolve("e2e/clients/python"), library, arguments);
      default -> python(home, PROGRAMS, library.replaceFirst("-(retries|session)$", ""), arguments);
    };
  }

  private static ProcessBuilder python(Path home, Path folder, String list, String... arguments)
      throws IOException {
    return Clients.python(
        home, folder.resolve(list + ".txt"), PROGRAMS.resolve("save.py"), arguments);
  }

  /** Returns when the pair is whole again. */
  private static void strike(Fault fault, Pair pair, List<SavingClient> clients)
      throws IOException, InterruptedException {
    switch (fault) {
      case ORIGIN -> {
        for (int kill = 0; kill < ORIGIN_KILLS; kill++) {
          Processes.kill(whole(pair, clients).active().orElseThrow().runningPid());
        }
      }
      case EDGE -> {
        for (int kill = 0; kill < EDGE_KILLS; kill++) {
          long edge = whole(pair, clients).edge().pid();
          Processes.kill(edge);
          pair.awaitStatus("a new edge", LIMIT, s -> s.edge().pid() > 0 && s.edge().pid() != edge);
        }
      }
      case OUTAGE -> {
        Status status = whole(pair, clients);
        // Nobody starts an origin again while their supervisor is stopped.
        long supervisor = pair.supervisor();
        Processes.signal(supervisor, "STOP");
        try {
          status.origins().forEach(origin -> Processes.kill(origin.runningPid()));
          TimeUnit.NANOSECONDS.sleep(OUTAGE.toNanos());
        } finally {
          Processes.signal(supervisor, "CONT");
        }
      }
    }
    pair.awaitSettled();
  }

  private static Status whole(Pair pair, List<SavingClient> clients) {
    // A status is told by the edge and by their parent: what one knows, the other may not yet.
    Status status =
        pair.awaitStatus(
            "both origins run and serve",
            LIMIT,
            s ->
                s.active().isPresent()
                    && s.origins().stream()
                        .allMatch(o -> o.state().equals("healthy") && o.pid() != null));
    clients.forEach(client -> client.savesMore(1, BEFORE_A_KILL));
    return status;
  }

  private static Tally tally(DataSource database, String title, List<JsonNode> lines, boolean hung)
      throws SQLException {
    Map<String, List<UUID>> saved = Savers.saved(database, title + " ");
    List<String> lost =
        lines.stream()
            .filter(line -> line.has("id"))
            .filter(
                line ->
                    !saved
                        .getOrDefault(title + " " + line.path("n").asInt(), List.of())
                        .contains(UUID.fromString(line.path("id").asString())))
            .map(line -> title + " " + line.path("n").asInt())
            .toList();
    return new Tally(
        lines.getFirst().path("library").asString(),
        (int) lines.stream().filter(line -> line.has("n")).count(),
        lines.stream()
            .filter(line -> line.has("error"))
            .map(line -> line.path("error").asString())
            .toList(),
        lost,
        saved.entrySet().stream()
            .filter(e -> e.getValue().size() > 1)
            .map(Map.Entry::getKey)
            .toList(),
        hung,
        (int) lines.stream().filter(line -> line.has("reconnected")).count());
  }

  /** One line of the table; what is wrong goes to the standard error. */
  private static boolean printed(String mode, List<Tally> tallies) {
    ToIntFunction<ToIntFunction<Tally>> sum = of -> tallies.stream().mapToInt(of).sum();
    int failed = sum.applyAsInt(t -> t.failed().size());
    System.out.printf(
        ROW,
        tallies.getFirst().library(),
        mode,
        sum.applyAsInt(Tally::calls),
        tallies.get(0).failed().size(),
        tallies.get(1).failed().size(),
        tallies.get(2).failed().size(),
        sum.applyAsInt(t -> t.lost().size()),
        sum.applyAsInt(t -> t.twice().size()),
        sum.applyAsInt(t -> t.hung() ? 1 : 0),
        sum.applyAsInt(Tally::reconnected),
        failed == 0 ? "" : sum.applyAsInt(Tally::told) + " of " + failed);
    for (int i = 0; i < tallies.size(); i++) {
      Tally tally = tallies.get(i);
      String fault = "  " + Fault.values()[i] + ", ";
      tally.lost().forEach(title -> System.err.println(fault + "lost: " + title));
      tally.twice().forEach(title -> System.err.println(fault + "run twice: " + title));
      tally.failed().stream()
          .distinct()
          .limit(5)
          .forEach(text -> System.err.println(fault + text.lines().findFirst().orElse("")));
    }
    return tallies.stream().allMatch(tally -> tally.good(mode));
  }
}
