package com.mcpist.origin.mount;

import com.mcpist.module.Module;
import com.mcpist.origin.db.Database;
import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mcp.Json;
import com.mcpist.origin.mount.client.MountConfig;
import com.mcpist.origin.mount.client.Status;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.Collector;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToDoubleFunction;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** All servers that this origin mounts, and what keeps their lists the same as other origins'. */
public final class Mounts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Mounts.class);

  /** How often the database is asked what other origins have seen. */
  private static final Duration FOLLOW = Duration.ofSeconds(2);

  private static final Duration UNTIL_READY = Duration.ofMillis(50);

  /**
   * For servers that no origin has ever seen, at the start: without what they list their tools
   * would be unknown.
   */
  private static final Duration FIRST_SIGHT = Duration.ofSeconds(20);

  private final Database database;
  private final BooleanSupplier ready;
  private final Map<String, Mount> mounts = new LinkedHashMap<>();

  /** Of the rows that are known here; of the thread that follows alone. */
  private final Map<String, Long> versions = new LinkedHashMap<>();

  private final List<Thread> threads = new ArrayList<>();
  private final long startedNanos = System.nanoTime();

  /** Has a permit when this origin has written. */
  private final Semaphore seen = new Semaphore(0);

  private volatile boolean known;
  private volatile Runnable changed = () -> {};

  private record Mount(MountModule module, Keeper keeper, Copies copies, MountConfig.Entry entry) {}

  /**
   * Of the file's servers, which may use what their entries name of the environment. Ready is
   * whether the database has its tables. Nothing runs before {@link #start}.
   */
  public Mounts(
      MountConfig config,
      Map<String, String> environment,
      Database database,
      Budget budget,
      BooleanSupplier ready,
      List<Module> others) {
    this.database = database;
    this.ready = ready;
    Set<String> taken = names(others);
    Conversations conversations = new Conversations();
    for (MountConfig.Entry entry : config.entries()) {
      Keeper keeper = new Keeper(entry, environment, budget, lists -> see(entry.name(), lists));
      MountModule module = new MountModule(entry, keeper.copies(), conversations, taken);
      mounts.put(entry.name(), new Mount(module, keeper, keeper.copies(), entry));
      versions.put(entry.name(), 0L);
    }
    known = mounts.isEmpty();
  }

  /** Of the modules' tools and prompts. */
  static Set<String> names(List<Module> modules) {
    Set<String> names = new HashSet<>();
    for (Module module : modules) {
      module.tools().forEach(t -> names.add(t.name()));
      module.prompts().forEach(p -> names.add(p.name()));
    }
    return names;
  }

  /** As modules, in the file's order. */
  public List<Module> modules() {
    return mounts.values().stream().<Module>map(Mount::module).toList();
  }

  /** Whether what they offer is known: before that calls would not find it. */
  public boolean known() {
    return known;
  }

  /** Starts them, and tells when the modules' lists have changed. */
  public void start(Runnable whenChanged) {
    changed = whenChanged;
    if (!mounts.isEmpty()) {
      threads.add(Thread.ofVirtual().name("mounts").start(this::follow));
      for (Mount mount : mounts.values()) {
        threads.add(Thread.ofVirtual().name(mount.entry.name() + " lists").start(mount.keeper));
      }
    }
  }

  private void follow() {
    boolean failing = false;
    try {
      while (true) {
        try {
          if (ready.getAsBoolean()) {
            read();
            failing = false;
          }
        } catch (SQLException | RuntimeException | StackOverflowError e) {
          if (!failing) {
            LOG.warn("What mounts offer could not be read: {}", Database.firstLine(e));
          }
          failing = true;
        }
        long millis = FOLLOW.toMillis();
        long pause =
            known
                ? millis / 2 + ThreadLocalRandom.current().nextLong(millis)
                : UNTIL_READY.toMillis();
        if (seen.tryAcquire(pause, TimeUnit.MILLISECONDS)) {
          seen.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() throws SQLException {
    // Who has been looked at by now has written what there is.
    boolean settled = mounts.values().stream().allMatch(this::isSettled);
    List<MountStore.Row> rows;
    try (Handle handle = database.open()) {
      rows = MountStore.newer(handle, versions);
      handle.getConnection().commit();
    }
    for (MountStore.Row row : rows) {
      Mount mount = mounts.get(row.name());
      if (mount != null) {
        mount.module.show(row.seen(), row.approved());
        versions.put(row.name(), row.version());
      }
    }
    boolean first = !known && (settled || mounts.values().stream().allMatch(m -> m.module.known()));
    if (first) {
      mounts.values().forEach(m -> m.module.know());
    }
    if (first || !rows.isEmpty()) {
      changed.run();
    }
    if (first) {
      known = true; // Calls come after that.
    }
  }

  private boolean isSettled(Mount mount) {
    return mount.module.known()
        || mount.keeper.tried()
        || System.nanoTime() - startedNanos > FIRST_SIGHT.toNanos();
  }

  private void see(String name, ObjectNode lists) throws SQLException, InterruptedException {
    while (!ready.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(UNTIL_READY.toMillis());
    }
    try (Handle handle = database.open()) {
      MountStore.see(handle, name, lists);
      handle.getConnection().commit();
    }
    seen.release();
  }

  /** Approves a mount's tools as they are now; false: there is no such mount. */
  public static boolean approve(Handle handle, String name) {
    return MountStore.approve(handle, name);
  }

  /** What is wrong with which. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    mounts.forEach(
        (name, mount) -> {
          if (!mount.keeper.problem().isEmpty()) {
            problems.add("The mounted server " + name + ": " + mount.keeper.problem());
          }
          if (mount.module.offer().tools().stream()
              .anyMatch(t -> t.approval() == Offer.Approval.HELD)) {
            problems.add("The mounted server " + name + " has changed tools that are held back");
          }
        });
    return problems;
  }

  /** Whether each is well, and what it takes of this machine's memory. */
  public List<Collector> collectors() {
    return List.of(
        gauge(
            "mcpist_mount_up",
            "0 for a mounted server that did not start, or ended; else 1",
            copies -> copies.stream().anyMatch(c -> c.state() == Status.State.FAILED) ? 0 : 1),
        gauge(
            "mcpist_mount_memory_bytes",
            "Resident memory of a mounted server's processes",
            copies -> copies.stream().mapToDouble(Status::residentBytes).sum()));
  }

  private Collector gauge(String name, String help, ToDoubleFunction<List<Status>> value) {
    return GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("module")
        .callback(
            gauge ->
                mounts.forEach(
                    (mount, its) -> gauge.call(value.applyAsDouble(its.copies.status()), mount)))
        .build();
  }

  /** How each is, for those who administer. */
  public List<ObjectNode> status() {
    return mounts.values().stream().map(Mounts::status).toList();
  }

  private static ObjectNode status(Mount mount) {
    List<Status> copies = mount.copies.status();
    Status.State state =
        copies.stream().map(Status::state).max(Mounts::livelier).orElse(Status.State.IDLE);
    Offer offer = mount.module.offer();
    ObjectNode told =
        Json.object()
            .put("name", mount.entry.name())
            .put("state", state.name().toLowerCase(Locale.ROOT))
            .put("problem", mount.keeper.problem())
            .put("revision", offer.revision());
    told.putObject("server")
        .put("name", offer.server().path("name").stringValueOpt().orElse(""))
        .put("version", offer.server().path("version").stringValueOpt().orElse(""));
    told.put("perUser", mount.entry.perUser())
        .put("pin", mount.entry.pin())
        .put("restarts", copies.stream().mapToInt(Status::restarts).sum())
        .put("residentBytes", copies.stream().mapToLong(Status::residentBytes).sum());
    told.putArray("tools").addAll(offer.told());
    return told.put("prompts", offer.prompts().size()).put("resources", offer.resources().size());
  }

  private static int livelier(Status.State one, Status.State other) {
    List<Status.State> order =
        List.of(
            Status.State.IDLE, Status.State.FAILED, Status.State.STARTING, Status.State.RUNNING);
    return Integer.compare(order.indexOf(one), order.indexOf(other));
  }

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
    try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
      mounts.values().forEach(m -> closing.execute(m.copies::close));
    }
  }
}
