package com.mcpist.pair.process;

import module java.base;

import com.mcpist.pair.data.PairException;

/**
 * A socket on this machine's own address from which programs accept that are started with it as
 * their standard input. Between two such programs connections wait in it; when there are two at
 * once each connection goes to one of them.
 *
 * <p>A shell holds it, which outlives a supervisor that is killed, and starts the programs: it runs
 * what is written to its standard input, a FIFO.
 */
public final class SharedSocket implements AutoCloseable {
  /** How many connections may wait; the system may allow fewer. */
  private static final int BACKLOG = 1024;

  private static final int STANDARD_INPUT = 0;
  private static final Duration START_LIMIT = Duration.ofSeconds(10);
  private static final long LOOK_MILLIS = 10;

  /** The FIFO has its name once it is open, so that nothing is written that nobody reads. */
  private static final String HOLD =
      "mkfifo -m 600 \"$1.new\" && exec 3<&0 0<>\"$1.new\" && mv \"$1.new\" \"$1\" && exec sh -s"
          + " \"$1\"";

  private final int port;
  private final Path fifo;
  private volatile ProcessHandle holder;

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

  /** That of an earlier supervisor; where its holder is gone, it listens anew for the next edge. */
  public static SharedSocket adopt(int port, Path run) throws PairException, InterruptedException {
    Optional<ProcessHandle> left = holder(run);
    return left.isPresent() ? new SharedSocket(port, fifo(run), left.get()) : listen(port, run);
  }

  /** Who holds the socket of the pair with this folder. */
  public static Optional<ProcessHandle> holder(Path run) {
    String fifo = fifo(run).toString();
    return ProcessHandle.allProcesses()
        .filter(process -> Orphans.arguments(process).equals(List.of("-s", fifo)))
        .findFirst();
  }

  private static Path fifo(Path run) {
    return run.resolve("edge.fifo");
  }

  private static ProcessHandle hold(int port, Path fifo)
      throws PairException, InterruptedException {
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET)) {
      channel.bind(new InetSocketAddress(Inet4Address.ofLiteral("127.0.0.1"), port), BACKLOG);
      Files.deleteIfExists(fifo);
      Files.deleteIfExists(fifo.resolveSibling(fifo.getFileName() + ".new"));
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
  public Process start(ProcessBuilder program, String mark, Path log) throws IOException {
    try {
      if (!AdoptedProcess.runs(holder)) {
        holder = hold(port, fifo);
      }
      try (FileChannel out =
          FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        ByteBuffer line = StandardCharsets.UTF_8.encode(line(program, log));
        while (line.hasRemaining()) {
          out.write(line);
        }
      }
      return awaitStart(mark);
    } catch (PairException e) {
      throw new IOException(e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
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
  public void close() {
    holder.destroy();
  }
}
