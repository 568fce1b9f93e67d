package com.mcpist.origin.memory;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** A user's memories for those who administer: whole, out and in. Each names the user itself. */
public final class MemoryTransfer {
  /** Of the texts of a page, about. */
  private static final int PAGE = 256 * 1024;

  private MemoryTransfer() {}

  /** A memory that comes from elsewhere; without an id, or times, it gets its own. */
  public record Item(
      @Nullable UUID id,
      String title,
      String text,
      List<String> tags,
      @Nullable Instant createdAt,
      @Nullable Instant updatedAt) {}

  /** The newest first, those after the one of this id; none is the end. */
  public static List<ObjectNode> page(Handle handle, String user, @Nullable UUID after) {
    name(handle, user);
    return new MemoryStore(handle, user).page(after, PAGE).stream().map(Memory::whole).toList();
  }

  /** Adds those that are not there yet, and tells how many these are. */
  public static int add(Handle handle, String user, List<Item> items) {
    name(handle, user);
    MemoryStore store = new MemoryStore(handle, user);
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    int added = 0;
    for (Item item : items) {
      UUID own = item.id();
      UUID id = own == null ? derived(user, item) : own;
      if (store.get(id).isEmpty()) {
        Instant created = Objects.requireNonNullElse(item.createdAt(), now);
        Instant updated = Objects.requireNonNullElse(item.updatedAt(), created);
        store.insert(
            new Memory(id, item.title(), item.text(), item.tags(), created, updated), null);
        added++;
      }
    }
    return added;
  }

  private static void name(Handle handle, String user) {
    var _ =
        handle
            .createQuery("select set_config('mcpist.user_id', :user, true)")
            .bind("user", user)
            .mapTo(String.class)
            .one();
  }

  /**
   * The same for the same memory each time: a UUIDv8, whose first 48 bits are zero, so that in
   * lists it comes after what was saved here.
   */
  private static UUID derived(String user, Item item) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (String part : List.of(user, item.title(), item.text(), String.join("\n", item.tags()))) {
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
        sha256.update(bytes);
      }
      ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
      return new UUID(
          0x8000L | (digest.getLong() & 0xfff), Long.MIN_VALUE | (digest.getLong() >>> 2));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("The JDK has no SHA-256", e);
    }
  }
}
