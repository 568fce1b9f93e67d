package com.mcpist.origin.mount.client;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The containment starts programs that this process does not trust. With Linux's namespaces a
 * program sees no process but its own, and none of the folders that are to be hidden. If the system
 * refuses namespaces, a program only loses its privileges.
 */
public final class Containment {
  /**
   * The name of the origin's variable with the folders that mounted programs do not see, as a JSON
   * array.
   */
  public static final String HIDDEN = "MOUNTS_HIDDEN";

  private static final Logger LOG = LoggerFactory.getLogger(Containment.class);

  /** The programs of util-linux that start a program. macOS has none of them. */
  private static final String SETSID = "/usr/bin/setsid";

  private static final List<String> UNSHARE =
      List.of(
          "/usr/bin/unshare",
          "--user",
          "--map-current-user",
          "--keep-caps",
          "--mount",
          "--pid",
          "--ipc",
          "--fork",
          "--kill-child");

  private static final List<String> SETPRIV =
      List.of(
          "/usr/bin/setpriv",
          "--no-new-privs",
          "--bounding-set=-all",
          "--inh-caps=-all",
          "--ambient-caps=-all");

  /** An ordinary user has no capability, and may not change the bounding set. */
  private static final List<String> SETPRIV_OF_A_USER =
      List.of("/usr/bin/setpriv", "--no-new-privs", "--inh-caps=-all");

  /**
   * Prepares the namespaces, in which this shell has all capabilities, and gives these up. The
   * arguments are whether /proc can be mounted, the working directory or nothing, the hidden
   * folders, --, and what is then run.
   *
   * <p>The mounts are private. User 0 needs no capability to write to /sys and /proc/sys, and to
   * read a disk; a user may own control groups, by which processes are stopped and ended. Shared
   * memory may be another program's, such as the database's.
   */
  private static final String ENTER =
      """
      set -eu
      echo 1000 >/proc/self/oom_score_adj || :
      proc=$1 folder=$2
      shift 2
      mount() { /usr/bin/mount "$@"; }
      if [ "$proc" = proc ]; then
        mount -t proc -o nosuid,nodev,noexec proc /proc
        if [ -w /proc/sys/kernel/core_pattern ]; then
          mount --bind /proc/sys /proc/sys
          mount -o remount,bind,ro /proc/sys
        fi
        [ ! -w /proc/sysrq-trigger ] || mount --bind /dev/null /proc/sysrq-trigger
      fi
      while read -r _ _ _ _ at _; do
        case $at in
          /sys/fs/cgroup | /sys/fs/cgroup/*) mount -o remount,bind,ro "$at" ;;
          /sys | /sys/*) [ ! -w "$at" ] || mount -o remount,bind,ro "$at" ;;
        esac
      done </proc/self/mountinfo
      for device in /dev/*; do
        [ ! -b "$device" ] || [ ! -r "$device" ] || mount --bind /dev/null "$device"
      done
      mount -t tmpfs -o nosuid,nodev,mode=1777,size=256m tmpfs /dev/shm
      while [ "$1" != -- ]; do
        [ ! -d "$1" ] || mount -t tmpfs -o nosuid,nodev,mode=700,size=64m tmpfs "$1"
        shift
      done
      shift
      if [ -z "$folder" ]; then
        folder=/dev/shm/mcpist
        mkdir -m 700 "$folder"
      fi
      cd -- "$folder"
      exec "$@"
      """;

  /**
   * The script of the first process of the namespace, which waits for orphans, and does not end by
   * SIGTERM. The shell's own message of a program's end by a signal is dropped, since it is not the
   * program's.
   */
  private static final String INIT =
      "exec 3>&2 2>/dev/null; (exec /usr/bin/env -- \"$@\" 2>&3 3>&-); exit $?";

  private static final Duration PROBE_LIMIT = Duration.ofSeconds(10);

  /** The levels of containment that a system may allow, the best first. */
  private enum Level {
    NAMESPACES,
    /** A container's /proc hides something, so the kernel allows no other one. */
    NAMESPACES_WITHOUT_PROC,
    NO_PRIVILEGES,
    NO_PRIVILEGES_OF_A_USER,
    SESSION,
    NOTHING
  }

  private final Level level;
  private final List<String> hidden;

