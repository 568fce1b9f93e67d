package com.mcpist.edge.wire;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/**
 * The content of a body, or of an event's data. It is read token by token: there is no tree of a
 * body that may be megabytes long, and no list of the names in it. A name that is read here and
 * occurs twice makes the body unreadable, since an origin might see the other value. The result
 * depends on the arguments alone.
 *
 * @param readable true if it is JSON-RPC at all; if it is not, there are no messages
 * @param batch true if it is an array
 * @param messages its messages, in order
 */
public record Payload(boolean readable, boolean batch, List<Message> messages) {
  /** The payload of a body that is no JSON-RPC, or that is not to be read. */
  public static final Payload UNREADABLE = new Payload(false, false, List.of());

  /**
   * The largest number of messages in one batch. Each message is answered by an error many times
   * its length if no origin answers.
   */
  private static final int MOST_MESSAGES = 1_000;

  private static final String KEY = "com.mcpist/idempotency-key";

  /** The length of the longest trace header. Those of W3C are not longer. */
  private static final int LONGEST_TRACE = 512;

  private static final JsonFactory JSON =
      JsonFactory.builder().disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES).build();

  /**
   * One JSON-RPC message, as far as an edge needs it.
   *
   * @param id the message's id as JSON text, a string or a number; null if it has none
   * @param method the message's method; null in a response
   * @param name {@code params.name}: the tool of a tools/call
   * @param arguments {@link JsonHash} of {@code params.arguments}
   * @param key {@code params._meta["com.mcpist/idempotency-key"]}
   * @param traceParent {@code params._meta.traceparent}: of the client's trace, if it has one
   * @param traceState {@code params._meta.tracestate}
   * @param progressToken {@code params.progressToken} as JSON text, of a progress notification
   * @param progress {@code params.progress}, of a progress notification
   */
  public record Message(
      @Nullable String id,
      @Nullable String method,
      @Nullable String name,
      long arguments,
      @Nullable String key,
      @Nullable String traceParent,
      @Nullable String traceState,
      @Nullable String progressToken,
      double progress) {
    /** The message that stands for one that cannot be read. */
    static final Message UNREADABLE =
        new Message(null, null, null, JsonHash.EMPTY_OBJECT, null, null, null, null, 0);

    private static final Set<String> READING =
        Set.of(
            """
            initialize ping server/discover tools/list prompts/list prompts/get resources/list
            resources/templates/list resources/read completion/complete subscriptions/listen
            tasks/get tasks/list tasks/result notifications/initialized notifications/cancelled
            """
                .split("\\s+"));

    public boolean isRequest() {
      return id != null && method != null;
    }

    public boolean isToolCall() {
      return "tools/call".equals(method);
    }

    /** Returns true if the message changes nothing wherever it runs, whatever tools there are. */
    public boolean reads() {
      return method != null && READING.contains(method);
    }

    public boolean isResponse() {
      return id != null && method == null;
    }

    public boolean isProgress() {
      return "notifications/progress".equals(method) && progressToken != null;
    }
  }

  public List<Message> requests() {
    return messages.stream().filter(Message::isRequest).toList();
  }

  public boolean has(String method) {
    return messages.stream().anyMatch(message -> method.equals(message.method()));
  }

  /**
   * A call of a tool, as the ledger recognizes it when its client sends it again.
   *
   * @param tool the tool's name
   * @param arguments a hash of the call's arguments, which other arguments may share
   */
  public record ToolCall(String tool, long arguments) {}

  /**
   * Reads a request's or a response's body. A body that is not JSON-RPC is unreadable, never an
   * error.
   */
  public static Payload read(byte[] body) {
    return isUtf8(body) ? read(text(body)) : Payload.UNREADABLE;
  }

  /** Returns the messages of a readable body, each as it is written there but on one line. */
  public static List<String> split(byte[] body) {
    String text = text(body);
    List<String> messages = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == JsonToken.START_ARRAY) {
        parser.nextToken();
      }
      while (parser.currentToken() == JsonToken.START_OBJECT) {
        int begin = Math.toIntExact(parser.currentTokenLocation().getCharOffset());
        parser.skipChildren();
        int end = Math.toIntExact(parser.currentLocation().getCharOffset());
        messages.add(text.substring(begin, end).replace('\n', ' ').replace('\r', ' '));
        parser.nextToken();
      }
    }
    return messages;
  }

  private static String text(byte[] body) {
    String text = new String(body, StandardCharsets.UTF_8);
    return text.startsWith("\uFEFF") ? text.substring(1) : text; // A byte order mark is left out.
  }

  /**
   * Returns true if the body is UTF-8 throughout, as an origin wants it. The parser would also take
   * overlong forms and halves of surrogate pairs, and bytes with zeros as UTF-16 or UTF-32.
   */
  private static boolean isUtf8(byte[] body) {
    boolean wide = IntStream.range(0, Math.min(4, body.length)).anyMatch(i -> body[i] == 0);
    return !wide && ByteBufUtil.isText(Unpooled.wrappedBuffer(body), StandardCharsets.UTF_8);
  }

  /** Reads text as {@link #read(byte[])} does. */
  public static Payload read(String text) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      return read(parser);
    } catch (JacksonException notJson) {
      return Payload.UNREADABLE;
    }
  }

  private static Payload read(JsonParser parser) {
    JsonToken first = parser.nextToken();
    List<Message> messages = new ArrayList<>();
    if (first == JsonToken.START_OBJECT) {
      messages.add(new MessageReader(parser).message());
    } else if (first == JsonToken.START_ARRAY) {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        if (messages.size() == MOST_MESSAGES) {
          return Payload.UNREADABLE;
        }
        messages.add(new MessageReader(parser).message());
      }
    }
    boolean closed =
        first == JsonToken.START_OBJECT || parser.currentToken() == JsonToken.END_ARRAY;
    return closed && parser.nextToken() == null && !messages.isEmpty()
        ? new Payload(true, first == JsonToken.START_ARRAY, messages)
        : Payload.UNREADABLE;
  }

  private static final class MessageReader {
    private final JsonParser parser;
    private final Set<String> read = new HashSet<>();
    private @Nullable String id;
    private @Nullable String method;
    private @Nullable String name;
    private long arguments = JsonHash.EMPTY_OBJECT;
    private @Nullable String key;
    private @Nullable String traceParent;
    private @Nullable String traceState;
    private @Nullable String progressToken;
    private double progress;

    MessageReader(JsonParser parser) {
      this.parser = parser;
    }

    Message message() {
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "id" -> id = scalar(once(field, value));
          case "method" -> method = string(once(field, value));
          case "params" -> params(once(field, value));
          default -> parser.skipChildren();
        }
      }
      return new Message(
          id, method, name, arguments, key, traceParent, traceState, progressToken, progress);
    }

    private void params(JsonToken start) {
      if (start != JsonToken.START_OBJECT) {
        parser.skipChildren();
        return;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case "name" -> name = string(once(field, value));
          case "arguments" -> {
            once(field, value);
            arguments = JsonHash.of(parser);
          }
          case "_meta" -> meta(once(field, value));
          case "progressToken" -> progressToken = scalar(once(field, value));
          case "progress" -> progress = number(once(field, value));
          default -> parser.skipChildren();
        }
      }
    }

    private void meta(JsonToken start) {
      if (start != JsonToken.START_OBJECT) {
        parser.skipChildren();
        return;
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (field) {
          case KEY -> key = string(once(field, value));
          case "traceparent" -> traceParent = trace(value);
          case "tracestate" -> traceState = trace(value);
          default -> parser.skipChildren();
        }
      }
    }

    private JsonToken once(String field, JsonToken value) {
      if (!read.add(field)) {
        throw new StreamReadException(parser, field + " occurs twice");
      }
      return value;
    }

    private @Nullable String string(JsonToken value) {
      parser.skipChildren();
      return value == JsonToken.VALUE_STRING ? parser.getString() : null;
    }

    /**
     * Returns a trace header. Nothing depends on it, so a header that is too long counts as none,
     * and of two the last one counts.
     */
    private @Nullable String trace(JsonToken value) {
      @Nullable String text = string(value);
      return text == null || text.length() > LONGEST_TRACE ? null : text;
    }

    private @Nullable String scalar(JsonToken value) {
      if (value == JsonToken.VALUE_STRING) {
        char[] quoted = JsonStringEncoder.getInstance().quoteAsCharArray(parser.getString());
        return '"' + String.valueOf(quoted) + '"';
      }
      parser.skipChildren();
      return value.isNumeric() ? parser.getString() : null;
    }

    private double number(JsonToken value) {
      parser.skipChildren();
      return value.isNumeric() ? parser.getDoubleValue() : 0;
    }
  }
}
