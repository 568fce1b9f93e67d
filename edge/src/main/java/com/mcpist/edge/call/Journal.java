package com.mcpist.edge.call;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The part of an edge that survives its process: the calls in flight. A journal is a file in a
 * memory mapping, so that a call costs a copy and no system call. What was written is there after a
 * kill. The journal's process holds a lock on it, by which another process knows whether the first
 * one lives. Safe for all threads.
 */
final class Journal {
  /**
   * The largest number of bytes of a body that is copied into the journal. A larger body has a file
   * of its own beside the journal.
   */
  static final int MOST_COPIED_BYTES = 16 * 1024;

  private static final int BYTES = 8 * 1024 * 1024;
  private static final int BLOCK_BYTES = 512;
  private static final int PIECE_BYTES = 64 * 1024;
  private static final int ALIVE_AT = Long.BYTES;
  private static final int LENGTHS_AT = Long.BYTES;
  private static final int TEXT_AT = LENGTHS_AT + 2 * Integer.BYTES;
  private static final int APART = -1;
  private static final String SUFFIX = ".journal";
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final VarHandle LONG =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private final Path file;
  private final FileChannel channel;
  private final MappedByteBuffer map;
  private final BitSet used = new BitSet();

  /**
   * The mark of a block that begins an entry. The mark is random, so that no client can write it
   * into a body.
   */
  private final long mark;

  /** A call: what its request needs, except the authorization, which is not kept. */
  record Line(String user, String callId, List<String> headers, Buffer body) {}

  private Journal(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.map = channel.map(MapMode.READ_WRITE, 0, BYTES);
    map.order(ByteOrder.nativeOrder());
    this.mark = map.getLong(0);
    used.set(0);
  }

