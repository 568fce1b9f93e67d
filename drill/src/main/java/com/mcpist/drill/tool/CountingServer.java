package com.mcpist.drill.tool;

import module java.base;

import java.io.BufferedReader;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * An MCP server of 2025-06-18 that counts what its tools do. A call first appends its effect to a
 * file, and is answered after a while, so that a fault may come in between. As a program it speaks
 * on its standard input and output, until the input ends.
 */
public final class CountingServer implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INVALID_PARAMS = -32602;
  private static final String HELLO =
      """
      {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
       "serverInfo": {"name": "mcpist-drill", "version": "1"}}
      """;

  private final EffectFile.Writer effects;
  private final Settings settings;

  /**
   * How the server behaves.
   *
   * @param start how long it takes to answer {@code initialize}
   * @param answer how long it takes to answer a call, after its effect
   * @param answerBytes how long the answer to a call is, beside the call's own text
   */
  public record Settings(Duration start, Duration answer, int answerBytes) {
    List<String> arguments() {
      return List.of(
          Long.toString(start.toMillis()),
          Long.toString(answer.toMillis()),
          Integer.toString(answerBytes));
    }

    static Settings of(List<String> arguments) {
      return new Settings(
          Duration.ofMillis(Long.parseLong(arguments.get(0))),
          Duration.ofMillis(Long.parseLong(arguments.get(1))),
          Integer.parseInt(arguments.get(2)));
    }

    /** Returns the text that answers a call. */
    public String answerTo(String text) {
      return text + "\n" + "x".repeat(answerBytes);
    }
  }

  CountingServer(EffectFile file, Settings settings) throws IOException {
    this.effects = new EffectFile.Writer(file.path());
    this.settings = settings;
  }

  /** Takes the file, and the settings as {@link Settings#arguments} makes them. */
  public static void main(String[] args) throws IOException {
    List<String> arguments = List.of(args);
    EffectFile file = new EffectFile(Path.of(arguments.getFirst()));
    Settings settings = Settings.of(arguments.subList(1, arguments.size()));
    try (CountingServer server = new CountingServer(file, settings)) {
      server.serve(System.in, System.out);
    }
  }

  /** Answers each line of the input, several at once, until the input ends. */
  void serve(InputStream from, PrintStream to) throws IOException {
    BufferedReader in = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String request = line;
      Thread.startVirtualThread(() -> answer(request, to));
    }
  }

  private void answer(String line, PrintStream to) {
    try {
      Optional<ObjectNode> reply = reply(JSON.readTree(line));
      if (reply.isPresent()) {
        byte[] bytes = (reply.get() + "\n").getBytes(StandardCharsets.UTF_8);
        synchronized (to) {
          to.write(bytes, 0, bytes.length);
          to.flush();
        }
      }
    } catch (JacksonException _) {
      // A request whose sender broke off has no effect.
    } catch (IOException e) {
      System.err.println("No effect could be recorded: " + e.getMessage());
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Does what a message asks for; empty: it asks for no reply. */
  Optional<ObjectNode> reply(JsonNode message) throws IOException, InterruptedException {
    if (!message.has("id") || !message.has("method")) {
      return Optional.empty();
    }
    ObjectNode reply = JSON.createObjectNode().put("jsonrpc", "2.0");
    reply.set("id", message.get("id"));
    switch (message.path("method").asString("")) {
      case "initialize" -> {
        Thread.sleep(settings.start());
        reply.set("result", JSON.readTree(HELLO));
      }
      case "ping" -> reply.putObject("result");
      case "tools/list" -> reply.set("result", JSON.readTree(tools()));
      case "tools/call" -> call(message.path("params"), reply);
      default -> error(reply, METHOD_NOT_FOUND, "There is no such method");
    }
    return Optional.of(reply);
  }

  private void call(JsonNode params, ObjectNode reply) throws IOException, InterruptedException {
    Tool tool = Tool.of(params.path("name").asString("")).filter(Tool::mounted).orElse(null);
    if (tool == null) {
      error(reply, INVALID_PARAMS, "There is no such tool");
      return;
    }
    String text = params.at("/arguments/text").asString("");
    effects.append(tool, text, params.at("/arguments/key").asString(""));
    Thread.sleep(settings.answer());
    reply
        .putObject("result")
        .putArray("content")
        .addObject()
        .put("type", "text")
        .put("text", settings.answerTo(text));
  }

  private static void error(ObjectNode reply, int code, String message) {
    reply.putObject("error").put("code", code).put("message", message);
  }

  private static String tools() {
    return Arrays.stream(Tool.values())
        .filter(Tool::mounted)
        .map(Tool::definition)
        .collect(Collectors.joining(",", "{\"tools\":[", "]}"));
  }

  @Override
  public void close() throws IOException {
    effects.close();
  }
}
