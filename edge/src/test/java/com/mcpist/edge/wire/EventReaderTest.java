package com.mcpist.edge.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mcpist.edge.wire.EventReader.Event;
import com.mcpist.edge.wire.EventReader.TooLongException;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class EventReaderTest {
  private static final int LARGE = 1 << 20;

  private static List<Event> read(String... pieces) throws TooLongException {
    EventReader reader = new EventReader(LARGE);
    List<Event> events = new ArrayList<>();
    for (String piece : pieces) {
      events.addAll(reader.read(Buffer.buffer(piece)));
    }
    return events;
  }

  @Test
  void linesOfDataAreJoined() throws TooLongException {
    List<Event> events = read("event: message\ndata: a\ndata:b\ndata\nid: 4\nretry: 10\n\n");
    assertThat(events).singleElement().extracting(Event::data).isEqualTo("a\nb\n");
    assertThat(events.getFirst().id()).isEqualTo("4");
  }

  @Test
  void aLongEventIsHeldUntilItIsWhole() throws TooLongException {
    EventReader reader = new EventReader(LARGE);
    reader.read(Buffer.buffer("data: " + "x".repeat(100_000)));
    assertThat(reader.held()).isBetween(100_000, 300_000);
    reader.read(Buffer.buffer("\n"));
    assertThat(reader.held()).as("its data, too").isGreaterThan(200_000);
    assertThat(reader.read(Buffer.buffer("\n"))).hasSize(1);
    assertThat(reader.held()).isZero();
  }

  @Test
  void aCommentPassesAtOnce() throws TooLongException {
    assertThat(read(": still here\n")).singleElement().extracting(Event::data).isNull();
  }

  @Test
  void aCommentInAnEventIsPartOfIt() throws TooLongException {
    List<Event> events = read("data: a\n: between\ndata: b\n\n");
    assertThat(events).singleElement().extracting(Event::data).isEqualTo("a\nb");
  }

  @Test
  void whatIsNotWholeStaysBehind() throws TooLongException {
    assertThat(read("data: a\n")).isEmpty();
    assertThat(read("data: a\n\ndata: b")).hasSize(1);
  }

  @Test
  void anEventDoesNotWaitForTheLastLineFeed() throws TooLongException {
    assertThat(read("data: a\r\n\r")).singleElement().extracting(Event::data).isEqualTo("a");
    assertThat(read("data: a\r\n\r", "\ndata: b\r\n\r\n")).hasSize(2);
  }

  @Test
  void aByteOrderMarkIsLeftOut() throws TooLongException {
    List<Event> events = read("\uFEFFdata: a\n\n");
    assertThat(events).singleElement().extracting(Event::data).isEqualTo("a");
    assertThat(events.getFirst().bytes().toString()).isEqualTo("data: a\n\n");
  }

  @Test
  void anEventHasALength() {
    EventReader reader = new EventReader(10);
    assertThatThrownBy(() -> reader.read(Buffer.buffer("data: 0123456789\n\n")))
        .isInstanceOf(TooLongException.class);
  }

  /**
   * Returns streams of what matters to a reader: line ends of every kind, fields, comments, text.
   */
  @Provide
  Arbitrary<String> streams() {
    return Arbitraries.of("\r", "\n", "\r\n", "data:", "data: x", "id: 1", ":c", ":", "é")
        .list()
        .ofMaxSize(40)
        .map(parts -> String.join("", parts))
        .flatMap(text -> Arbitraries.of("", "\uFEFF").map(mark -> mark + text));
  }

  @Property
  void wherePiecesAreCutMakesNoDifference(
      @ForAll("streams") String stream, @ForAll @Size(max = 8) List<Integer> cuts)
      throws TooLongException {
    Buffer bytes = Buffer.buffer(stream);
    EventReader reader = new EventReader(LARGE);
    List<Event> pieced = new ArrayList<>();
    int from = 0;
    for (int to :
        cuts.stream().mapToInt(cut -> Math.floorMod(cut, bytes.length() + 1)).sorted().toArray()) {
      pieced.addAll(reader.read(bytes.slice(from, to)));
      from = to;
    }
    pieced.addAll(reader.read(bytes.slice(from, bytes.length())));
    assertThat(pieced).isEqualTo(new EventReader(LARGE).read(bytes));
  }

  @Property
  void whatPassesIsWholeEventsOnly(@ForAll("streams") String stream) throws TooLongException {
    Buffer passed = Buffer.buffer();
    List<Event> events = new EventReader(LARGE).read(Buffer.buffer(stream));
    events.forEach(event -> passed.appendBuffer(event.bytes()));
    EventReader again = new EventReader(LARGE);
    List<Event> reread = again.read(passed);
    assertThat(reread.stream().map(Event::data))
        .isEqualTo(events.stream().map(Event::data).toList());
    // The reader keeps nothing of these bytes, so the next event is not affected by them.
    List<Event> next = again.read(Buffer.buffer("data: next\n\n"));
    assertThat(next).singleElement().extracting(Event::data).isEqualTo("next");
  }
}
