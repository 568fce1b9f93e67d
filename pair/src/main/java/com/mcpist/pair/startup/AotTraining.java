package com.mcpist.pair.startup;

import com.mcpist.pair.data.PairException;
import com.mcpist.pair.process.JvmProgram;
import com.mcpist.pair.process.Output;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the AOT caches that are absent: an origin and an edge before it run beside the pair, with
 * the lowest priority, answer some requests and end, upon which the JVM writes what it has learnt.
 * That a cache cannot be made is a line in the log and nothing more.
 */
public final class AotTraining {
  private static final Logger LOG = LoggerFactory.getLogger(AotTraining.class);
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration PROBE_EVERY = Duration.ofMillis(100);

  /** Takes some seconds, and a minute on a machine that is busy. */
  private static final Duration WRITE_LIMIT = Duration.ofMinutes(5);

  /** A program to learn from, on a port of its own, with the cache that it is to write. */
  public record Trainee(JvmProgram program, AotCache cache) {}

  private final Trainee origin;
  private final Trainee edge;
  private final Exercise exercise;
  private final Path logs;

  /**
   * A training.
   *
   * @param edge one whose only origin is {@code origin}
   * @param logs the folder of the two programs' log files
   */
  public AotTraining(Trainee origin, Trainee edge, Exercise exercise, Path logs) {
    this.origin = origin;
    this.edge = edge;
    this.exercise = exercise;
    this.logs = logs;
  }

  /** Runs to its end, or until its thread is interrupted; then no process of it is left. */
  public void run() {
    if (isDone()) {
      return;
    }
    try {
      Path lockFile = origin.cache().lockFile();
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) { // Another pair may be at it.
        if (lock.isValid() && !isDone()) {
          train();
        }
      }
    } catch (FileLockInterruptionException | InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (IOException | PairException e) {
      LOG.info("No AOT cache was made: {}", e.toString());
    }
  }

  private boolean isDone() {
    return origin.cache().exists() && edge.cache().exists();
  }

  private void train() throws IOException, InterruptedException {
    List<Process> processes = new ArrayList<>();
    edge.cache().discard();
    origin.cache().discard();
    try {
      Process originProcess = launch(origin, processes);
      awaitReady(origin, originProcess);
      Process edgeProcess = launch(edge, processes);
      awaitReady(edge, edgeProcess);
      exercise.run();
      finish(edge, edgeProcess);
      finish(origin, originProcess);
    } finally {
      processes.forEach(AotTraining::kill);
      edge.cache().discard();
      origin.cache().discard();
    }
  }

  private Process launch(Trainee trainee, List<Process> processes) throws IOException {
    Process process = trainee.program().launchInBackground(trainee.cache().trainingFlags());
    processes.add(process);
    var _ = new Output(process.getInputStream(), logs.resolve(trainee.program().name() + ".log"));
    return process;
  }

  private static void awaitReady(Trainee trainee, Process process)
      throws IOException, InterruptedException {
    long limit = System.nanoTime() + START_LIMIT.toNanos();
    while (!trainee.program().isReady(process)) {
      if (!process.isAlive() || System.nanoTime() > limit) {
        throw new IOException(trainee.program().name() + " did not get ready");
      }
      TimeUnit.NANOSECONDS.sleep(PROBE_EVERY.toNanos());
    }
  }

  private static void finish(Trainee trainee, Process process)
      throws IOException, InterruptedException {
    trainee.program().requestStop(process);
    if (!process.waitFor(WRITE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException(trainee.program().name() + " took too long to write its cache");
    }
    trainee.cache().accept();
    LOG.info("Programs start with {} from now on", trainee.cache().file());
  }

  /** With the process that the JVM starts to write the cache. */
  private static void kill(Process process) {
    if (process.isAlive()) {
      List<ProcessHandle> writers = process.descendants().toList();
      process.destroyForcibly();
      writers.forEach(ProcessHandle::destroyForcibly);
      process.onExit().join();
      writers.forEach(writer -> writer.onExit().join());
    }
  }
}
