package com.mcpist.edge.wire;

import com.mcpist.edge.wire.Payload.Message;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a payload token by token: no tree of a body that may be megabytes long. A name that occurs
 * twice makes a payload unreadable, since an origin might see the other one.
 */
public final class PayloadReader {
  /** Of one batch: each is answered by an error many times its length where no origin answers. */
  private static final int MOST_MESSAGES = 1_000;

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private @Nullable String id;
  private @Nullable String method;
  private @Nullable String name;
  private @Nullable String progressToken;
  private double progress;

  private PayloadReader() {}

  /** Reads a request's or a response's body; what is not JSON-RPC is unreadable, never an error. */
  public static Payload read(byte[] body) {
    if (!isUtf8(body)) {
      return Payload.UNREADABLE;
    }
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body)) {
      return read(parser);
    } catch (JacksonException notJson) {
      return Payload.UNREADABLE;
    }
  }

  /**
   * Whether it is UTF-8 throughout, as an origin wants it: the parser would take overlong forms and
   * halves of surrogate pairs too, and bytes with zeros as UTF-16 or UTF-32.
   */
  private static boolean isUtf8(byte[] body) {
    boolean wide = IntStream.range(0, Math.min(4, body.length)).anyMatch(i -> body[i] == 0);
    return !wide && ByteBufUtil.isText(Unpooled.wrappedBuffer(body), StandardCharsets.UTF_8);
  }

  /** As {@link #read(byte[])}, of text. */
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
      messages.add(new PayloadReader().message(parser));
    } else if (first == JsonToken.START_ARRAY) {
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        if (messages.size() == MOST_MESSAGES) {
          return Payload.UNREADABLE;
        }
        messages.add(new PayloadReader().message(parser));
      }
    }
    boolean closed =
        first == JsonToken.START_OBJECT || parser.currentToken() == JsonToken.END_ARRAY;
    return closed && parser.nextToken() == null && !messages.isEmpty()
        ? new Payload(true, first == JsonToken.START_ARRAY, messages)
        : Payload.UNREADABLE;
  }

  private Message message(JsonParser parser) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "id" -> id = scalar(parser, value);
        case "method" -> method = string(parser, value);
        case "params" -> params(parser, value);
        default -> parser.skipChildren();
      }
    }
    return new Message(id, method, name, progressToken, progress);
  }

  private void params(JsonParser parser, JsonToken start) {
    if (start != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "name" -> name = string(parser, value);
        case "progressToken" -> progressToken = scalar(parser, value);
        case "progress" -> progress = number(parser, value);
        default -> parser.skipChildren();
      }
    }
  }

  private static @Nullable String string(JsonParser parser, JsonToken value) {
    parser.skipChildren();
    return value == JsonToken.VALUE_STRING ? parser.getString() : null;
  }

  private static @Nullable String scalar(JsonParser parser, JsonToken value) {
    if (value == JsonToken.VALUE_STRING) {
      char[] quoted = JsonStringEncoder.getInstance().quoteAsCharArray(parser.getString());
      return '"' + String.valueOf(quoted) + '"';
    }
    parser.skipChildren();
    return value.isNumeric() ? parser.getString() : null;
  }

  private static double number(JsonParser parser, JsonToken value) {
    parser.skipChildren();
    return value.isNumeric() ? parser.getDoubleValue() : 0;
  }
}
