package com.mcpist.origin.mount.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.mcpist.origin.mcp.Budget;
import com.mcpist.testkit.Conditions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LinesTest {
  private static final int MANY = 20_000;
  private static final int MOST = 4 * 1024 * 1024;

  private final Budget budget = Budget.ofHeap(0);

  private static Lines lines(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return new Lines(new ByteArrayInputStream(bytes), 1024, Calls.intake(), () -> {});
  }

  /** Checks that a program may answer as many calls as it is asked, each in a line. */
  @Test
  void manyLinesAreNoFlood() throws Exception {
    try (Lines lines = lines("{}\n".repeat(MANY))) {
      int read = 0;
      for (Optional<byte[]> line = lines.next(); line.isPresent(); line = lines.next()) {
        read++;
      }
      assertThat(read).isEqualTo(MANY);
    }
  }

  @Test
  void manyLinesOfEventsAreOne() {
    try (Lines lines = lines(": nothing\n".repeat(MANY))) {
      assertThatIOException().isThrownBy(lines::event).withMessage("it floods its output");
    }
  }

  /** Checks that the bytes are charged while they are read, and while the message is looked at. */
  @Test
  void aLargeLineIsChargedUntilTheNextOneIsAskedFor() throws Exception {
    List<Long> held = new ArrayList<>();
    InputStream in =
        new ByteArrayInputStream(("x".repeat(MOST - 10) + "\nshort\n").getBytes(UTF_8)) {
          @Override
          public synchronized int read(byte[] into, int from, int length) {
            int read = super.read(into, from, length);
            held.add(budget.held() - from - Math.max(read, 0));
            return read;
          }
        };
    try (Lines lines = new Lines(in, MOST, new Intake(budget), () -> {})) {
      assertThat(lines.next().orElseThrow()).hasSize(MOST - 10);
      assertThat(held).allMatch(spare -> spare >= -3 * 8192);
      assertThat(budget.held()).isGreaterThan(MOST);
      assertThat(lines.next().orElseThrow()).hasSize(5);
      assertThat(budget.held()).isZero();
    }
  }

  @Test
  void anEventOfSeveralLinesIsChargedToo() throws Exception {
    String event = ("data: " + "x".repeat(100_000) + "\n").repeat(30) + "\n";
    InputStream in = new ByteArrayInputStream(event.getBytes(UTF_8));
    try (Lines lines = new Lines(in, MOST, new Intake(budget), () -> {})) {
      assertThat(lines.event().orElseThrow().data()).hasSize(3_000_000);
      assertThat(budget.held()).isGreaterThan(3_000_000);
    }
    assertThat(budget.held()).isZero();
  }

  /** Checks it with more slow servers than a process could read at a time, whatever its heap. */
  @Test
  void aServerThatIsSlowHoldsUpNoOtherMount() throws Exception {
    List<Thread> readers = new ArrayList<>();
    List<PipedOutputStream> slow = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      PipedOutputStream out = new PipedOutputStream();
      slow.add(out);
      InputStream begun = new ByteArrayInputStream("x".repeat(100_000).getBytes(UTF_8));
      InputStream in = new SequenceInputStream(begun, new PipedInputStream(out));
      readers.add(Thread.startVirtualThread(() -> read(in, new Intake(budget))));
    }
    for (Thread reader : readers) {
      // It waits for the pipe, behind the first bytes of a large line.
      Conditions.await("it reads", () -> reader.getState() == Thread.State.TIMED_WAITING);
    }

    byte[] whole = ("y".repeat(1_000_000) + "\n").getBytes(UTF_8);
    assertThat(read(new ByteArrayInputStream(whole), new Intake(budget))).isEqualTo(1_000_000);

    for (PipedOutputStream out : slow) {
      out.close();
    }
    for (Thread reader : readers) {
      reader.join();
    }
    assertThat(budget.held()).isZero();
  }

  @Test
  void aMountReadsOneLargeMessageAtATime() throws Exception {
    Intake intake = new Intake(budget);
    intake.enter();
    CompletableFuture<Integer> length = new CompletableFuture<>();
    byte[] large = ("y".repeat(100_000) + "\n").getBytes(UTF_8);
    Thread reader =
        Thread.startVirtualThread(
            () -> length.complete(read(new ByteArrayInputStream(large), intake)));
    byte[] small = ("y".repeat(10_000) + "\n").getBytes(UTF_8);
    assertThat(read(new ByteArrayInputStream(small), intake)).isEqualTo(10_000);
    Conditions.await("it waits", () -> reader.getState() == Thread.State.WAITING);

    intake.leave();

    assertThat(length.join()).isEqualTo(100_000);
  }

  /** Returns the length of the first line, or -1 if there is none. */
  private static int read(InputStream in, Intake intake) {
    try (Lines lines = new Lines(in, MOST, intake, () -> {})) {
      return lines.next().map(line -> line.length).orElse(-1);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
