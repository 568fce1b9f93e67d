package com.mcpist.origin.mcp;

import com.mcpist.origin.auth.RefusedException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes the tree that Jackson makes of a text, token by token: each node is paid for before it is
 * made. Of a message's _meta it keeps what this server reads.
 */
final class TreeReader {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final int PREPAID = 4 * 1024;
  private static final Set<String> META =
      Set.of("progressToken", Negotiation.VERSION, Negotiation.CAPABILITIES, Negotiation.LOG_LEVEL);

  /** Where in a POST a value is: it, its messages, their params, the params' _meta, all else. */
  private enum Place {
    BODY,
    MESSAGE,
    PARAMS,
    META,
    OTHER
  }

  private final JsonParser parser;
  private final Budget.Hold hold;
  private long prepaid;
  private int tokens;
  private int depth;

  TreeReader(JsonParser parser, Budget.Hold hold) {
    this.parser = parser;
    this.hold = hold;
  }

  /** Throws JacksonException besides. */
  JsonNode read() throws RpcException, RefusedException {
    JsonToken first = next();
    if (first == null) {
      throw RpcException.parseError("The body is empty");
    }
    JsonNode node = value(first, Place.BODY);
    if (next() != null) {
      throw RpcException.parseError("The body has something behind its JSON");
    }
    return node;
  }

  private @Nullable JsonToken next() throws RpcException {
    JsonToken token = parser.nextToken();
    if (token != null) {
      tokens++;
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }
    if (tokens > Json.MAX_TOKENS) {
      String message = "The body has more than " + Json.MAX_TOKENS + " values, names and brackets";
      throw new RpcException(RpcException.INVALID_REQUEST, 413, message, null);
    }
    if (depth > Json.MAX_DEPTH) {
      throw RpcException.invalidRequest("The body is more than " + Json.MAX_DEPTH + " levels deep");
    }
    return token;
  }

  private void pay(long bytes) throws RefusedException {
    if (bytes > prepaid) {
      long more = Math.max(bytes, PREPAID);
      hold.take(more);
      prepaid += more;
    }
    prepaid -= bytes;
  }

  private JsonNode value(@Nullable JsonToken token, Place place)
      throws RpcException, RefusedException {
    return switch (token) {
      case START_OBJECT -> object(place);
      case START_ARRAY -> array(place == Place.BODY ? Place.MESSAGE : Place.OTHER);
      case VALUE_STRING -> {
        pay(Budget.string(parser.getStringLength()));
        yield NODES.stringNode(parser.getString());
      }
      case VALUE_NUMBER_INT -> {
        JsonParser.NumberType type = parser.getNumberType();
        pay(type == JsonParser.NumberType.BIG_INTEGER ? Budget.BIG_NUMBER : Budget.NUMBER);
        yield switch (type) {
          case INT -> NODES.numberNode(parser.getIntValue());
          case LONG -> NODES.numberNode(parser.getLongValue());
          default -> NODES.numberNode(parser.getBigIntegerValue());
        };
      }
      case VALUE_NUMBER_FLOAT -> {
        pay(Budget.NUMBER);
        yield NODES.numberNode(parser.getDoubleValue());
      }
      case VALUE_TRUE -> NODES.booleanNode(true);
      case VALUE_FALSE -> NODES.booleanNode(false);
      case VALUE_NULL -> NODES.nullNode();
      case null, default -> throw RpcException.parseError("The body is not valid JSON");
    };
  }

  private ArrayNode array(Place elements) throws RpcException, RefusedException {
    pay(Budget.ARRAY);
    ArrayNode array = NODES.arrayNode();
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      pay(Budget.ELEMENT);
      array.add(value(token, elements));
    }
    return array;
  }

  private ObjectNode object(Place place) throws RpcException, RefusedException {
    pay(Budget.OBJECT);
    ObjectNode object = NODES.objectNode();
    while (next() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (place == Place.META && !META.contains(name)) {
        skip();
      } else {
        pay(Budget.property(name.length()));
        if (object.has(name)) {
          throw RpcException.parseError("The body has a name twice in one object");
        }
        object.set(name, value(next(), within(place, name)));
      }
    }
    return object;
  }

  private static Place within(Place place, String name) {
    return switch (place) {
      case BODY, MESSAGE -> name.equals("params") ? Place.PARAMS : Place.OTHER;
      case PARAMS -> name.equals("_meta") ? Place.META : Place.OTHER;
      case META, OTHER -> Place.OTHER;
    };
  }

  private void skip() throws RpcException {
    int outside = depth;
    next();
    while (depth > outside) {
      next();
    }
  }
}
