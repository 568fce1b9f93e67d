package com.mcpist.pair.process;

import module java.base;

/**
 * A process that is no child of this one: an edge, or what an earlier supervisor has started. How
 * it ends is not known.
 */
public final class AdoptedProcess extends Process {
  static final int UNKNOWN = -1;
  private static final long LOOK_MILLIS = 100;
  private static final long SOON_MILLIS = 20;
  private static final Duration EVER = Duration.ofDays(10_000);

  private final ProcessHandle handle;
  private final CompletableFuture<Process> ended = new CompletableFuture<>();

  public AdoptedProcess(ProcessHandle handle) {
    this.handle = handle;
    Thread.ofVirtual().name("adopted-" + handle.pid()).start(this::watch);
  }

  /** Not {@link ProcessHandle#onExit}, which looks every five seconds, and waits for zombies. */
  private void watch() {
    try {
      while (runs(handle)) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      ended.complete(this);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether it has not ended; a zombie has, for whose end nobody has waited. */
  public static boolean runs(ProcessHandle process) {
    return process.isAlive() && !isZombie(process.pid());
  }

  /** By what Linux says; elsewhere there is nothing that leaves any. */
  private static boolean isZombie(long pid) {
    try {
      Path file = Path.of("/proc", Long.toString(pid), "stat");
      String stat = Files.readString(file, StandardCharsets.ISO_8859_1);
      return stat.startsWith("Z", stat.lastIndexOf(')') + 2);
    } catch (IOException _) {
      return false;
    }
  }

  /** Waits for its end; false: the limit passes before that. */
  public static boolean ends(ProcessHandle process, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (runs(process)) {
      if (System.nanoTime() > end) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(SOON_MILLIS);
    }
    return true;
  }

  @Override
  public ProcessHandle toHandle() {
    return handle;
  }

  @Override
  public boolean isAlive() {
    return runs(handle);
  }

  @Override
  public CompletableFuture<Process> onExit() {
    return ended.copy();
  }

  @Override
  public int waitFor() throws InterruptedException {
    var _ = ends(handle, EVER);
    return UNKNOWN;
  }

  @Override
  public boolean waitFor(long timeout, TimeUnit unit) throws InterruptedException {
    return ends(handle, Duration.ofNanos(unit.toNanos(timeout)));
  }

  @Override
  public int exitValue() {
    if (isAlive()) {
      throw new IllegalThreadStateException("process " + handle.pid() + " has not ended");
    }
    return UNKNOWN;
  }

  @Override
  public void destroy() {
    handle.destroy();
  }

  @Override
  public Process destroyForcibly() {
    handle.destroyForcibly();
    return this;
  }

  @Override
  public OutputStream getOutputStream() {
    return OutputStream.nullOutputStream();
  }

  @Override
  public InputStream getInputStream() {
    return InputStream.nullInputStream();
  }

  @Override
  public InputStream getErrorStream() {
    return InputStream.nullInputStream();
  }
}
