package com.mcpist.origin.mount.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The processes of this machine, as Linux shows them in /proc; empty elsewhere. A tree is the
 * descendants of a process and whatever else is in the session that it leads: one whose parent has
 * died is still found.
 */
record ProcessTable(Map<Long, Row> rows, long readAt) {
  private static final Path PROC = Path.of("/proc");
  private static final Duration FRESH = Duration.ofMillis(900);

  /** Reading takes some milliseconds: it is done once a second, for however many trees. */
  private static volatile ProcessTable latest = new ProcessTable(Map.of(), 0);

  /** A process that lives. */
  record Row(long pid, long parent, long session) {}

  /** At most a second old. */
  static ProcessTable recent() {
    ProcessTable table = latest;
    if (table.readAt == 0 || System.nanoTime() - table.readAt > FRESH.toNanos()) {
      table = now();
      latest = table;
    }
    return table;
  }

  static ProcessTable now() {
    Map<Long, Row> rows = new HashMap<>();
    long readAt = System.nanoTime() | 1;
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path folder : folders) {
        add(folder, rows);
      }
    } catch (IOException e) {
      // There is no /proc.
    }
    return new ProcessTable(rows, readAt);
  }

  private static void add(Path folder, Map<Long, Row> rows) {
    try {
      String stat = Files.readString(folder.resolve("stat"), ISO_8859_1);
      // "pid (name) state parent group session …"; the name may have anything in it.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
      long pid = Long.parseLong(stat.substring(0, stat.indexOf(' ')));
      if (!fields[0].equals("Z") && !fields[0].equals("X")) {
        rows.put(pid, new Row(pid, Long.parseLong(fields[1]), Long.parseLong(fields[3])));
      }
    } catch (IOException | RuntimeException e) {
      // It has ended meanwhile.
    }
  }

  /** The processes of the tree of this one, itself included where it lives. */
  List<Row> tree(long root) {
    return rows.values().stream().filter(row -> belongs(row, root)).toList();
  }

  private boolean belongs(Row row, long root) {
    Row each = row;
    // Ids are used again: what was read while they changed may have a circle.
    for (int steps = 0; each != null && steps < 1000; steps++) {
      if (each.pid == root || each.session == root) {
        return true;
      }
      each = rows.get(each.parent);
    }
    return false;
  }

  /** Those of the tree that have no child in it. */
  List<Row> leaves(long root) {
    List<Row> tree = tree(root);
    List<Row> leaves = new ArrayList<>(tree);
    leaves.removeIf(row -> tree.stream().anyMatch(other -> other.parent == row.pid));
    return leaves;
  }

  /** What the processes of the tree have in memory, in bytes. */
  long residentBytes(long root) {
    return tree(root).stream().mapToLong(row -> resident(row.pid)).sum();
  }

  private static long resident(long pid) {
    try (var lines = Files.lines(PROC.resolve(pid + "/status"), ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
          .sum();
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }
}
