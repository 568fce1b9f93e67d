package com.mcpist.origin.mount;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An MCP server of revision 2025-11-25 on standard input and output, as its own program. It keeps
 * what it did in the file {@code acts} of the folder FOLDER, a line for each act, and reads {@code
 * description} there: how it describes its tool {@code act}.
 */
final class SmallServer {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  /** A result whose members have an order and contents that no writer of MCPist would produce. */
  static final String RAW =
      """
      {"structuredContent":{"z":1,"a":[1.50,12345678901234567890]},\
      "_meta":{"com.example/trace":"t1"},"content":[{"text":"raw","type":"text",\
      "annotations":{"priority":0.25,"audience":["user"]},"com.example/own":true},\
      {"type":"audio","data":"UklGRg==","mimeType":"audio/wav"}],"com.example/more":null,\
      "isError":false}\
      """;

  private static final String TOOLS =
      """
      {"tools":[
        {"name":"add","title":"Add","inputSchema":{"$schema":"http://json-schema.org/draft-07/schema#",
          "type":"object","properties":{"a":{"$ref":"#/definitions/number"}},
          "definitions":{"number":{"type":"number"}}},"annotations":{"readOnlyHint":true}},
        {"name":"act","description":"DESCRIPTION","inputSchema":{"type":"object"}},
        {"name":"keyed","inputSchema":{"type":"object"},"annotations":{"idempotentHint":true}},
        {"name":"raw","inputSchema":{"type":"object"}},
        {"name":"fail","inputSchema":{"type":"object"}},
        {"name":"speak","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
        {"name":"die","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
        {"name":"die_once","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
        {"name":"act_and_die","inputSchema":{"type":"object"}},
        {"name":"ask","inputSchema":{"type":"object"}},
        {"name":"ask_reading","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
        {"name":"hang","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
        {"name":"changes","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
        {"name":"list","inputSchema":{"type":"object"}},
        {"name":"touch","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}},
        {"name":"who.am.i","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":true}}
      ]}\
      """;

  private final PrintStream out;
  private final Path folder = Path.of(System.getenv("FOLDER"));
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final Set<String> subscribed = ConcurrentHashMap.newKeySet();

