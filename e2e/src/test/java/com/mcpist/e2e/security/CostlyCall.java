package com.mcpist.e2e.security;

import com.mcpist.testkit.LargeServer;
import com.mcpist.testkit.LargeServer.Answer;
import com.mcpist.testkit.RawHttp;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A request within the limits of its length that costs far more to read than to send, or whose
 * answer by a mounted server is as large as it may be.
 */
@SuppressWarnings("ImmutableEnumChecker") // The suppliers only make text.
public enum CostlyCall {
  META("many objects in _meta", 20, () -> call("\"_meta\":{\"pad\":" + objects() + "}")),
  META_OF_A_BATCH(
      "the same in a batch of 5",
      12,
      () -> batch(5, call("\"_meta\":{\"pad\":" + objects() + "}"))),
  META_OF_A_LARGE_BATCH(
      "the same in a batch of 10",
      30,
      () -> batch(10, call("\"_meta\":{\"pad\":" + objects() + "}"))),
  META_NAMES("many names in _meta", 20, () -> call("\"_meta\":" + names())),
  ARGUMENTS("many objects in the arguments", 20, () -> arguments("\"pad\":" + objects())),
  ARGUMENT_NAMES("many names in an argument", 20, () -> arguments("\"pad\":" + names())),
  TAGS("many empty arrays as tags", 20, () -> arguments("\"tags\":[" + many("[]") + "]")),
  NESTED("deep arrays", 20, () -> arguments("\"pad\":" + "[".repeat(400) + "]".repeat(400))),
  NESTED_TOO_DEEP(
      "endless arrays",
      20,
      () -> arguments("\"pad\":" + "[".repeat(150_000) + "]".repeat(150_000))),
  ID("a long id", 20, () -> call("\"x\":0").replace("\"id\":1", "\"id\":\"" + text() + "\"")),
  NUMBER("a long number", 20, () -> arguments("\"pad\":" + text().replace('x', '9'))),
  NUMBERS("many numbers", 20, () -> arguments("\"pad\":[" + many("1e9") + "]")),
  ESCAPES("text of escapes", 20, () -> arguments("\"text\":\"" + "\\u0000".repeat(64_000) + "\"")),
  PROGRESS_TOKEN(
      "a long progress token", 20, () -> call("\"_meta\":{\"progressToken\":\"" + text() + "\"}")),
  CURSOR("a long cursor", 20, () -> method("tools/list", "\"cursor\":\"" + text() + "\"")),
  PROMPT(
      "a prompt with many arguments",
      20,
      () -> method("prompts/get", "\"name\":\"x\",\"arguments\":" + names())),
  RESOURCE("a long address", 20, () -> method("resources/read", "\"uri\":\"x:" + text() + "\"")),
  CAPABILITIES(
      "many capabilities",
      20,
      () ->
          method(
              "initialize",
              "\"protocolVersion\":\"2025-11-25\",\"clientInfo\":{\"name\":\"x\",\"version\":\"1\"},"
                  + "\"capabilities\":{\"experimental\":"
                  + names()
                  + "}")),
  NO_REQUEST("an array of nothing", 20, () -> "[" + many("{}") + "]"),
  LARGEST("the longest body", 8, () -> arguments("\"pad\":[" + many("[]").repeat(9) + "0]")),
  ANSWER(Answer.TEXT, "large answers"),
  WIDE_ANSWER(Answer.WIDE_TEXT, "large answers in another script"),
  ANSWER_OF_OBJECTS(Answer.NAMED_OBJECTS, "large answers of objects"),
  ANSWER_OF_ARRAYS(Answer.EMPTY_ARRAYS, "answers of empty arrays"),
  ANSWER_OF_NUMBERS(Answer.TOO_MANY_NUMBERS, "answers that cannot be read");

  private static final int LENGTH = 384 * 1024;

  private final String what;
  private final int connections;
  private final Supplier<String> body;

  CostlyCall(String what, int connections, Supplier<String> body) {
    this.what = what;
    this.connections = connections;
    this.body = body;
  }

  CostlyCall(Answer answer, String what) {
    this(
        what,
        20,
        () ->
            method(
                "tools/call",
                "\"name\":\"large_read\",\"arguments\":{\"kind\":\"" + answer + "\"}"));
  }

  /** The mounts.json of origins that have the tools which are called. */
  public static String mounts() {
    return LargeServer.mounts(Path.of("/dev/null"));
  }

  /** Those that need no mounted server. */
  public static List<CostlyCall> ofOwnTools() {
    return Stream.of(values()).filter(call -> call.compareTo(LARGEST) <= 0).toList();
  }

  private static String text() {
    return "x".repeat(LENGTH);
  }

  private static String objects() {
    return "[" + String.join(",", Collections.nCopies(48_000, "{\"a\":0}")) + "]";
  }

  private static String names() {
    StringBuilder names = new StringBuilder("{\"a\":0");
    for (int i = 0; names.length() < LENGTH; i++) {
      names.append(",\"").append(Integer.toString(i, 36)).append("\":0");
    }
    return names.append('}').toString();
  }

  private static String many(String value) {
    return (value + ",").repeat(LENGTH / (value.length() + 1)) + value;
  }

  private static String method(String name, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s}}"
        .formatted(name, params);
  }

  private static String call(String more) {
    return method("tools/call", "\"name\":\"memory_list\",\"arguments\":{}," + more);
  }

  private static String arguments(String arguments) {
    return method("tools/call", "\"name\":\"memory_list\",\"arguments\":{" + arguments + "}");
  }

  private static String batch(int size, String message) {
    return "[" + String.join(",", Collections.nCopies(size, message)) + "]";
  }

  /** How many connections send it at the same time. */
  public int connections() {
    return connections;
  }

  /** The bytes of a request with it. */
  public String request(String token) {
    // Batches are of this revision only.
    String headers =
        "Accept: application/json, text/event-stream\nMCP-Protocol-Version: 2025-03-26\n"
            + "Authorization: Bearer "
            + token;
    return RawHttp.post("/mcp", headers, body.get());
  }

  @Override
  public String toString() {
    return what;
  }
}