  private Containment(Level level, List<String> hidden) {
    this.level = level;
    this.hidden = List.copyOf(hidden);
  }

  /**
   * The containment of this process. It is found when it is first asked for, which starts some
   * processes.
   */
  private static final class Own {
    static final Containment INSTANCE = find(hidden(System.getenv()));
  }

  /** Returns the containment by which this process starts programs. */
  public static Containment own() {
    return Own.INSTANCE;
  }

  private static Containment find(List<String> hidden) {
    Containment found = best(hidden);
    if (found.problem().isEmpty()) {
      LOG.info("Mounted programs are contained by namespaces");
    } else {
      LOG.warn("{}", found.problem());
    }
    return found;
  }

  /** Returns the best containment that works on this system. */
  static Containment best(List<String> hidden) {
    for (Level level : Level.values()) {
      Containment candidate = new Containment(level, hidden);
      if (level == Level.NOTHING || candidate.works()) {
        return candidate;
      }
    }
    throw new IllegalStateException("unreachable");
  }

  /**
   * Checks the variable.
   *
   * @throws IllegalArgumentException if the variable is no JSON array of absolute paths
   */
  public static void check(Map<String, String> environment) {
    var _ = named(environment);
  }

  /**
   * Returns the folders that the variable names, and the one in which services of the user listen.
   */
  private static List<String> hidden(Map<String, String> environment) {
    List<String> folders = new ArrayList<>(named(environment));
    user().ifPresent(user -> folders.add("/run/user/" + user));
    return folders;
  }

  private static List<String> named(Map<String, String> environment) {
    try {
      JsonNode named = JsonMapper.shared().readTree(environment.getOrDefault(HIDDEN, "[]"));
      List<String> folders = named.valueStream().map(folder -> folder.asString("")).toList();
      if (named.isArray() && folders.stream().allMatch(folder -> folder.startsWith("/"))) {
        return folders;
      }
    } catch (JacksonException e) {
      // The exception below says it.
    }
    throw new IllegalArgumentException(HIDDEN + " is no JSON array of absolute paths");
  }

  private static Optional<Long> user() {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("Uid:"))
          .map(line -> Long.parseLong(line.replaceAll("Uid:\\s+(\\d+).*", "$1")))
          .findFirst();
    } catch (IOException e) {
      return Optional.empty(); // It is another system.
    }
  }

  /**
   * Returns the command that runs these words. Without a folder, they run in a new one if possible.
   */
  List<String> command(List<String> words, Optional<Path> folder) {
    List<String> command = new ArrayList<>();
    if (level != Level.NOTHING) {
      command.add(SETSID);
    }
    switch (level) {
      case NAMESPACES, NAMESPACES_WITHOUT_PROC -> {
        command.addAll(UNSHARE);
        command.addAll(List.of("/bin/sh", "-c", ENTER, "mcpist"));
        command.add(level == Level.NAMESPACES ? "proc" : "");
        command.add(folder.map(given -> given.toAbsolutePath().toString()).orElse(""));
        command.addAll(hidden);
        command.add("--");
        command.addAll(SETPRIV);
        command.addAll(List.of("/bin/sh", "-c", INIT, "mcpist"));
      }
      case NO_PRIVILEGES -> command.addAll(SETPRIV);
      case NO_PRIVILEGES_OF_A_USER -> command.addAll(SETPRIV_OF_A_USER);
      case SESSION, NOTHING -> {}
    }
    command.addAll(words);
    return command;
  }

  /** Returns true if the system lets a program start at this level. */
  private boolean works() {
    List<String> command = command(List.of("/bin/true"), Optional.empty());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().clear();
    try {
      Process process = builder.start();
      boolean ended = process.waitFor(PROBE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      return ended && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // A program of util-linux is absent.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Returns what a person should know of the containment. The text is empty if programs are
   * contained.
   */
  public String problem() {
    return switch (level) {
      case NAMESPACES, NAMESPACES_WITHOUT_PROC -> "";
      case NO_PRIVILEGES, NO_PRIVILEGES_OF_A_USER, SESSION, NOTHING ->
          "Mounted programs are not contained: this system allows no user namespaces. They can end"
              + " the origin's processes, and read files of its user";
    };
  }
}