  private SmallServer(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments.length > 0) {
      System.err.println("This one does not start." + " Nor ever.".repeat(100));
      System.exit(3);
    }
    new SmallServer(System.out).serve();
  }

  private void serve() throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      JsonNode message = JSON.readTree(line);
      if (message.has("method") && message.has("id")) {
        calls.execute(() -> answer(message));
      } else if (message.has("id")) {
        var waits = asked.remove(message.path("id").asString());
        if (waits != null) {
          waits.complete(message);
        }
      } else if (message.path("method").asString("").equals("notifications/cancelled")) {
        record("cancelled");
      }
    }
    System.exit(0);
  }

  private void answer(JsonNode request) {
    ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
    answer.set("id", request.get("id"));
    JsonNode params = request.path("params");
    try {
      JsonNode result =
          switch (request.path("method").asString()) {
            case "initialize" ->
                JSON.readTree(
                    """
                    {"protocolVersion":"2025-11-25","serverInfo":{"name":"small","version":"1.2"},
                     "instructions":"Add before you act.",
                     "capabilities":{"tools":{"listChanged":true},"prompts":{},"resources":{"subscribe":true},
                       "completions":{},"logging":{}}}\
                    """);
            case "tools/list" -> JSON.readTree(TOOLS.replace("DESCRIPTION", description()));
            case "resources/subscribe" -> {
              subscribed.add(params.path("uri").asString());
              yield JSON.createObjectNode();
            }
            case "resources/unsubscribe" -> {
              subscribed.remove(params.path("uri").asString());
              record("unsubscribed");
              yield JSON.createObjectNode();
            }
            case "prompts/list" -> page(params);
            case "resources/list" ->
                JSON.readTree(
                    """
                    {"resources":[{"uri":"small://things/one","name":"one"}]}\
                    """);
            case "resources/templates/list" ->
                JSON.readTree(
                    """
                    {"resourceTemplates":[{"uriTemplate":"other://{+path}{?q}","name":"any"}]}\
                    """);
            case "resources/read" -> read(params.path("uri").asString());
            case "prompts/get" ->
                JSON.readTree(
                    """
                    {"messages":[{"role":"user","content":{"type":"text","text":"Hello"}}],"x":1}\
                    """);
            case "completion/complete" ->
                JSON.readTree(
                    """
                    {"completion":{"values":["for %s"],"x":1}}\
                    """
                        .formatted(params.path("ref").path("name").asString("")));
            case "tools/call" -> call(params.path("name").asString(), params);
            default -> null;
          };
      if (result == null) {
        answer.putObject("error").put("code", -32601).put("message", "No such method");
      } else if (result.has("code")) {
        answer.set("error", result);
      } else {
        answer.set("result", result);
      }
    } catch (Exception e) {
      answer.putObject("error").put("code", -32603).put("message", e.toString());
    }
    say(answer);
  }

  private static JsonNode page(JsonNode params) {
    return JSON.readTree(
        params.has("cursor")
            ? "{\"prompts\":[{\"name\":\"second\"}]}"
            : "{\"prompts\":[{\"name\":\"greet\"}],\"nextCursor\":\"2\"}");
  }

  private static JsonNode read(String uri) {
    return JSON.readTree(
        uri.endsWith("nothing")
            ? "{\"code\":-32002,\"message\":\"Nothing there\",\"data\":{\"why\":\"small\"}}"
            : "{\"contents\":[{\"uri\":\"%s\",\"text\":\"t\",\"x\":1}],\"_meta\":{\"y\":2}}"
                .formatted(uri));
  }

  private @Nullable JsonNode call(String tool, JsonNode params) throws Exception {
    JsonNode arguments = params.path("arguments");
    return switch (tool) {
      case "add" -> text("sum " + (arguments.path("a").asInt() + 1));
      case "act" -> text("acted " + record("act"));
      case "keyed" -> text(params.toString());
      case "raw" -> JSON.readTree(RAW);
      case "fail" ->
          JSON.readTree("{\"code\":-32050,\"message\":\"It failed\",\"data\":{\"n\":1}}");
      case "speak" -> speak(params);
      case "die" -> exit();
      case "die_once" -> record("died") == 1 ? exit() : text("lived");
      case "act_and_die" -> {
        record("act");
        yield exit();
      }
      case "ask", "ask_reading" -> {
        record("before");
        yield text("answer " + ask(arguments) + " after " + record("after"));
      }
      case "hang" -> {
        record("hung");
        Thread.sleep(600_000);
        yield null;
      }
      case "touch" -> {
        for (String uri : subscribed) {
          ObjectNode told =
              JSON.createObjectNode()
                  .put("jsonrpc", "2.0")
                  .put("method", "notifications/resources/updated");
          told.putObject("params").put("uri", uri);
          say(told);
        }
        yield text("touched");
      }
      case "changes" -> {
        say(
            JSON.createObjectNode()
                .put("jsonrpc", "2.0")
                .put("method", "notifications/tools/list_changed"));
        yield text("told");
      }
      case "who.am.i" -> text(System.getenv().getOrDefault("TOKEN", "nobody"));
      default -> JSON.readTree("{\"code\":-32602,\"message\":\"Unknown tool\"}");
    };
  }

  private JsonNode speak(JsonNode params) {
    JsonNode token = params.path("_meta").path("progressToken");
    say(
        JSON.readTree(
            """
            {"jsonrpc":"2.0","method":"notifications/progress",
             "params":{"progressToken":%s,"progress":1,"total":2,"message":"half"}}\
            """
                .formatted(token)));
    say(
        JSON.readTree(
            """
            {"jsonrpc":"2.0","method":"notifications/message",
             "params":{"level":"warning","logger":"small","data":{"loud":true}}}\
            """));
    return text("spoken");
  }

  private String ask(JsonNode arguments) throws Exception {
    String id = UUID.randomUUID().toString();
    var answer = new CompletableFuture<JsonNode>();
    asked.put(id, answer);
    ObjectNode request =
        JSON.createObjectNode()
            .put("jsonrpc", "2.0")
            .put("id", id)
            .put("method", "elicitation/create");
    request
        .putObject("params")
        .put("message", "Really?" + " ".repeat(arguments.path("padding").asInt(0)))
        .putObject("requestedSchema")
        .put("type", "object")
        .putObject("properties");
    say(request);
    JsonNode told = answer.get();
    if (arguments.path("then").asString("").equals("die")) {
      exit();
    }
    return told.has("error") ? "error" : told.path("result").path("action").asString("");
  }

  private static JsonNode text(String text) {
    ObjectNode result = JSON.createObjectNode();
    result.putArray("content").addObject().put("type", "text").put("text", text);
    return result;
  }

  private static @Nullable JsonNode exit() {
    Runtime.getRuntime().halt(7);
    return null;
  }

  /** Appends an act to the file of acts, and returns how many acts of this kind the file holds. */
  private synchronized long record(String what) throws IOException {
    Path acts = folder.resolve("acts");
    Files.writeString(acts, what + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    List<String> all = Files.readAllLines(acts);
    return all.stream().filter(what::equals).count();
  }

  private String description() throws IOException {
    Path described = folder.resolve("description");
    return Files.exists(described) ? Files.readString(described) : "Acts";
  }

  private synchronized void say(JsonNode message) {
    out.println(message);
    out.flush();
  }
}
