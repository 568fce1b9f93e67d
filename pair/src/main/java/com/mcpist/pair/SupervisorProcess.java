package com.mcpist.pair;

import module java.base;

import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.supervisor.Supervisor.PairEvent;
import com.mcpist.pair.supervisor.Supervisor.PairEvent.Kind;
import org.apache.commons.io.IOUtils;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

public record SupervisorProcess(Process process) {
  private static final String MAIN = "com.mcpist.pair.Main";

  /** The place of the data folder among the arguments, counted from the class. */
  private static final int DATA = 2;

  /** Starts one, with the class path of this very JVM, and mcpist.yml from a folder. */
  public static SupervisorProcess start(Path app, Path data, int port, String release, Path folder)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(JvmProgram.java()));
    command.addAll(classArchive());
    command.addAll(
        List.of(
            // Unpacking PostgreSQL takes that once; it is given back.
            "-Xms8m",
            "-Xmx192m",
            "-XX:MinHeapFreeRatio=10",
            "-XX:MaxHeapFreeRatio=30",
            "-Xss512k",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+DisableAttachMechanism",
            "-cp",
            System.getProperty("java.class.path"),
            MAIN,
            app.toAbsolutePath().toString(),
            data.toAbsolutePath().toString(),
            Integer.toString(port),
            release));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return new SupervisorProcess(builder.start());
  }

  /**
   * Returns true if a process of this user is the supervisor of a data folder. Its number alone
   * does not say that: the system gives the number of a process that has ended to another one.
   *
   * @param data the folder's real path
   */
  static boolean isSupervisor(ProcessHandle process, Path data) {
    List<String> arguments = Orphans.arguments(process);
    int main = arguments.indexOf(MAIN);
    return Orphans.isOurs(process)
        && main > 0
        && main + DATA < arguments.size()
        && DataFolder.real(Path.of(arguments.get(main + DATA))).equals(data);
  }

  /** The launcher's archive of classes, which holds for the same class path. */
  private static List<String> classArchive() {
    return ProcessHandle.current().info().arguments().stream()
        .flatMap(Stream::of)
        .filter(flag -> flag.startsWith("-XX:SharedArchiveFile=") || flag.startsWith("-Xlog:"))
        .toList();
  }

  /** The next event; null once it is gone. Lines of the JVM's own are passed over. */
  public @Nullable PairEvent next() throws IOException {
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith("{")) {
        return JsonMapper.shared().readValue(line, PairEvent.class);
      }
    }
    return null;
  }

  /** Tells of the steps of the start until its end, which is READY or FAILED. */
  public PairEvent awaitStart(Consumer<PairEvent> progress) throws IOException {
    for (PairEvent event = next(); event != null; event = next()) {
      if (event.kind() == Kind.READY || event.kind() == Kind.FAILED) {
        return event;
      }
      progress.accept(event);
    }
    return new PairEvent(Kind.FAILED, "the supervisor ended before the pair was up");
  }

  public void detach() throws IOException {
    OutputStream in = process.getOutputStream();
    in.write("detach\n".getBytes(StandardCharsets.UTF_8));
    in.flush();
  }

  /** Asks it to stop everything; events go on until it is gone. */
  public void requestStop() {
    IOUtils.closeQuietly(process.getOutputStream()); // It may be gone already.
  }

  public boolean awaitEnd(Duration limit) throws InterruptedException {
    return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
