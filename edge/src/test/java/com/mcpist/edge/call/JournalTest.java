package com.mcpist.edge.call;

import static org.assertj.core.api.Assertions.assertThat;

import com.mcpist.edge.call.Journal.Entry;
import com.mcpist.edge.call.Journal.Line;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
  @TempDir private Path folder;

  private static Line line(int number, int bytes) {
    byte[] body = new byte[bytes];
    new Random(number).nextBytes(body);
    List<String> headers = List.of("2026-07-28", "", "sāve", "");
    return new Line("user " + number, "id-" + number, headers, Buffer.buffer(body));
  }

  @Test
  void whatIsNotClearedIsThere() throws IOException {
    Journal journal = Journal.create(folder);
    Random random = new Random(7);
    List<Line> lines = new ArrayList<>();
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      int most = i % 3 == 0 ? Journal.MOST_COPIED_BYTES + 1_000 : 700;
      lines.add(line(i, random.nextInt(most)));
      entries.add(Objects.requireNonNull(journal.add(lines.getLast())));
      if (random.nextInt(10) > 0) {
        int gone = random.nextInt(lines.size());
        lines.remove(gone);
        entries.remove(gone).clear();
      }
    }
    assertThat(entries).hasSizeGreaterThan(100);
    List<Line> read = new ArrayList<>();
    for (Entry each : journal.entries()) {
      read.add(each.read());
    }
    assertThat(read).containsExactlyInAnyOrderElementsOf(lines);
    entries.forEach(Entry::clear);
    assertThat(journal.isEmpty()).isTrue();
    assertThat(journal.entries()).isEmpty();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).as("bodies beside it").hasSize(1);
    }
  }

  @Test
  void whatHasNoRoomIsNotWritten() throws IOException {
    Journal journal = Journal.create(folder);
    List<Entry> entries = new ArrayList<>();
    for (Entry next = add(journal); next != null; next = add(journal)) {
      entries.add(next);
    }
    assertThat(entries).hasSizeBetween(480, 500);
    entries.get(100).clear();
    assertThat(add(journal)).isNotNull();
  }

  private static @Nullable Entry add(Journal journal) {
    return journal.add(line(1, Journal.MOST_COPIED_BYTES));
  }

  @Test
  void aClientCannotWriteAnEntryIntoItsBody() throws IOException {
    Journal journal = Journal.create(folder);
    assertThat(journal.add(line(1, 2_000))).isNotNull();
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    byte[] asked = Files.readAllBytes(file);
    Line forged = new Line("u", "i", List.of(), Buffer.buffer(forged(asked)));
    Objects.requireNonNull(journal.add(forged)).clear();
    assertThat(journal.entries()).hasSize(1);
  }

  /** Returns as much of an entry as a client can guess: all but the mark. */
  private static byte[] forged(byte[] journal) {
    byte[] body = new byte[4_096];
    for (int i = 0; i < body.length; i++) {
      body[i] = i % 512 < 8 ? (byte) i : journal[512 + i % 512];
    }
    return body;
  }
}
