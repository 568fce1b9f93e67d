package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** JSON on the wire: strict and bounded when read. */
public final class Json {
  /** Deep enough for any tool's arguments, and far from what could exhaust a thread's stack. */
  static final int MAX_DEPTH = 64;

  /** Digits of a number: more than a double or a 64-bit integer needs. */
  public static final int MAX_NUMBER_LENGTH = 64;

  /** Bounds the time that reading takes; a {@link Budget} bounds the memory. */
  static final int MAX_TOKENS = 200_000;

  /**
   * Texts that are longer are parsed one at a time: the parser's buffers take six times as much.
   */
  private static final int LARGE_TEXT = 64 * 1024;

  /** An answer that is sent: its bytes, the event they are in, and the socket's buffer. */
  private static final int COPIES = 3;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .maxTokenCount(MAX_TOKENS)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * For what a client sends: names are not kept, of which a table for all parsers would hold 6,000,
   * as long as any; one level and any number of tokens more than {@link TreeReader} takes.
   */
  private static final JsonFactory UNTRUSTED =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH + 1)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .build())
          .build();

  private static final ReentrantLock LARGE = new ReentrantLock(true);

  private static final JsonMapper CANONICAL =
      MAPPER.rebuild().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private Json() {}

  /**
   * What a client sent, of whose _meta only what this server reads; the tree is paid for by the
   * hold. Throws RpcException: what is wrong, and where. Throws RefusedException: there is no room.
   */
  public static JsonNode parse(byte[] bytes, Budget.Hold hold)
      throws RpcException, RefusedException {
    if (bytes.length <= LARGE_TEXT) {
      return read(bytes, hold);
    }
    LARGE.lock();
    try {
      return read(bytes, hold);
    } finally {
      LARGE.unlock();
    }
  }

  private static JsonNode read(byte[] bytes, Budget.Hold hold)
      throws RpcException, RefusedException {
    checkUtf8(bytes);
    try (JsonParser parser = UNTRUSTED.createParser(ObjectReadContext.empty(), bytes)) {
      return new TreeReader(parser, hold).read();
    } catch (JacksonException e) {
      throw RpcException.parseError(problem(e));
    }
  }

  /** What this server wrote. Throws RpcException: a parse error, with what is wrong and where. */
  public static JsonNode parse(byte[] bytes) throws RpcException {
    checkUtf8(bytes);
    try {
      return MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw RpcException.parseError(problem(e));
    }
  }

  /**
   * It must be UTF-8 throughout. The parser would take overlong forms and halves of surrogate pairs
   * too, and bytes with zeros as UTF-16 or UTF-32: whatever looks into requests on their way reads
   * UTF-8, as JSON must be, and would have seen another text.
   */
  private static void checkUtf8(byte[] bytes) throws RpcException {
    boolean wide = IntStream.range(0, Math.min(4, bytes.length)).anyMatch(i -> bytes[i] == 0);
    if (wide || !ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), StandardCharsets.UTF_8)) {
      throw RpcException.parseError("The body is not UTF-8");
    }
  }

  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
  }

  /**
   * An answer's bytes, paid for by the hold: what is small was so at the beginning. Throws
   * RefusedException: there is no room.
   */
  static byte[] bytes(JsonNode node, Budget.Hold hold)
      throws RefusedException, InterruptedException {
    long tree = Budget.size(node);
    if (tree > Budget.SMALL_ANSWER) {
      hold.await(COPIES * length(node));
    }
    return bytes(node);
  }

  static byte[] array(List<byte[]> elements) {
    int length = elements.stream().mapToInt(e -> e.length + 1).sum() + 1;
    ByteBuffer array = ByteBuffer.allocate(length).put((byte) '[');
    for (byte[] element : elements) {
      array.put(element).put((byte) ',');
    }
    return array.put(length - 1, (byte) ']').array();
  }

  private static long length(JsonNode node) {
    AtomicLong length = new AtomicLong();
    MAPPER.writeValue(
        new OutputStream() {
          @Override
          public void write(int b) {
            length.incrementAndGet();
          }

          @Override
          public void write(byte[] bytes, int offset, int count) {
            length.addAndGet(count);
          }
        },
        node);
    return length.get();
  }

  /** The same bytes for the same content, whatever the order of its properties. */
  static void canonical(JsonNode node, MessageDigest digest) {
    CANONICAL.writeValue(new DigestOutputStream(OutputStream.nullOutputStream(), digest), node);
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** A property that must be there, and a string. */
  static String string(ObjectNode params, String name) throws RpcException {
    JsonNode value = params.get(name);
    if (value == null || !value.isString()) {
      throw RpcException.invalidParams(name + " must be a string");
    }
    return value.asString();
  }

  /** A property that must be an object where it is there; empty where it is not. */
  static ObjectNode object(ObjectNode params, String name) throws RpcException {
    JsonNode value = params.get(name);
    if (value == null) {
      return object();
    }
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw RpcException.invalidParams(name + " must be an object");
  }

  /** As {@link #object(ObjectNode, String)}, with strings only. */
  static ObjectNode strings(ObjectNode params, String name) throws RpcException {
    ObjectNode values = object(params, name);
    for (var entry : values.properties()) {
      if (!entry.getValue().isString()) {
        throw RpcException.invalidParams(name + ": every value must be a string");
      }
    }
    return values;
  }

  /** The parser's own words may quote the body or name classes: only the place is taken from it. */
  public static String problem(JacksonException e) {
    var where = e.getLocation();
    return where == null || where.getLineNr() < 1
        ? "The body is not valid JSON"
        : "The body is not valid JSON: line %d, column %d"
            .formatted(where.getLineNr(), where.getColumnNr());
  }
}
