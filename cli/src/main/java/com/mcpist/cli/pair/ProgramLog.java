package com.mcpist.cli.pair;

import module java.base;

/** The end of a program's log file, which grows and is now and then begun anew. */
final class ProgramLog {
  private static final int MOST_BYTES = 4 * 1024 * 1024;

  private final Path file;
  private final String program;
  private final List<LogEvent> events = new ArrayList<>();
  private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
  private long position;
  private Instant last;

  /** Its last events, in about so many bytes, and what comes. */
  ProgramLog(Path file, String program, long bytes) throws IOException {
    this.file = file;
    this.program = program;
    this.last = Files.getLastModifiedTime(file).toInstant();
    this.position = Math.max(0, Files.size(file) - Math.min(bytes, MOST_BYTES));
    boolean cut = position > 0;
    read();
    if (cut && !events.isEmpty()) {
      events.removeFirst(); // Its beginning may be missing.
    }
  }

  /** The events that have begun before this was asked the last time: all their lines are there. */
  List<LogEvent> next() throws IOException {
    int whole = events.size();
    read();
    List<LogEvent> begun = events.subList(0, whole);
    List<LogEvent> taken = List.copyOf(begun);
    begun.clear();
    return taken;
  }

  private void read() throws IOException {
    if (!Files.exists(file)) {
      return; // Just being renamed.
    }
    if (Files.size(file) < position) {
      position = 0;
    }
    for (byte b : bytes()) {
      if (b == '\n') {
        add(unfinished.toString(StandardCharsets.UTF_8));
        unfinished.reset();
      } else {
        unfinished.write(b);
      }
    }
  }

  private byte[] bytes() throws IOException {
    try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
      in.seek(position);
      byte[] bytes = new byte[(int) Math.min(MOST_BYTES, Math.max(0, in.length() - position))];
      in.readFully(bytes);
      position += bytes.length;
      return bytes;
    }
  }

  private void add(String line) {
    Optional<String> more = LogEvent.continued(line);
    if (more.isPresent() && !events.isEmpty()) {
      events.add(events.removeLast().with(more.get()));
    } else {
      LogEvent begun = LogEvent.begun(line, program, last);
      last = begun.at();
      events.add(begun);
    }
  }
}
