package com.mcpist.e2e.harness;

import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The processes of a pair, found from outside: what the programs say about themselves is what is
 * tested.
 */
public final class Processes {

  private Processes() {}

  /** Every process with the folder in its command line, and all that these have started. */
  public static Set<ProcessHandle> of(Path data) {
    String folder = data.toString();
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().commandLine().filter(line -> line.contains(folder)).isPresent())
        .flatMap(p -> Stream.concat(Stream.of(p), p.descendants()))
        .filter(p -> p.pid() != ProcessHandle.current().pid())
        .collect(Collectors.toSet());
  }

  /** SIGKILL, and waits until it is gone. */
  public static void kill(long pid) {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    Conditions.await("process " + pid + " is gone", () -> gone(pid));
  }

  /** SIGINT, as Ctrl-C sends it; Java itself can only send SIGTERM and SIGKILL. */
  public static void interrupt(long pid) throws IOException {
    Command.run(new ProcessBuilder("kill", "-INT", Long.toString(pid)));
  }

  /** SIGSTOP or SIGCONT, by its name without SIG. */
  public static void signal(long pid, String name) throws IOException {
    Command.run(new ProcessBuilder("kill", "-" + name, Long.toString(pid)));
  }

  /** Waits until none of them is alive any more. */
  public static void awaitGone(Set<ProcessHandle> processes, Duration limit) {
    Conditions.awaitAsserted(
        limit,
        () -> {
          var left =
              processes.stream().filter(p -> !gone(p.pid())).map(Processes::describe).toList();
          if (!left.isEmpty()) {
            throw new AssertionError("still running: " + left);
          }
        });
  }

  // A process that has ended but not been waited for is no process for a person: ProcessHandle
  // would call it alive.
  private static boolean gone(long pid) {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(p -> p.info().command().isPresent() || p.info().commandLine().isPresent())
        .isEmpty();
  }

  private static String describe(ProcessHandle process) {
    return process.pid() + " " + process.info().commandLine().orElse("");
  }
}
