package com.mcpist.pair.process;

import module java.base;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.pair.data.DataFolder;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.Keeper.Program;
import com.mcpist.pair.process.Keeper.Sign;

/**
 * An origin in a JVM of its own, which listens on a Unix socket. It inherits nothing, and has an
 * INSTANCE.
 */
public record JvmProgram(
    String name,
    String mark,
    Path folder,
    String mainClass,
    ClassArchive archive,
    Map<String, String> environment,
    URI socket,
    String healthPath,
    Duration stopLimit)
    implements Program {

  private static final Duration PROBE_LIMIT = Duration.ofSeconds(2);

  /**
   * The archive of a build's classes, which the JVM makes as the program ends and uses from the
   * next start on (dynamic class data sharing). The CPU of a start is half then: 0.5 s instead of
   * 0.9 s of an origin's, 0.6 s instead of 1.4 s of the edge's; making it takes 1.1 s once. Without
   * it, or with one that the JVM rejects, a program starts as ever.
   */
  public record ClassArchive(Path file) {
    /** Each has some 30 MB. */
    private static final int KEPT = 8;

    /** The archive of the release with this digest, in the folder of what can be made again. */
    public static ClassArchive of(Path cache, String digest) {
      return new ClassArchive(cache.resolve("classes").resolve(digest.replace(':', '-') + ".jsa"));
    }

    /** What a JVM is told so that it uses the archive, or makes it; none where none can be kept. */
    public List<String> flags() {
      try {
        prepare();
      } catch (IOException | PairException _) {
        return List.of();
      }
      return List.of(
          "-XX:+AutoCreateSharedArchive",
          "-XX:SharedArchiveFile=" + file,
          // Whatever is wrong with it is no matter of the program's log.
          "-Xlog:cds*=off",
          "-Xlog:aot*=off");
    }

    private void prepare() throws IOException, PairException {
      Path folder = file.resolveSibling("");
      DataFolder.createPrivate(folder);
      if (Files.exists(file)) {
        boolean half;
        try (InputStream in = Files.newInputStream(file)) {
          half = in.read() <= 0;
        }
        if (half) {
          // The head is written last: without it the JVM neither uses the file nor makes it anew.
          Files.deleteIfExists(file);
        } else {
          Files.setLastModifiedTime(file, FileTime.from(Instant.now())); // It is used.
        }
        return;
      }
      try (Stream<Path> files = Files.list(folder)) {
        for (Path old : DataFolder.allButNewest(KEPT - 1, files.toList())) {
          Files.deleteIfExists(old);
        }
      }
    }
  }

  /** The command that runs a program's jars with the flags it ships with, and these. */
  public static List<String> command(Path folder, String mainClass, List<String> flags) {
    List<String> command = new ArrayList<>(List.of(java()));
    Path options = folder.resolve("jvm.options");
    if (Files.exists(options)) {
      command.add("@" + options);
    }
    command.addAll(flags);
    command.addAll(List.of("-cp", folder.resolve("*").toString(), mainClass));
    return command;
  }

  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Each process is an instance of its own: leases and heartbeats tell processes apart by that. */
  @Override
  public Process launch(Path log) throws IOException {
    Map<String, String> all = new HashMap<>(environment);
    all.put("INSTANCE", name + "-" + UUID.randomUUID().toString().substring(0, 8));
    return Program.start(builder(mark, folder, mainClass, archive, all), log);
  }

  /** What starts a process in which nothing but this environment is set, by its mark. */
  public static ProcessBuilder builder(
      String mark,
      Path folder,
      String mainClass,
      ClassArchive archive,
      Map<String, String> environment) {
    List<String> flags = new ArrayList<>(archive.flags());
    flags.add(mark);
    ProcessBuilder builder =
        new ProcessBuilder(command(folder, mainClass, flags)).directory(folder.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }

  @Override
  public Sign ask(Process process) throws InterruptedException {
    try {
      int code =
          SocketHttp.send(socket, SocketHttp.Request.of("GET", healthPath), PROBE_LIMIT).status();
      return code == 200 ? Sign.READY : Sign.LIVES;
    } catch (IOException e) {
      return Sign.of(e);
    }
  }

  @Override
  public void requestStop(Process process) {
    process.destroy();
  }

  /** Without the variables: some are secrets. */
  @Override
  public String toString() {
    return "JvmProgram[" + name + " of " + folder + "]";
  }
}
