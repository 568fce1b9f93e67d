package com.mcpist.edge.wire;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * A hash of a JSON value. Texts that the ledger takes for the same arguments have the same hash,
 * whatever their spaces, their escapes and the order of their properties. Other texts may share a
 * hash, as 1 and 1.0 do. The result depends on the arguments alone.
 */
final class JsonHash {
  /** The hash of an object without properties, which is what missing arguments mean. */
  static final long EMPTY_OBJECT = 1;

  private static final long FACTOR = 0x9E3779B97F4A7C15L;

  /**
   * The length of the longest number that is hashed by its value. An origin takes no longer
   * numbers.
   */
  private static final int LONGEST_NUMBER = 64;

  private JsonHash() {}

  /** Hashes the value whose first token is the current one, and reads to its last token. */
  static long of(JsonParser parser) {
    JsonToken first = parser.currentToken();
    if (first == JsonToken.START_OBJECT) {
      long hash = EMPTY_OBJECT;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        long name = parser.currentName().hashCode();
        parser.nextToken();
        // The hash is a sum, which does not depend on the order.
        hash += mixed(mixed(name) + of(parser));
      }
      return hash;
    }
    if (first == JsonToken.START_ARRAY) {
      long hash = 2;
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        hash = mixed(hash + of(parser));
      }
      return hash;
    }
    String text = parser.getString();
    return mixed(first.isNumeric() ? numeric(text) : text.hashCode() + 4L * first.id());
  }

  private static long numeric(String text) {
    return text.length() > LONGEST_NUMBER
        ? 3
        : Double.doubleToLongBits(Double.parseDouble(text) + 0.0); // -0 becomes 0.
  }

  private static long mixed(long value) {
    long product = (value ^ (value >>> 32)) * FACTOR;
    return product ^ (product >>> 29);
  }
}
