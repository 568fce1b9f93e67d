package com.mcpist.origin.mount.client;

import com.mcpist.module.Claim;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * The process of a mounted server, with all that it starts. It leads a session of its own, by which
 * its descendants are found. It is ended for what it does to others: too much memory, a flood, no
 * messages, input that it does not read while it has no call to work on. A guard, a shell, ends it
 * when this origin is killed.
 */
final class StdioProcess {
  private static final Logger LOG = LoggerFactory.getLogger(StdioProcess.class);

  /** The program of util-linux that makes a session. macOS has none. */
  private static final Path SETSID = Path.of("/usr/bin/setsid");

  private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

  /** Waits for the end of its standard input, which is this process's end. */
  private static final String GUARD = "read -r _; sleep 1; kill -s KILL -- -$0";

  private static final Duration WATCH = Duration.ofSeconds(1);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(1);

  /** Lines in a row that are no messages. */
  private static final int MOST_NOISE = 100;

  /** Bytes of a line that is no message: more than are shown, and a secret that is cut is none. */
  private static final int MOST_SHOWN = 16 * 1024;

  /** Within a second, of messages that answer nothing. */
  private static final int MOST_CHATTER = 2000;

  private static final int MOST_CHATTER_BYTES = 2 * Wire.MOST_BYTES;

  /** What is started, in an environment of nothing else. */
  record Command(
      String mount,
      List<String> words,
      Map<String, String> environment,
      Optional<Path> folder,
      long memoryBytes,
      Redaction redaction) {
    @Override
    public String toString() {
      return "Command[" + mount + "]";
    }
  }

  /** Who is told of what the process says, on its reader's thread, and of its end. */
  interface Owner {
    /** Returns whether it answers a request. */
    boolean message(Intake.Message message, StdioProcess from);

    /** Takes an answer that cannot be read. Returns true if there is a request that it answers. */
    boolean unreadable(Intake.TooComplexException answer);

    /** Returns true if the process has calls to work on, and may read its input later. */
    boolean isAtWork();

    /** Once; an empty problem: it was closed. */
    void ended(String problem);
  }

  private final Command command;
  private final Owner owner;
  private final Intake intake;
  private final Process process;
  private final @Nullable Process guard;
  private final StandardInput input;
  private final Lines lines;
  private final ErrorOutput errors;
  private final Thread reader = Thread.currentThread();
  private final Thread errorReader;
  private final Thread watch;
  private final AtomicReference<String> fault = new AtomicReference<>("");
  private final AtomicBoolean over = new AtomicBoolean();
  private final CompletableFuture<Boolean> told = new CompletableFuture<>();
  private volatile boolean closed;
  private volatile long heardAt = System.nanoTime();

  // These fields are used by the reader's thread alone.
  private int noise;
  private boolean noiseTold;
  private long chatterSince = System.nanoTime();
  private int chatter;
  private int chatterBytes;

  /** Starts the process. Called by the thread that reads what it says. */
  private StdioProcess(Command command, Intake intake, Owner owner, Guarding guarding)
      throws IOException {
    this.command = command;
    this.owner = owner;
    this.intake = intake;
    this.process = launch(command);
    this.guard = guarded(guarding);
    String name = "mount-" + command.mount();
    this.input = new StandardInput(name + "-input", process.getOutputStream(), () -> fail(""));
    this.lines =
        new Lines(
            process.getInputStream(),
            Wire.MOST_BYTES,
            intake,
            () -> fail("it sends a large message too slowly, or does not end it"));
    this.errors = new ErrorOutput(command.mount(), process.getErrorStream(), command.redaction());
    this.errorReader = Thread.ofPlatform().daemon().name(name + "-errors").unstarted(errors);
    this.watch = Thread.ofVirtual().name(name + "-watch").unstarted(this::watch);
  }

  /** Starts what ends a process when this origin is killed; null: there is no such thing here. */
  @FunctionalInterface
  interface Guarding {
    @Nullable Process guard(long pid) throws IOException;
  }

  /** A process without its guard would outlive this origin: none of it is left. */
  private @Nullable Process guarded(Guarding guarding) throws IOException {
    try {
      return guarding.guard(process.pid());
    } catch (IOException | RuntimeException | Error e) {
      kill();
      throw e;
    }
  }

