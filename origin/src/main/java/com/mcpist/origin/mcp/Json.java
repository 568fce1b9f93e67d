package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamConstraintsException;
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

  /** Larger texts are parsed one at a time: the parser's buffers take six times as much. */
  private static final int LARGE_TEXT = 64 * 1024;

  private static final ReentrantLock LARGE = new ReentrantLock(true);

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  // Its table would keep 6,000 names that clients sent, of any length.
                  .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxNumberLength(MAX_NUMBER_LENGTH)
                          .maxTokenCount(MAX_TOKENS)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .build();

  private static final JsonMapper CANONICAL =
      MAPPER.rebuild().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED).build();

  private Json() {}

  /** Throws RpcException: what is wrong, and where. */
  public static JsonNode parse(byte[] bytes) throws RpcException {
    return parse(bytes, UnaryOperator.identity());
  }

  /**
   * What a client sent, without what is not read of its _meta. The hold has paid for the text, and
   * pays for the tree instead. Throws RefusedException: there is no room.
   */
  static JsonNode parse(byte[] bytes, Budget.Hold hold) throws RpcException, RefusedException {
    boolean large = bytes.length > LARGE_TEXT;
    if (large && !queued()) {
      throw Budget.overloaded();
    }
    try {
      return parse(bytes, parser -> new PaidParser(parser, hold));
    } catch (PaidParser.UnpaidException e) {
      throw (RefusedException) e.getCause();
    } finally {
      if (large) {
        LARGE.unlock();
      }
      hold.give(bytes.length);
    }
  }

  /** Waits its turn; false: it would take so long that an edge misses a byte. */
  private static boolean queued() {
    try {
      return LARGE.tryLock(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static JsonNode parse(byte[] bytes, UnaryOperator<JsonParser> through)
      throws RpcException {
    if (!isUtf8(bytes)) {
      throw RpcException.parseError("The body is not UTF-8");
    }
    try (JsonParser parser = through.apply(MAPPER.createParser(bytes))) {
      JsonNode json = MAPPER.readTree(parser);
      if (json == null || json.isMissingNode()) {
        throw RpcException.parseError("The body is empty");
      }
      if (parser.nextToken() != null) {
        throw RpcException.parseError("The body has more than one JSON value");
      }
      return json;
    } catch (StreamConstraintsException e) {
      throw RpcException.invalidRequest(
          "The body has more than %d values, names and brackets, %d levels, or digits of a number"
              .formatted(MAX_TOKENS, MAX_DEPTH));
    } catch (JacksonException e) {
      throw RpcException.parseError(problem(e));
    }
  }

  /**
   * Whether it is UTF-8 throughout. The parser would take overlong forms and halves of surrogate
   * pairs too, and bytes with zeros as UTF-16 or UTF-32: whatever looks into requests on their way
   * reads UTF-8, as JSON must be, and would have seen another text.
   */
  private static boolean isUtf8(byte[] bytes) {
    boolean wide = IntStream.range(0, Math.min(4, bytes.length)).anyMatch(i -> bytes[i] == 0);
    ByteBuffer left = ByteBuffer.wrap(bytes);
    CharBuffer some = CharBuffer.allocate(Math.min(bytes.length, 8192));
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result = wide ? CoderResult.malformedForLength(1) : CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      result = decoder.decode(left, some.clear(), true);
    }
    return result.isUnderflow();
  }

  public static byte[] bytes(JsonNode node) {
    return MAPPER.writeValueAsBytes(node);
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
