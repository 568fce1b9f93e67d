package com.mcpist.origin.mcp;

/**
 * The weight of a JSON text is what the text takes when it is read: the bytes of its tree, its
 * tokens and its levels. The weight also has the id of the message. It is found by a look at the
 * bytes that makes no objects. A text that is no JSON has a weight too, which means nothing.
 */
public final class Weight {
  /** The number of the text's tokens, as readers count them: values, names and brackets. */
  private int tokens;

  private final byte[] json;
  private final int end;
  private long tree;
  private int depth;
  private int deepest;
  private long id;

  private Weight(byte[] json, int end) {
    this.json = json;
    this.end = end;
  }

  public static Weight of(byte[] json) {
    Weight weight = new Weight(json, json.length);
    weight.read();
    return weight;
  }

  /**
   * Returns the bytes of the heap that the tree takes, with the texts that an answer is made into.
   */
  public long bytes() {
    return tree + (long) Budget.WRITTEN * end;
  }

  /** Returns true if the text has more tokens or levels than may be read. */
  public boolean isTooComplex() {
    return tokens > Json.MAX_TOKENS || deepest > Json.MAX_DEPTH;
  }

  /** Returns the number that is the message's id, or 0 if the id is no number or is absent. */
  public long id() {
    return id;
  }

  private void read() {
    boolean isId = false;
    for (int i = 0; i < end; ) {
      switch (json[i]) {
        case '"' -> {
          int begin = i + 1;
          i = string(begin);
          isId = depth == 1 && i - begin == 3 && json[begin] == 'i' && json[begin + 1] == 'd';
          continue;
        }
        case '{' -> open(Budget.OBJECT);
        case '[' -> open(Budget.ARRAY);
        case '}', ']' -> {
          tokens++;
          depth--;
        }
        case ':' -> {
          tree += Budget.property(0) - Budget.string(0);
          if (isId) {
            i = id(i + 1);
            continue;
          }
        }
        case ',' -> tree += Budget.ELEMENT;
        case ' ', '\t', '\r', '\n' -> {
          i++;
          continue;
        }
        default -> {
          i = scalar(i);
          isId = false;
          continue;
        }
      }
      isId = false;
      i++;
    }
  }

  private void open(int size) {
    tokens++;
    tree += size;
    deepest = Math.max(deepest, ++depth);
  }

  /** Returns the place behind the string's end. */
  private int string(int begin) {
    int length = 0;
    boolean wide = false;
    int i = begin;
    while (i < end && json[i] != '"') {
      int c = json[i] & 0xff;
      if (c == '\\' && i + 1 < end && json[i + 1] == 'u') {
        wide |= i + 3 >= end || json[i + 2] != '0' || json[i + 3] != '0';
        i += 6;
        length++;
      } else if (c == '\\') {
        i += 2;
        length++;
      } else {
        // A character is counted with its first byte; one of four bytes becomes two of Java's.
        length += c < 0x80 || (c >= 0xc0 && c < 0xf0) ? 1 : c >= 0xf0 ? 2 : 0;
        wide |= c >= 0xc4;
        i++;
      }
    }
    tokens++;
    tree += Budget.string(0) + (wide ? 2L : 1L) * length;
    return Math.min(i, end - 1) + 1;
  }

  /** Reads a number or a word, and returns the place behind it. */
  private int scalar(int begin) {
    int i = begin;
    while (i < end && ",:]}{[\" \t\r\n".indexOf(json[i]) < 0) {
      i++;
    }
    tokens++;
    tree += Budget.NUMBER + (i - begin);
    return i;
  }

  private int id(int begin) {
    int i = begin;
    while (i < end && json[i] == ' ') {
      i++;
    }
    long number = 0;
    int digits = i;
    while (digits < end && json[digits] >= '0' && json[digits] <= '9' && digits - i < 18) {
      number = 10 * number + json[digits++] - '0';
    }
    id = number;
    return i;
  }
}