  /** Starts it on a thread that reads what it says until its end. */
  static StdioProcess start(Command command, Intake intake, Owner owner) throws MountException {
    return start(command, intake, owner, StdioProcess::guard);
  }

  static StdioProcess start(Command command, Intake intake, Owner owner, Guarding guarding)
      throws MountException {
    CompletableFuture<StdioProcess> started = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("mount-" + command.mount())
        .start(
            () -> {
              try {
                StdioProcess process = new StdioProcess(command, intake, owner, guarding);
                // First: who has the process may find it ended at once, and waits for these.
                process.begin();
                started.complete(process);
                process.run();
              } catch (IOException | RuntimeException | Error e) {
                String why = command.redaction().shown(String.valueOf(e.getMessage()));
                started.completeExceptionally(
                    MountException.notSent("it cannot be started: " + why));
              }
            });
    try {
      return started.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof MountException why
          ? why
          : MountException.notSent("it cannot be started");
    }
  }

  private void begin() {
    try {
      errorReader.start();
      watch.start();
    } catch (RuntimeException | Error e) {
      kill();
      if (guard != null) {
        guard.destroyForcibly();
      }
      throw e;
    }
  }

  private static Process launch(Command command) throws IOException {
    Containment containment = Containment.own();
    ProcessBuilder builder =
        new ProcessBuilder(containment.command(command.words(), command.folder()));
    builder.environment().clear();
    builder.environment().putAll(command.environment());
    // Never this process's own: who writes into a release changes it.
    builder.directory(command.folder().orElse(TEMPORARY).toFile());
    Process process = builder.start();
    try {
      // Where memory is short the kernel ends this one, and what it starts, before the origin.
      Files.writeString(Path.of("/proc/" + process.pid() + "/oom_score_adj"), "1000");
    } catch (IOException e) {
      // Another system, or it has ended.
    }
    return process;
  }

  private static @Nullable Process guard(long pid) throws IOException {
    if (!Files.isExecutable(SETSID)) {
      return null;
    }
    ProcessBuilder builder =
        new ProcessBuilder(SETSID.toString(), "/bin/sh", "-c", GUARD, Long.toString(pid))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    return builder.start();
  }

  long pid() {
    return process.pid();
  }

  long residentBytes() {
    return ProcessTable.recent().residentBytes(process.pid());
  }

  /** When it last said anything, by System.nanoTime. */
  long heardAt() {
    return heardAt;
  }

  private void run() {
    try (lines) {
      for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
        take(line.get());
      }
    } catch (IOException e) {
      fault.compareAndSet("", String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      LOG.error("{}: what it says cannot be read", command.mount(), e);
      fault.compareAndSet("", "what it says cannot be read");
    }
    finish();
  }

  private void take(byte[] line) throws IOException, InterruptedException {
    heardAt = System.nanoTime();
    if (heardAt - chatterSince > WATCH.toNanos()) {
      chatterSince = heardAt;
      chatter = 0;
      chatterBytes = 0;
    }
    List<Boolean> answering = new ArrayList<>();
    boolean answers;
    try {
      Intake.each(
          messages(line),
          message -> {
            noise = 0;
            answering.add(owner.message(message, this));
          });
      answers = answering.contains(true);
    } catch (Intake.TooComplexException e) {
      answers = owner.unreadable(e);
      LOG.info("{}: a message that cannot be read. {}", command.mount(), e.getMessage());
    }
    if (noise > MOST_NOISE) {
      throw new IOException("it writes what is no message to its standard output");
    }
    int others = Collections.frequency(answering, false);
    chatter += answers ? others : Math.max(1, others); // A line without messages counts as one.
    chatterBytes += answers ? 0 : line.length;
    if (chatter > MOST_CHATTER || chatterBytes > MOST_CHATTER_BYTES) {
      throw new IOException("it floods its output");
    }
  }

  private List<Intake.Message> messages(byte[] line)
      throws InterruptedException, Intake.TooComplexException {
    try {
      return intake.messages(line);
    } catch (JacksonException e) {
      noise++;
      if (!noiseTold) {
        noiseTold = true;
        int shown = Math.min(line.length, MOST_SHOWN);
        String text = command.redaction().shown(new String(line, 0, shown, StandardCharsets.UTF_8));
        LOG.info("{}: not a message, on its standard output: {}", command.mount(), text);
      }
      return List.of();
    }
  }

