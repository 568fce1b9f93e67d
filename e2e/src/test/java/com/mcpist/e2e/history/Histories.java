package com.mcpist.e2e.history;

import com.mcpist.e2e.contract.EdgeKind;
import com.mcpist.e2e.harness.ClassArchives;
import com.mcpist.testkit.Need;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Runs the histories of many seeds, in several worlds at the same time. Prints the seed and the
 * timeline of each that violates a rule. Exit code 1 if one does, 2 for a wrong command.
 */
public final class Histories {
  private static final int NEWS_EVERY = 50;

  /**
   * Says which histories to run, and how.
   *
   * @param without the parts that are taken out of the databases
   * @param family the only family to run; null for the one that each seed chooses
   */
  record Order(
      long first,
      long last,
      List<EdgeKind> edges,
      int worlds,
      boolean stopsAtFirst,
      boolean tells,
      Set<Guard> without,
      @Nullable Family family) {

    Schedule schedule(long seed) {
      return family == null ? Schedule.of(seed) : Schedule.of(seed, family);
    }
  }

  /** A history that violates a rule. */
  record Failure(History history, List<Rules.Violation> violations) {
    @Override
    public String toString() {
      return Report.of(history, violations);
    }
  }

  private final Order order;
  private final List<Failure> failures = new ArrayList<>();
  private final Map<Family, List<Long>> millis = new EnumMap<>(Family.class);
  private int done;

  private Histories(Order order) {
    this.order = order;
  }

  /** Takes the options that bench/histories describes. */
  public static void main(String[] args) throws Exception {
    Order order;
    try {
      order = order(List.of(args));
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "; bench/histories --help says what there is");
      System.exit(2);
      return;
    }
    ClassArchives.make();
    List<Failure> failures = run(order);
    System.exit(failures.isEmpty() ? 0 : 1);
  }

  private static Order order(List<String> args) {
    long first = 1;
    long last = 100;
    List<EdgeKind> edges = List.of(EdgeKind.values());
    int worlds = 2;
    boolean stops = false;
    boolean tells = false;
    Set<Guard> without = EnumSet.noneOf(Guard.class);
    Family family = null;
    for (int i = 0; i < args.size(); i++) {
      String option = args.get(i);
      String value = i + 1 < args.size() ? args.get(i + 1) : "";
      switch (option) {
        case "--seed" -> {
          first = Long.parseLong(value);
          last = first;
          worlds = 1;
          tells = true;
          i++;
        }
        case "--seeds" -> {
          String[] bounds = value.split("\\.\\.", -1);
          first = Long.parseLong(bounds[0]);
          last = Long.parseLong(bounds[1]);
          i++;
        }
        case "--edge" -> {
          edges =
              value.equals("both")
                  ? List.of(EdgeKind.values())
                  : List.of(EdgeKind.valueOf(value.toUpperCase(Locale.ROOT)));
          i++;
        }
        case "--family" -> {
          family = Family.valueOf(value.toUpperCase(Locale.ROOT).replace('-', '_'));
          i++;
        }
        case "--worlds" -> {
          worlds = Integer.parseInt(value);
          i++;
        }
        case "--without" -> {
          without.add(Guard.valueOf(value.toUpperCase(Locale.ROOT)));
          i++;
        }
        case "--first-failure" -> stops = true;
        default -> throw new IllegalArgumentException("There is no option " + option);
      }
    }
    return new Order(first, last, edges, worlds, stops, tells, without, family);
  }

  /** Runs all, and returns those that violate a rule. */
  static List<Failure> run(Order order) throws Exception {
    return new Histories(order).run();
  }

  private List<Failure> run() throws Exception {
    long begun = System.nanoTime();
    Map<Boolean, List<Schedule>> byClocks =
        LongStream.rangeClosed(order.first(), order.last())
            .mapToObj(order::schedule)
            .collect(Collectors.partitioningBy(each -> each.family() == Family.CLOCKS));
    run(Objects.requireNonNull(byClocks.get(false)), false);
    Optional<String> missing = Need.FAKETIME.missing();
    if (missing.isEmpty()) {
      run(Objects.requireNonNull(byClocks.get(true)), true);
    } else {
      System.out.println("No seed of CLOCKS is run: " + missing.get());
    }
    tell(Duration.ofNanos(System.nanoTime() - begun));
    return failures;
  }

  private void run(List<Schedule> schedules, boolean ownClocks) throws Exception {
    if (schedules.isEmpty() || isOver()) {
      return;
    }
    Queue<Schedule> left = new ConcurrentLinkedQueue<>(schedules);
    int worlds = Math.min(order.worlds(), schedules.size());
    try (ExecutorService threads = Executors.newFixedThreadPool(worlds)) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < worlds; i++) {
        all.add(threads.submit(() -> inOneWorld(left, ownClocks)));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  private Void inOneWorld(Queue<Schedule> left, boolean ownClocks) throws Exception {
    try (World world = new World(order.edges(), order.without(), ownClocks)) {
      while (!isOver()) {
        Schedule schedule = left.poll();
        if (schedule == null) {
          break;
        }
        long begun = System.nanoTime();
        try {
          History history = Run.of(world, schedule);
          add(history, (System.nanoTime() - begun) / 1_000_000, world);
        } catch (Exception | AssertionError e) {
          throw new AssertionError("seed " + schedule.seed() + ": " + e.getMessage(), e);
        }
      }
    }
    return null;
  }

  /** Returns true if the run ends at the first violation, and there is one. */
  private boolean isOver() {
    synchronized (failures) {
      return order.stopsAtFirst() && !failures.isEmpty();
    }
  }

  private void add(History history, long took, World world) throws Exception {
    List<Rules.Violation> violations = Rules.check(history);
    synchronized (failures) {
      done++;
      millis.computeIfAbsent(history.schedule().family(), _ -> new ArrayList<>()).add(took);
      if (!violations.isEmpty()) {
        Failure failure = new Failure(history, violations);
        failures.add(failure);
        System.out.println(failure);
        System.out.println("  logs: " + keep(history.schedule().seed(), world));
      } else if (order.tells()) {
        System.out.println(Report.of(history, violations));
      }
      if (done % NEWS_EVERY == 0) {
        System.err.printf(Locale.ROOT, "%d histories, %d violate a rule%n", done, failures.size());
      }
    }
  }

  private static Path keep(long seed, World world) throws Exception {
    Path folder = Files.createTempDirectory("mcpist-history-" + seed + "-");
    for (Map.Entry<String, String> log : world.logs().entrySet()) {
      Files.writeString(folder.resolve(log.getKey() + ".log"), log.getValue());
    }
    return folder;
  }

  private void tell(Duration took) {
    millis.forEach(
        (family, all) ->
            System.out.printf(
                Locale.ROOT,
                "%-16s %5d histories, %.1f s each%n",
                family,
                all.size(),
                all.stream().mapToLong(Long::longValue).average().orElse(0) / 1e3));
    System.out.printf(
        Locale.ROOT,
        "%d histories in %d s, %d violate a rule: %s%n",
        done,
        took.toSeconds(),
        failures.size(),
        failures.stream()
            .map(f -> f.history().schedule().seed() + " " + f.history().schedule().family())
            .collect(Collectors.joining(", ")));
  }
}
