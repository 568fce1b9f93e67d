package com.mcpist.cli.connect;

import com.mcpist.testkit.Conditions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A host that has started `mcpist connect`. */
final class Host implements AutoCloseable {
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final PipedOutputStream says = new PipedOutputStream();
  private final Thread thread;
  private @Nullable Exception failure;

  Host(String url, @Nullable String key, Duration limit) throws IOException {
    Remote remote = new Remote(URI.create(url), key, new PrintStream(log));
    Bridge bridge = new Bridge(remote, new PrintStream(heard), limit);
    PipedInputStream in = new PipedInputStream(says, 1 << 16);
    thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    bridge.run(in);
                  } catch (IOException | InterruptedException | RuntimeException e) {
                    failure = e;
                  }
                });
  }

  void say(String line) throws IOException {
    says.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    says.flush();
  }

  /** All lines so far. */
  List<String> heard() {
    return heard.toString(StandardCharsets.UTF_8).lines().toList();
  }

  /** Waits until there are so many. */
  List<String> awaitHeard(int lines) {
    Conditions.await(lines + " lines, of " + this, () -> heard().size() >= lines);
    return heard();
  }

  String log() {
    return log.toString(StandardCharsets.UTF_8);
  }

  /** Ends the input, and waits until all is answered. */
  @Override
  public void close() throws IOException {
    says.close();
    Conditions.await("it ends", () -> !thread.isAlive());
    if (failure != null) {
      throw new AssertionError(failure);
    }
  }

  @Override
  public String toString() {
    return heard() + log();
  }
}