  /** Sends a message that belongs to no claim. Throws as the other method does. */
  void write(ObjectNode message, long deadline) throws MountException, InterruptedException {
    write(message, Claim.NOT_NEEDED, deadline);
  }

  /**
   * Sends a message while the claim holds. The claim is renewed when the session is there and the
   * process has read earlier messages, but before this message has its turn, so that no renewal
   * holds up the messages of others. If the lease ends before the message is sent, the claim is
   * renewed again.
   *
   * @throws MountException of kind NOT_SENT if the process does not have the whole message, and
   *     never will; of kind UNKNOWN if it may still read the whole message
   */
  void write(ObjectNode message, Claim claim, long deadline)
      throws MountException, InterruptedException {
    input.awaitFree(deadline);
    byte[] json = Wire.bytes(message); // After the wait, so that what waits takes no more memory.
    do {
      Session.renew(claim);
    } while (!input.write(json, claim, deadline));
  }

  private void watch() {
    try {
      while (!over.get()) {
        boolean alive = process.isAlive();
        Thread.sleep(WATCH);
        long held = residentBytes();
        if (held > command.memoryBytes()) {
          fail(
              "it held %d MiB of memory, more than the %d of memory_mib"
                  .formatted(held >> 20, command.memoryBytes() >> 20));
        } else if (input.isUnread(owner.isAtWork())) {
          fail("it does not read its standard input");
        } else if (!alive) {
          fail(""); // Another process of its tree has its standard output.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends it at once, for this reason. */
  void fail(String why) {
    fault.compareAndSet("", why);
    finish();
  }

  /** Ends it in order: standard input first, which servers take for the end. */
  void close() {
    closed = true;
    try {
      if (input.close()) {
        if (!process.waitFor(STOP_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
          // The first of the tree may be what contains it, which does not pass the signal on.
          ProcessTable.now().tree(process.pid()).stream()
              .flatMap(row -> ProcessHandle.of(row.pid()).stream())
              .forEach(ProcessHandle::destroy);
          process.toHandle().destroy(); // Where there is no /proc.
          process.waitFor(STOP_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    finish();
  }

  /**
   * Ends what is left of the tree. The first to do so tells the owner; others wait for that. A
   * reader that waits for memory ends then: it has the mount's place for a large message, which the
   * next process needs.
   */
  private void finish() {
    kill();
    if (!over.compareAndSet(false, true)) {
      told.join();
      return;
    }
    input.end();
    String problem = closed ? "" : problem();
    if (guard != null) {
      guard.destroyForcibly();
    }
    if (!problem.isEmpty()) {
      LOG.warn("{}: {}", command.mount(), problem);
    }
    owner.ended(problem);
    watch.interrupt();
    if (Thread.currentThread() != reader) {
      reader.interrupt();
    }
    told.complete(true);
  }

  /**
   * Ends the tree from its leaves, so that parents take notice of their children's end: process 1,
   * to which orphans go, may be this origin, which would not.
   */
  private void kill() {
    boolean interrupted = Thread.interrupted();
    long root = process.pid();
    for (int round = 0; round < 40; round++) {
      ProcessTable table = ProcessTable.now();
      var targets = round < 6 ? table.leaves(root) : table.tree(root);
      if (targets.isEmpty()) {
        break;
      }
      targets.forEach(row -> ProcessHandle.of(row.pid()).ifPresent(ProcessHandle::destroyForcibly));
      interrupted |= !pause(50);
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly); // Where there is no /proc.
    process.toHandle().destroyForcibly();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean pause(long millis) {
    try {
      Thread.sleep(millis);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  private String problem() {
    String why = fault.get();
    try {
      process.waitFor(STOP_LIMIT.toNanos(), TimeUnit.NANOSECONDS);
      errorReader.join(STOP_LIMIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String problem = why.isEmpty() ? "it ended (" + exit() + ")" : why;
    return errors.last().isEmpty() ? problem : problem + ": " + errors.last();
  }

  private String exit() {
    int code = process.isAlive() ? 0 : process.exitValue();
    return code > 128 ? "signal " + (code - 128) : "exit code " + code;
  }
}
