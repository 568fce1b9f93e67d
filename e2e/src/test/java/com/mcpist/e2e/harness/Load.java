package com.mcpist.e2e.harness;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Clients that call again and again, each on a connection of its own, until they are stopped. They
 * take a moment between two calls: without it they would take the machine from the programs whose
 * start or end they are to see.
 */
public final class Load implements AutoCloseable {

  /** Between two calls of a client: another test's programs have the machine too. */
  public static final Duration PAUSE = Duration.ofMillis(50);

  // Without it a load would measure how fast an edge fails: one that refuses at once is asked
  // thousands of times while one that waits is asked once.
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(100);

  /** One client's next call. */
  @FunctionalInterface
  public interface Caller {

    /**
     * Calls once, and returns the name of the origin that answered.
     *
     * @throws Exception or AssertionError when the call has failed
     */
    String call(McpConnection connection, int client, int number) throws Exception;
  }

  /**
   * One call.
   *
   * @param endNanos since the load began
   */
  public record Outcome(long endNanos, long nanos, String servedBy, @Nullable String failure) {}

  private final long begin = System.nanoTime();
  private final ConcurrentLinkedQueue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
  private final List<Thread> clients = new ArrayList<>();
  private final Duration pause;
  private volatile boolean stopping;
  private volatile String servedBy = "";

  private Load(Duration pause) {
    this.pause = pause;
  }

  /** Starts them. */
  public static Load start(int port, int clients, Caller caller) {
    return start(port, clients, PAUSE, caller);
  }

  /**
   * Starts them.
   *
   * @param pause between two calls of a client
   */
  public static Load start(int port, int clients, Duration pause, Caller caller) {
    Load load = new Load(pause);
    for (int i = 0; i < clients; i++) {
      int client = i;
      load.clients.add(Thread.ofVirtual().start(() -> load.loop(port, client, caller)));
    }
    return load;
  }

  /** Lets each finish its call, and tells how it went. */
  public Report stop() throws InterruptedException {
    stopping = true;
    for (Thread client : clients) {
      client.join();
    }
    return report();
  }

  /** Tells them to end, where a test has failed and does not wait for them. */
  @Override
  public void close() {
    stopping = true;
  }

  /** How many calls have ended so far: what to wait for, since a report sorts all of them. */
  public int calls() {
    return outcomes.size();
  }

  /** How it went so far. */
  public Report report() {
    List<Outcome> sorted = new ArrayList<>(outcomes);
    sorted.sort(Comparator.comparingLong(Outcome::endNanos));
    return new Report(List.copyOf(sorted));
  }

  /** The time since the load began. */
  public Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** Waits until the load is this old. */
  public void awaitElapsed(Duration age) {
    Duration limit = age.plus(Conditions.LIMIT);
    Conditions.await("the load is " + age + " old", limit, () -> elapsed().compareTo(age) >= 0);
  }

  /** The origin that the last good answer named, or nothing before the first. */
  public String servedBy() {
    return servedBy;
  }

  private void loop(int port, int client, Caller caller) {
    McpConnection connection = null;
    for (int number = 0; !stopping; number++) {
      long start = System.nanoTime();
      String origin = "";
      String failure = null;
      try {
        if (connection == null) {
          connection = McpConnection.open(port);
        }
        origin = caller.call(connection, client, number);
        servedBy = origin;
      } catch (Exception | AssertionError e) {
        failure = String.valueOf(e);
      }
      long end = System.nanoTime();
      outcomes.add(new Outcome(end - begin, end - start, origin, failure));
      if (failure != null) {
        drop(connection);
        connection = null;
      }
      LockSupport.parkNanos((failure == null ? pause : PAUSE_AFTER_FAILURE).toNanos());
    }
    drop(connection);
  }

  private static void drop(@Nullable McpConnection connection) {
    try {
      if (connection != null) {
        connection.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How a load went, its calls in the order in which they ended. */
  public record Report(List<Outcome> outcomes) {

    public int calls() {
      return outcomes.size();
    }

    /** What the failed calls said. */
    public List<String> failures() {
      return outcomes.stream()
          .map(Outcome::failure)
          .filter(f -> f != null)
          .map(f -> "" + f)
          .toList();
    }

    public Duration longest() {
      return Duration.ofNanos(outcomes.stream().mapToLong(Outcome::nanos).max().orElse(0));
    }

    /** The calls that began after this moment of the load. */
    public Report after(Duration moment) {
      return new Report(
          outcomes.stream().filter(o -> o.endNanos() - o.nanos() > moment.toNanos()).toList());
    }

    /** How many calls each origin has answered. */
    public Map<String, Long> byOrigin() {
      return outcomes.stream()
          .collect(Collectors.groupingBy(Outcome::servedBy, Collectors.counting()));
    }

    /**
     * How often the origin changed that answered most of the calls in a slice of time. Calls in
     * flight at a change overlap, so single calls do not tell it.
     */
    public int switches(Duration slice) {
      Map<Long, List<Outcome>> slices =
          outcomes.stream()
              .filter(o -> o.failure() == null)
              .collect(
                  Collectors.groupingBy(
                      o -> o.endNanos() / slice.toNanos(), TreeMap::new, Collectors.toList()));
      List<String> winners =
          slices.values().stream().map(calls -> new Report(calls).busiest()).toList();
      int switches = 0;
      for (int i = 1; i < winners.size(); i++) {
        switches += winners.get(i).equals(winners.get(i - 1)) ? 0 : 1;
      }
      return switches;
    }

    private String busiest() {
      return byOrigin().entrySet().stream()
          .max(Map.Entry.comparingByValue())
          .map(Map.Entry::getKey)
          .orElse("");
    }

    /** One line. */
    public String summary() {
      return "%d calls, %d failed, longest %.2f s, by origin %s"
          .formatted(
              calls(), failures().size(), longest().toNanos() / 1e9, new TreeMap<>(byOrigin()));
    }
  }
}
