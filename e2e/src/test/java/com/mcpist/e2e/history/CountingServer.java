package com.mcpist.e2e.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.mcpist.e2e.history.History.Effect;
import com.mcpist.e2e.history.History.Recorder;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The mounted servers of a world, which record what they do. The programs that origins start only
 * carry bytes between the origin and this process, so that one clock times everything. The one over
 * HTTP is here altogether.
 */
final class CountingServer implements AutoCloseable {
  /** A call that is sent to more processes than this has no bound. */
  static final int MOST_DEATHS = 6;

  private static final String ORIGIN = "X-Origin";
  private static final int LOOK_MILLIS = 10;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final JsonMapper JSON = JsonMapper.shared();

  /** Says who it is, then carries bytes both ways. */
  private static final String RELAY =
      "exec 3<>/dev/tcp/127.0.0.1/$1; echo \"$2 $3 $$\" >&3; cat <&3 & cat >&3; kill $!";

  private static final String TOOLS =
      """
      {"tools": [
       {"name": "look", "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": true}},
       {"name": "set", "inputSchema": {"type": "object"}, "annotations": {"idempotentHint": true}},
       {"name": "act", "inputSchema": {"type": "object"}}]}
      """;

  private final ServerSocket relays = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
  private final HttpServer http;
  private final Set<Program> programs = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> slow = new ConcurrentHashMap<>();
  private final AtomicLong numbers = new AtomicLong();
  private final Consumer<String> kills;
  private volatile @Nullable Ear ear;

  /** Who is told what the servers do. */
  private record Ear(Recorder recorder, Marks marks) {}

  /** A mounted program that runs. */
  private record Program(String mount, String origin, long pid, Socket socket) {}

  /**
   * Starts.
   *
   * @param kills kills an origin, for deadly calls
   */
  CountingServer(Consumer<String> kills) throws IOException {
    this.kills = kills;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext("/", this::serve);
    http.start();
    Thread.ofVirtual().name("relays").start(this::accept);
  }

  /** From now on what the servers do belongs to this history. */
  void listen(Recorder recorder, Marks marks) {
    slow.clear();
    ear = new Ear(recorder, marks);
  }

  /** From now on {@code initialize} of a mount takes so long, also one that has begun. */
  void slow(String mount, int millis) {
    slow.put(mount, millis);
  }

  /** What an origin gets as MOUNTS. */
  String mounts(String origin, List<String> names) {
    ObjectNode file = JSON.createObjectNode();
    ObjectNode all = file.putObject("mcpServers");
    for (String name : names) {
      ObjectNode entry = all.putObject(name);
      if (name.equals(Target.WEB)) {
        entry.put("url", "http://127.0.0.1:" + http.getAddress().getPort() + "/mcp");
        entry.putObject("headers").put(ORIGIN, origin);
      } else {
        entry.put("command", "bash");
        List.of("-c", RELAY, "relay", Integer.toString(relays.getLocalPort()), name, origin)
            .forEach(entry.putArray("args")::add);
      }
    }
    return file.toString();
  }

  /** Ends an origin's copy of a mounted program, if it runs. */
  void end(String mount, String origin) {
    for (Program program : programs) {
      if (program.mount.equals(mount) && program.origin.equals(origin)) {
        ProcessHandle.of(program.pid)
            .ifPresent(
                relay -> {
                  relay.descendants().forEach(ProcessHandle::destroyForcibly);
                  relay.destroyForcibly();
                });
      }
    }
  }

  private void accept() {
    while (!relays.isClosed()) {
      try {
        Socket socket = relays.accept();
        Thread.ofVirtual().start(() -> carry(socket));
      } catch (IOException _) {
        // Only a closed listener ends the loop.
      }
    }
  }