  /**
   * Creates an empty journal. The file has all its bytes from the start, since a full disk must not
   * end a call.
   */
  static Journal create(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "edge-", ".new");
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      channel.lock();
      long mark = new SecureRandom().nextLong() | 1;
      ByteBuffer first = ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.nativeOrder());
      channel.write(first.putLong(0, mark));
      for (int i = 1; i < BYTES / PIECE_BYTES; i++) {
        channel.write(ByteBuffer.allocate(PIECE_BYTES));
      }
      // Another edge looks only at files with this name, and the file is locked by now.
      String name = String.valueOf(file.getFileName()).replace(".new", SUFFIX);
      Path named = Files.move(file, file.resolveSibling(name), StandardCopyOption.ATOMIC_MOVE);
      Journal journal = new Journal(named, channel);
      journal.beat();
      return journal;
    } catch (IOException e) {
      channel.close();
      Files.deleteIfExists(file);
      throw e;
    }
  }

  /** Returns the journals of processes that have ended. They are this process's from now on. */
  static List<Journal> ofTheDead(Path folder, List<Journal> own) throws IOException {
    List<Journal> dead = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path each : files.filter(f -> f.toString().endsWith(SUFFIX)).toList()) {
        if (own.stream().noneMatch(journal -> journal.file.equals(each))) {
          Journal found = take(each);
          if (found != null) {
            dead.add(found);
          }
        }
      }
    }
    return dead;
  }

  private static @Nullable Journal take(Path file) throws IOException {
    FileChannel channel;
    try {
      channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (NoSuchFileException _) {
      // Another edge had the file, and is done with it.
      return null;
    }
    try {
      if (channel.tryLock() != null && channel.size() == BYTES) {
        return new Journal(file, channel);
      }
    } catch (OverlappingFileLockException _) {
      // An edge in this very process has the file.
    }
    channel.close();
    return null;
  }

  /** Notes that the journal's process lives. */
  void beat() {
    map.putLong(ALIVE_AT, System.currentTimeMillis());
  }

  long aliveAt() {
    return map.getLong(ALIVE_AT);
  }

  /** Writes a call down. Returns null if there is no room for the call. */
  @Nullable Entry add(Line line) {
    List<String> texts = new ArrayList<>(List.of(line.user(), line.callId()));
    texts.addAll(line.headers());
    byte[] text = String.join("\n", texts).getBytes(StandardCharsets.UTF_8);
    byte[] body = line.body().getBytes();
    boolean apart = body.length > MOST_COPIED_BYTES;
    Entry entry = take(blocks(text.length + (apart ? 0 : body.length)));
    if (entry == null) {
      return null;
    }
    if (apart) {
      try {
        Files.write(Files.createFile(entry.apart(), OWNER_ONLY), body);
      } catch (IOException e) {
        entry.clear();
        return null;
      }
    }
    int at = entry.at();
    map.putInt(at + LENGTHS_AT, text.length);
    map.putInt(at + LENGTHS_AT + Integer.BYTES, apart ? APART : body.length);
    map.put(at + TEXT_AT, text);
    if (!apart) {
      map.put(at + TEXT_AT + text.length, body);
    }
    // The mark is written last, so that an entry with the mark is whole.
    entry.show();
    return entry;
  }

  private static int blocks(int bytes) {
    return (TEXT_AT + bytes + BLOCK_BYTES - 1) / BLOCK_BYTES;
  }

  private synchronized @Nullable Entry take(int blocks) {
    int first = used.nextClearBit(0);
    for (int next = used.nextSetBit(first);
        next >= 0 && next - first < blocks;
        next = used.nextSetBit(first)) {
      first = used.nextClearBit(next);
    }
    if ((first + blocks) * BLOCK_BYTES > BYTES) {
      return null;
    }
    used.set(first, first + blocks);
    return new Entry(first, blocks);
  }

  /** Returns all entries that are not cleared. Nobody may add to the journal. */
  synchronized List<Entry> entries() {
    List<Entry> found = new ArrayList<>();
    for (int block = 1; block < BYTES / BLOCK_BYTES; block++) {
      int at = block * BLOCK_BYTES;
      if (map.getLong(at) == mark) {
        int body = map.getInt(at + LENGTHS_AT + Integer.BYTES);
        Entry entry = new Entry(block, blocks(map.getInt(at + LENGTHS_AT) + Math.max(0, body)));
        used.set(block, block + entry.blocks);
        found.add(entry);
        block += entry.blocks - 1;
      }
    }
    return found;
  }

  synchronized boolean isEmpty() {
    return used.cardinality() == 1;
  }

  /**
   * Unlocks the file and leaves it where it is, so that another edge can adopt it. An entry can
   * still be cleared.
   */
  void release() throws IOException {
    channel.close();
  }

  /** Deletes the journal and the bodies beside it. */
  void delete() throws IOException {
    String name = String.valueOf(file.getFileName());
    try (Stream<Path> files = Files.list(file.resolveSibling(""))) {
      for (Path each : files.toList()) {
        if (String.valueOf(each.getFileName()).startsWith(name)) {
          Files.deleteIfExists(each);
        }
      }
    }
    channel.close();
  }

  /** The place where a call is written. */
  final class Entry {
    private final int block;
    private final int blocks;

    private Entry(int block, int blocks) {
      this.block = block;
      this.blocks = blocks;
    }

    private int at() {
      return block * BLOCK_BYTES;
    }

    private Path apart() {
      return file.resolveSibling(file.getFileName() + "-" + block);
    }

    Journal journal() {
      return Journal.this;
    }

    String user() {
      return texts().getFirst();
    }

    private List<String> texts() {
      byte[] text = new byte[map.getInt(at() + LENGTHS_AT)];
      map.get(at() + TEXT_AT, text);
      return List.of(new String(text, StandardCharsets.UTF_8).split("\n", -1));
    }

    Line read() throws IOException {
      int length = map.getInt(at() + LENGTHS_AT + Integer.BYTES);
      byte[] body = length == APART ? Files.readAllBytes(apart()) : new byte[length];
      if (length != APART) {
        map.get(at() + TEXT_AT + map.getInt(at() + LENGTHS_AT), body);
      }
      List<String> texts = texts();
      return new Line(
          texts.get(0), texts.get(1), texts.subList(2, texts.size()), Buffer.buffer(body));
    }

    void show() {
      LONG.setRelease(map, at(), mark);
    }

    /** Hides the entry, so that nobody finds it until it is shown. */
    void hide() {
      LONG.setRelease(map, at(), 0L);
    }

    /** Removes the entry, because its call is over, or because an origin knows of the call. */
    void clear() {
      boolean apart = map.getInt(at() + LENGTHS_AT + Integer.BYTES) == APART;
      hide();
      if (apart) {
        apart().toFile().delete();
      }
      synchronized (Journal.this) {
        used.clear(block, block + blocks);
      }
    }
  }
}
