package com.mcpist.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import javax.sql.DataSource;

/**
 * Clients that save memories, each under a title of its own, and the count of what became of them:
 * in the database, since what clients believe is what is tested.
 */
public final class Savers implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final String mark = UUID.randomUUID().toString();
  private final Map<String, UUID> answered = new ConcurrentHashMap<>();
  private final Map<String, LongAdder> byOrigin = new ConcurrentHashMap<>();
  private final Load load;

  /**
   * What became of the calls.
   *
   * @param failed what the failed calls said
   * @param lost the titles that a client was told are saved, and that are not
   * @param twice the titles that were saved more than once
   */
  public record Tally(
      Load.Report report, List<String> failed, List<String> lost, List<String> twice) {

    /** What a client may expect, whatever breaks behind its URL. */
    public void assertAllSavedOnce() {
      assertThat(failed).as("failed, of " + report.summary()).isEmpty();
      assertThat(lost).as("lost").isEmpty();
      assertThat(twice).as("saved twice").isEmpty();
    }
  }

  private Savers(int port, int clients) {
    load = Load.start(port, clients, this::save);
  }

  /** Starts them on an edge. */
  public static Savers start(int port, int clients) {
    return new Savers(port, clients);
  }

  private String save(McpConnection connection, int client, int number) throws IOException {
    String title = mark + " client " + client + " number " + number;
    McpConnection.Reply reply =
        connection.patience(LIMIT.plusMinutes(1)).call("memory_save", arguments(title));
    answered.put(title, UUID.fromString(reply.structured().findPath("id").asString()));
    byOrigin.computeIfAbsent(reply.servedBy(), origin -> new LongAdder()).increment();
    return reply.servedBy();
  }

  /** The arguments of a memory_save. */
  public static Map<String, String> arguments(String title) {
    return Map.of("title", title, "text", "Saved while something breaks");
  }

  /** How long they have been at it. */
  public Duration elapsed() {
    return load.elapsed();
  }

  /** Waits until so many more calls were answered, by whichever origin. */
  public void awaitMore(int calls) {
    int before = answered.size();
    Conditions.await(
        calls + " more calls are answered", LIMIT, () -> answered.size() >= before + calls);
  }

  /** Waits until this origin has answered so many more calls. */
  public void awaitMore(int calls, String origin) {
    LongAdder served = byOrigin.computeIfAbsent(origin, o -> new LongAdder());
    long before = served.sum();
    Conditions.await(
        origin + " answers " + calls + " more calls", LIMIT, () -> served.sum() >= before + calls);
  }

  /** Lets each client finish its call, and counts in the database. */
  public Tally stop(DataSource database) throws InterruptedException, SQLException {
    Load.Report report = load.stop();
    Map<String, List<UUID>> saved = saved(database, mark);
    List<String> lost =
        answered.entrySet().stream()
            .filter(e -> !saved.getOrDefault(e.getKey(), List.of()).contains(e.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    List<String> twice =
        saved.entrySet().stream()
            .filter(e -> e.getValue().size() > 1)
            .map(Map.Entry::getKey)
            .toList();
    return new Tally(report, report.failures(), lost, twice);
  }

  @Override
  public void close() {
    load.close();
  }

  /** The memories whose title begins so, by title. */
  public static Map<String, List<UUID>> saved(DataSource database, String titlesBeginWith)
      throws SQLException {
    try (Connection connection = database.getConnection();
        PreparedStatement select =
            connection.prepareStatement("select title, id from memory where title like ? || '%'")) {
      select.setString(1, titlesBeginWith);
      Map<String, List<UUID>> found = new HashMap<>();
      try (ResultSet row = select.executeQuery()) {
        while (row.next()) {
          found
              .computeIfAbsent(row.getString(1), title -> new ArrayList<>())
              .add(row.getObject(2, UUID.class));
        }
      }
      return found;
    }
  }
}