  private void carry(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      String hello = in.readLine();
      if (hello == null) {
        return;
      }
      String[] words = hello.split(" ", -1);
      Program program = new Program(words[0], words[1], Long.parseLong(words[2]), socket);
      programs.add(program);
      try {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          JsonNode message = JSON.readTree(line);
          Thread.ofVirtual().start(() -> answer(program, message));
        }
      } finally {
        programs.remove(program);
      }
    } catch (IOException _) {
      // The origin or its program has ended.
    }
  }

  private void answer(Program program, JsonNode message) {
    String who = program.mount + " at " + program.origin;
    Reply reply = reply(message, program.mount, program.origin, who);
    if (reply.body != null) {
      try {
        synchronized (program) {
          OutputStream out = program.socket.getOutputStream();
          out.write((reply.body + "\n").getBytes(UTF_8));
          out.flush();
        }
        reply.sent.run();
      } catch (IOException _) {
        // It has ended.
      }
    }
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      String origin = exchange.getRequestHeaders().getFirst(ORIGIN);
      JsonNode message = JSON.readTree(exchange.getRequestBody());
      Reply reply = reply(message, Target.WEB, origin, Target.WEB + " for " + origin);
      if (reply.body == null) {
        exchange.sendResponseHeaders(202, -1);
        return;
      }
      byte[] bytes = JSON.writeValueAsBytes(reply.body);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
      reply.sent.run();
    }
  }

  /**
   * What is answered.
   *
   * @param body null for nothing
   * @param sent is run when it has been written
   */
  private record Reply(@Nullable ObjectNode body, Runnable sent) {
    static final Reply NONE = new Reply(null, () -> {});
  }

  private Reply reply(JsonNode message, String mount, String origin, String who) {
    if (!message.has("id") || !message.has("method")) {
      return Reply.NONE;
    }
    ObjectNode answer = JSON.createObjectNode().put("jsonrpc", "2.0");
    answer.set("id", message.get("id"));
    switch (message.path("method").asString("")) {
      case "initialize" -> answer.set("result", hello(mount));
      case "tools/list" -> answer.set("result", JSON.readTree(TOOLS));
      case "ping" -> answer.putObject("result");
      case "tools/call" -> {
        return call(message.path("params"), answer, origin, who);
      }
      default ->
          answer.putObject("error").put("code", METHOD_NOT_FOUND).put("message", "no such method");
    }
    return new Reply(answer, () -> {});
  }

  private JsonNode hello(String mount) {
    long begun = System.nanoTime();
    while (System.nanoTime() - begun < slow.getOrDefault(mount, 0) * 1_000_000L) {
      pause(LOOK_MILLIS);
    }
    return JSON.readTree(
        """
        {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}},
         "serverInfo": {"name": "counting", "version": "1"}}
        """);
  }

  private Reply call(JsonNode params, ObjectNode answer, String origin, String who) {
    JsonNode arguments = params.path("arguments");
    String id = arguments.path("id").asString("");
    Ear told = ear;
    if (told == null || told.recorder.seed() != arguments.path("seed").asLong(0)) {
      return Reply.NONE; // It belongs to a history that is over.
    }
    boolean reads = params.path("name").asString("").equals("look");
    String token = Long.toString(numbers.incrementAndGet());
    int place = -1;
    if (!reads) {
      int version = arguments.path("version").asInt(0);
      long now = told.recorder.now();
      place = told.recorder.add(new Effect(id, who, token, now, History.NEVER, version));
    }
    told.marks.set("arrived " + id);
    pause(arguments.path("hold").asInt(0));
    if (arguments.path("deadly").asBoolean(false) && told.recorder.deaths(id) < MOST_DEATHS) {
      told.recorder.add(new History.Death(id, origin, told.recorder.now()));
      kills.accept(origin);
      return Reply.NONE;
    }
    String text = "Effect #" + token + " of " + id + ". ";
    ObjectNode content = answer.putObject("result").putArray("content").addObject();
    int padding = Math.max(0, arguments.path("bytes").asInt(0) - text.length());
    content.put("type", "text").put("text", text + "x".repeat(padding));
    int at = place;
    return new Reply(answer, at < 0 ? () -> {} : () -> told.recorder.answered(at));
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(millis * 1_000_000L);
  }

  @Override
  public void close() throws IOException {
    relays.close();
    http.stop(0);
    for (Program program : programs) {
      program.socket.close();
    }
  }
}
