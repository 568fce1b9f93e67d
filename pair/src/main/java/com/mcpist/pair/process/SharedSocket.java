package com.mcpist.pair.process;

import module java.base;

import com.mcpist.pair.data.PairException;

/**
 * A socket on this machine's own address from which programs accept that are started with it as
 * their standard input. Between two such programs connections wait in it; when there are two at
 * once each connection goes to one of them.
 *
 * <p>A shell holds it, which outlives a supervisor that is killed, and starts the programs: it runs
 * what is written to its standard input, a FIFO. It also remembers a record, with secrets, which so
 * is in no file, and ends with the pair.
 */
public final class SharedSocket implements AutoCloseable {
  /** How many connections may wait; the system may allow fewer. */
  private static final int BACKLOG = 1024;

  private static final int STANDARD_INPUT = 0;
  private static final Duration START_LIMIT = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 10;

  /** The FIFO has its name once it is open, so that nothing is written that nobody reads. */
  private static final String HOLD =
      "mkfifo -m 600 \"$1.new\" \"$1.answer\" && exec 3<&0 0<>\"$1.new\" && mv \"$1.new\" \"$1\""
          + " && exec sh -s \"$1\"";

  /** The record is no variable of the programs, and printf no process: nobody else sees it. */
  private static final String ANSWER = "printf '%s\\n' \"$record\" 3<&- >\"$1.answer\" &\n";

  private final int port;
  private final Path fifo;

  // Guarded by this.
  private ProcessHandle holder;
  private String remembering = "";

  private SharedSocket(int port, Path fifo, ProcessHandle holder) {
    this.port = port;
    this.fifo = fifo;
    this.holder = holder;
  }

  /** Listens; a PairException where the port is taken, or may not be had. */
  public static SharedSocket listen(int port, Path run) throws PairException, InterruptedException {
    Path fifo = fifo(run);
    return new SharedSocket(port, fifo, hold(port, fifo));
  }

  /** That of an earlier supervisor, which the holder still has. */
  public static SharedSocket adopt(int port, Path run, ProcessHandle holder) {
    return new SharedSocket(port, fifo(run), holder);
  }

  /** Who holds the socket of the pair with this folder. */
  public static Optional<ProcessHandle> holder(Path run) {
    List<String> holds = List.of("-s", fifo(run).toString());
    return Orphans.ours()
        .filter(process -> Orphans.arguments(process).equals(holds))
        // A child of it looks the same until it runs something else.
        .filter(process -> process.parent().map(Orphans::arguments).filter(holds::equals).isEmpty())
        .findFirst();
  }

  private static Path fifo(Path run) {
    return run.resolve("edge.fifo");
  }

  private static ProcessHandle hold(int port, Path fifo)
      throws PairException, InterruptedException {
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
      channel.bind(new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), port), BACKLOG);
      for (String left : List.of("", ".new", ".answer")) {
        Files.deleteIfExists(Path.of(fifo + left));
      }
      ProcessBuilder builder =
          new ProcessBuilder("sh", "-c", HOLD, "mcpist-socket", fifo.toString())
              .directory(fifo.resolveSibling("").toFile())
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
      int descriptor = CLibrary.find((InetSocketAddress) channel.getLocalAddress());
      Process shell = startWith(descriptor, builder);
      long end = System.nanoTime() + START_LIMIT.toNanos();
      while (!Files.exists(fifo)) {
        if (!shell.isAlive() || System.nanoTime() > end) {
          shell.destroyForcibly();
          throw new IOException("the shell that holds the socket does not start");
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return shell.toHandle();
    } catch (BindException e) {
      throw new PairException(
          "port " + port + " is taken by another program: choose another with --port.", e);
    } catch (IOException e) {
      throw new PairException("cannot listen on port " + port + ": " + e.getMessage(), e);
    }
  }

  /**
   * A child's standard input can only be this process's own, so for as long as the start takes this
   * one's is the socket. Whoever reads meanwhile reads on: a read that has begun stays with the
   * file that it began on.
   */
  private static Process startWith(int descriptor, ProcessBuilder builder) throws IOException {
    builder.redirectInput(ProcessBuilder.Redirect.INHERIT);
    synchronized (SharedSocket.class) { // Standard input belongs to the whole process.
      int own = CLibrary.dup(STANDARD_INPUT);
      try {
        CLibrary.dup2(descriptor, STANDARD_INPUT);
        return builder.start();
      } finally {
        if (own < 0) {
          CLibrary.close(STANDARD_INPUT); // It was closed before, too.
        } else {
          CLibrary.dup2(own, STANDARD_INPUT);
          CLibrary.close(own);
        }
      }
    }
  }

  /** Starts a program by its command, variables and folder, of which an argument is the mark. */
  public synchronized Process start(ProcessBuilder program, String mark, Path log)
      throws IOException {
    try {
      if (!AdoptedProcess.runs(holder)) {
        holder = hold(port, fifo);
        send(remembering);
      }
      send(line(program, log));
      return awaitStart(mark);
    } catch (PairException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Has the holder remember a record in the place of the one before. */
  public synchronized void remember(byte[] record) throws IOException {
    remembering = "record=" + Base64.getEncoder().encodeToString(record) + "\n";
    if (AdoptedProcess.runs(holder)) { // Else the next one is told.
      send(remembering);
    }
  }

  /** What the holder of that folder remembers; empty where it was told nothing, or hangs. */
  public static Optional<byte[]> remembered(Path run) throws IOException {
    Path fifo = fifo(run);
    // A process, since one can be ended while it reads.
    Process reader =
        new ProcessBuilder("sh", "-c", "exec head -n 1 <>\"$1\"", "mcpist-record", fifo + ".answer")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    CompletableFuture.delayedExecutor(START_LIMIT.toSeconds(), TimeUnit.SECONDS)
        .execute(reader::destroyForcibly);
    send(fifo, ANSWER);
    try (BufferedReader lines = reader.inputReader(StandardCharsets.US_ASCII)) {
      String line = lines.readLine();
      return line == null || line.isEmpty()
          ? Optional.empty()
          : Optional.of(Base64.getDecoder().decode(line));
    }
  }

  private void send(String line) throws IOException {
    send(fifo, line);
  }

  /** One that is shorter than the FIFO's buffer, 64 KiB on Linux, is written whole or not. */
  private static void send(Path fifo, String line) throws IOException {
    try (FileChannel out = open(fifo)) {
      ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  /** To read and to write, since that waits for nobody who has the other end. */
  private static FileChannel open(Path fifo) throws IOException {
    return FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Variables are set in it, and not by env: arguments are for everybody to see. */
  private static String line(ProcessBuilder program, Path log) {
    StringBuilder line = new StringBuilder("(cd " + quoted("" + program.directory()));
    program
        .environment()
        .forEach((name, value) -> line.append(" && export " + name + "=" + quoted(value)));
    line.append(" && exec");
    program.command().forEach(argument -> line.append(' ').append(quoted(argument)));
    return line + ") <&3 3<&- >>" + quoted("" + log) + " 2>&1 &\n";
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  private Process awaitStart(String mark) throws IOException, InterruptedException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      Optional<ProcessHandle> started =
          holder
              .children()
              .filter(process -> Orphans.arguments(process).contains(mark))
              .findFirst();
      if (started.isPresent()) {
        return new AdoptedProcess(started.get());
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    throw new IOException("it has not begun after " + START_LIMIT.toSeconds() + " s");
  }

  /** From then on only the programs hold it, and it ends with them. */
  @Override
  public synchronized void close() {
    holder.destroy();
  }
}
