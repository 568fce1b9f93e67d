package com.mcpist.e2e.bench;

import com.mcpist.testkit.Conditions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A program that saves one memory after another until its input ends. It prints its library and
 * version, then a line of JSON for each call, and one where it had to make a new client.
 */
final class SavingClient implements AutoCloseable {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration END_LIMIT = Duration.ofMinutes(1);

  private final Process process;
  private final Thread reader = new Thread(this::read);
  private final ConcurrentLinkedQueue<JsonNode> lines = new ConcurrentLinkedQueue<>();
  private final AtomicInteger saved = new AtomicInteger();
  private final Path errors;

  /**
   * Starts it.
   *
   * @param errors the file for its standard error
   */
  SavingClient(ProcessBuilder program, Path errors) throws IOException {
    this.errors = errors;
    process = program.redirectError(errors.toFile()).start();
    reader.start();
  }

  private void read() {
    try (BufferedReader out = process.inputReader()) {
      out.lines()
          .map(JSON::readTree)
          .forEach(
              line -> {
                lines.add(line);
                if (line.has("id")) {
                  saved.incrementAndGet();
                }
              });
    } catch (IOException | UncheckedIOException e) {
      // It was killed; what it has told counts.
    }
  }

  /** Whether it tells so many more saves in time. */
  boolean savesMore(int more, Duration limit) {
    int enough = saved.get() + more;
    try {
      Conditions.await("more saves", limit, () -> saved.get() >= enough || !process.isAlive());
      return saved.get() >= enough;
    } catch (AssertionError e) {
      return false;
    }
  }

  /** Lets it finish its call, and returns all that it told. */
  List<JsonNode> end() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(END_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      close();
    }
    reader.join();
    return List.copyOf(lines);
  }

  /** What it wrote to its standard error. */
  String errors() throws IOException {
    return Files.readString(errors);
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
