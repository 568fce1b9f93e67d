package com.mcpist.e2e.examples;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.testkit.Conditions;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A program of e2e/clients that posts with a file of examples/clients, one request at a time. */
final class Poster implements AutoCloseable {
  private final Process process;
  private final File errors;
  private final Writer input;
  private final BlockingQueue<String> printed = new LinkedBlockingQueue<>();

  Poster(ProcessBuilder program) throws IOException {
    errors = Files.createTempFile("mcpist-poster", ".err").toFile();
    process = program.redirectError(errors).start();
    input = process.outputWriter();
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      output.lines().forEach(printed::add);
    } catch (IOException ended) {
      // The test misses what it waits for.
    }
  }

  /** Begins to post; what is posted meanwhile is cancelled by {@link #cancel}. */
  void begin(String session, String body) throws IOException {
    input.write(session + " " + body + "\n");
    input.flush();
  }

  /** Posts, and returns what the program says of the answer: its status, if not more. */
  String post(String session, String body) throws Exception {
    begin(session, body);
    return ended();
  }

  /** Cancels the request that has begun, and waits until its caller knows. */
  void cancel() throws Exception {
    input.write("cancel\n");
    input.flush();
    assertThat(ended()).isEqualTo("cancelled");
  }

  /** Waits for the end of the request that has begun, and returns what the program says of it. */
  String ended() throws Exception {
    String line = printed.poll(Conditions.LIMIT.toSeconds(), TimeUnit.SECONDS);
    assertThat(line).as(Files.readString(errors.toPath())).isNotNull();
    return line;
  }

  @Override
  public void close() throws IOException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    Files.delete(errors.toPath());
  }
}
