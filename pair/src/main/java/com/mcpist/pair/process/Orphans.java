package com.mcpist.pair.process;

import module java.base;

import com.sun.security.auth.module.UnixSystem;

/**
 * What a killed supervisor leaves, known by its user and its command: JVMs of programs in the
 * pair's own folder. So there is no record of processes that could be out of date, and no number of
 * a process that could be another one's by now.
 */
public final class Orphans {
  /** A flag of each program's JVM, which has no other meaning. */
  private static final String MARK = "-Dmcpist.process=";

  /** The encoding of paths and arguments. */
  private static final Charset NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private static final Duration EDGE_LIMIT = Duration.ofSeconds(30);
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Orphans() {}

  /** A program's name, and which of its processes this is: both are empty where nothing tells. */
  public record Orphan(ProcessHandle process, String program, String which) {
    boolean isEdge() {
      return program.equals("edge");
    }
  }

  /** The flag by which a process is known. */
  public static String mark(String program, String which) {
    return MARK + program + "/" + which;
  }

  /** Those that run programs of a folder, the newest first. */
  public static List<Orphan> of(Path programs) {
    Comparator<ProcessHandle> age =
        Comparator.comparing(process -> process.info().startInstant().orElse(Instant.EPOCH));
    return ours()
        .filter(process -> runs(process, programs))
        .sorted(age.reversed())
        .map(Orphans::orphan)
        .toList();
  }

  /** The processes of this process's user: anybody may give another one any command. */
  static Stream<ProcessHandle> ours() {
    return ProcessHandle.allProcesses().filter(Orphans::isOurs);
  }

  /**
   * By the user's number where the system tells it: one in a container may have no name. The owner
   * of the process's folder in /proc is root where the process is private.
   */
  public static boolean isOurs(ProcessHandle process) {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try (Stream<String> lines = Files.lines(status, StandardCharsets.ISO_8859_1)) {
      String own = "Uid:\t" + new UnixSystem().getUid() + "\t";
      return lines.anyMatch(line -> line.startsWith(own));
    } catch (IOException | UncheckedIOException _) {
      Optional<String> user = process.info().user();
      return user.isPresent() && user.equals(ProcessHandle.current().info().user());
    }
  }

  private static boolean runs(ProcessHandle process, Path programs) {
    List<String> arguments = arguments(process);
    int classPath = arguments.indexOf("-cp") + 1;
    return classPath > 0
        && classPath < arguments.size()
        && arguments.get(classPath).startsWith(programs + "/");
  }

  private static Orphan orphan(ProcessHandle process) {
    String mark =
        arguments(process).stream()
            .filter(argument -> argument.startsWith(MARK))
            .map(argument -> argument.substring(MARK.length()))
            .findFirst()
            .orElse("");
    String[] parts = (mark + "/").split("/", 3);
    return new Orphan(process, parts[0], parts[1]);
  }

  /**
   * Returns the arguments of a process's command, or an empty list if the system does not tell
   * them. On Linux the whole command is read, of which the JDK tells nothing if it is longer than a
   * page of memory.
   */
  public static List<String> arguments(ProcessHandle process) {
    try {
      Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
      List<String> words = List.of(new String(Files.readAllBytes(file), NAMES).split("\0", -1));
      // The first is the program, and nothing is behind the last zero.
      return words.size() < 2 ? List.of() : words.subList(1, words.size() - 1);
    } catch (IOException _) {
      return List.of(process.info().arguments().orElse(new String[0]));
    }
  }

  /** Stops them as a supervisor does, the edges first; what takes too long is killed. */
  public static void end(Collection<Orphan> orphans) throws InterruptedException {
    Map<Boolean, List<Orphan>> edges =
        orphans.stream().collect(Collectors.partitioningBy(Orphan::isEdge));
    end(edges.getOrDefault(true, List.of()), EDGE_LIMIT);
    end(edges.getOrDefault(false, List.of()), LIMIT);
  }

  private static void end(List<Orphan> orphans, Duration limit) throws InterruptedException {
    orphans.forEach(orphan -> orphan.process().destroy());
    long deadline = System.nanoTime() + limit.toNanos();
    for (Orphan orphan : orphans) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      if (!AdoptedProcess.ends(orphan.process(), left)) {
        orphan.process().destroyForcibly();
        var _ = AdoptedProcess.ends(orphan.process(), limit);
      }
    }
  }
}
