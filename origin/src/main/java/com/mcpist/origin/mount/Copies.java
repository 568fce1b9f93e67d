package com.mcpist.origin.mount;

import com.mcpist.origin.mcp.Budget;
import com.mcpist.origin.mount.client.Intake;
import com.mcpist.origin.mount.client.MountConfig.Entry;
import com.mcpist.origin.mount.client.MountException;
import com.mcpist.origin.mount.client.MountedServer;
import com.mcpist.origin.mount.client.References;
import com.mcpist.origin.mount.client.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The copies of a mounted server that run here: one, or one for each user that calls it. Users'
 * copies are bounded: who comes takes the place of whose calls are the longest ago.
 */
final class Copies implements AutoCloseable {
  static final int MOST = 50;
  static final Duration IDLE = Duration.ofMinutes(10);

  private final Entry entry;
  private final Intake intake;
  private final Map<String, String> environment;
  private final Consumer<String> listChanged;

  /** By user, the one whose calls are the longest ago first. */
  private final Map<String, Copy> copies = new LinkedHashMap<>(16, 0.75f, true);

  private boolean closed;

  /** Told of is which list a copy says has changed. */
  Copies(
      Entry entry, Map<String, String> environment, Budget budget, Consumer<String> listChanged) {
    this.entry = entry;
    this.intake = new Intake(budget);
    this.environment = environment;
    this.listChanged = listChanged;
  }

  /** A copy while it is used. */
  final class Copy implements AutoCloseable {
    private final MountedServer server;
    private int uses;
    private long usedAt = System.nanoTime();

    private Copy(MountedServer server) {
      this.server = server;
    }

    MountedServer server() {
      return server;
    }

    /** Whether others use it, too. */
    boolean isShared() {
      synchronized (copies) {
        return uses > 1;
      }
    }

    private boolean idleFor(Duration time) {
      return uses == 0 && System.nanoTime() - usedAt >= time.toNanos();
    }

    @Override
    public void close() {
      synchronized (copies) {
        uses--;
        usedAt = System.nanoTime();
      }
    }
  }

  /** The copy for a user; close it after use. Throws MountException: this user can have none. */
  Copy take(String user) throws MountException {
    String owner = entry.perUser() ? user : "";
    Optional<Copy> out = Optional.empty();
    Copy copy;
    synchronized (copies) {
      if (closed) {
        throw MountException.notSent("this origin stops");
      }
      copy = copies.get(owner);
      if (copy == null) {
        Map<String, String> variables = entry.resolve(environment, owner);
        if (copies.size() >= MOST) {
          out = copies.values().stream().filter(c -> c.idleFor(Duration.ZERO)).findFirst();
          if (out.isEmpty()) {
            throw MountException.notSent("it works for " + MOST + " users already");
          }
          copies.values().remove(out.get());
        }
        copy = new Copy(MountedServer.of(entry, variables, intake, listChanged));
        copies.put(owner, copy);
      }
      copy.uses++;
    }
    out.ifPresent(old -> old.server.close());
    return copy;
  }

  /** Empty where there is a copy for each user, which may be closed meanwhile. */
  Optional<Runnable> watch(String uri, String user, Consumer<String> changed) {
    if (entry.perUser()) {
      return Optional.empty();
    }
    try (Copy copy = take(user)) {
      return Optional.of(copy.server.watch(uri, changed));
    } catch (MountException e) {
      return Optional.empty();
    }
  }

  /**
   * A user who can have a copy, for what is asked in nobody's name: of those whose variables the
   * environment has, since their names end in the user's.
   */
  String someone() {
    return Stream.concat(
            Stream.of("local"),
            environment.keySet().stream()
                .flatMap(
                    name ->
                        IntStream.range(0, name.length())
                            .filter(i -> name.charAt(i) == '_')
                            .mapToObj(i -> References.user(name.substring(i + 1)))))
        .filter(this::canHave)
        .findFirst()
        .orElse("local");
  }

  private boolean canHave(String user) {
    try {
      return !user.isEmpty() && entry.resolve(environment, user) != null;
    } catch (MountException e) {
      return false;
    }
  }

  /** Closes users' copies that nobody has called for long. */
  void closeIdle() {
    if (!entry.perUser()) {
      return;
    }
    List<Copy> idle;
    synchronized (copies) {
      idle = copies.values().stream().filter(c -> c.idleFor(IDLE)).toList();
      copies.values().removeAll(idle);
    }
    idle.forEach(c -> c.server.close());
  }

  List<Status> status() {
    List<Copy> all;
    synchronized (copies) {
      all = List.copyOf(copies.values());
    }
    return all.stream().map(c -> c.server.status()).toList();
  }

  @Override
  public void close() {
    List<Copy> all;
    synchronized (copies) {
      closed = true;
      all = new ArrayList<>(copies.values());
      copies.clear();
    }
    try (var closing = Executors.newVirtualThreadPerTaskExecutor()) {
      all.forEach(c -> closing.execute(c.server::close));
    }
  }
}
