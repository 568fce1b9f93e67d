package com.mcpist.origin.mount.client;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server on standard input and output, as bad as its arguments and the tool that is called say.
 * It needs nothing but the JDK, so that it starts fast.
 */
final class ProgramServer {
  private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private static final Pattern ID = Pattern.compile("\"id\":([^,}]+)");
  private static final Pattern METHOD = Pattern.compile("\"method\":\"([^\"]+)\"");
  private static final Pattern TOOL = Pattern.compile("\"name\":\"([^\"]+)\"");
  private static final Pattern TOKEN = Pattern.compile("\"progressToken\":([0-9]+)");

  private static final Map<String, BlockingQueue<String>> ANSWERS = new ConcurrentHashMap<>();
  private static final List<String> HEARD = new CopyOnWriteArrayList<>();
  private static final List<byte[]> HELD = new ArrayList<>();

  private ProgramServer() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Set<String> modes = Set.of(arguments);
    if (modes.contains("crash")) {
      System.err.println("no such token: " + System.getenv("TOKEN"));
      System.exit(7);
    }
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String message = line;
      HEARD.add(message);
      if (!isWhole(message)) {
        continue; // It broke off, and is no JSON.
      }
      String method = first(METHOD, message);
      if (method.isEmpty()) {
        ANSWERS.getOrDefault(first(ID, message), new LinkedBlockingQueue<>()).add(message);
      } else if (first(TOOL, message).equals("deaf") && method.equals("tools/call")) {
        answer(message, text("not any more"));
        Thread.sleep(1_000_000);
      } else if (first(TOOL, message).equals("busy")) {
        work();
        answer(message, text("worked"));
      } else {
        Thread.ofPlatform().daemon().start(() -> take(method, message, modes));
      }
    }
    if (modes.contains("stubborn")) {
      Thread.sleep(1_000_000);
    }
  }

  /**
   * Works on a call, and reads nothing meanwhile, until the folder FOLDER has a file {@code free}.
   */
  private static void work() throws IOException, InterruptedException {
    Path folder = Path.of(System.getenv("FOLDER"));
    Files.createFile(folder.resolve("begun"));
    while (!Files.exists(folder.resolve("free"))) {
      Thread.sleep(20);
    }
  }

  /** Returns true if all objects of a message end. No test sends brackets in a text. */
  static boolean isWhole(String message) {
    return message.chars().filter(c -> c == '{').count()
        == message.chars().filter(c -> c == '}').count();
  }

  private static void take(String method, String message, Set<String> modes) {
    try {
      switch (method) {
        case "initialize" -> initialize(message, modes);
        case "notifications/initialized" -> {
          if (modes.contains("roots")) {
            System.err.println("answered " + ask("roots/list"));
          }
        }
        case "tools/call" -> call(first(TOOL, message), message);
        case "ping" -> answer(message, "{}");
        case "server/discover" -> {
          if (!modes.contains("modern")) {
            System.err.println("unknown method");
            System.exit(1);
          }
          answer(
              message,
              "{\"supportedVersions\":[\"2026-07-28\"],\"capabilities\":{\"tools\":{\"listChanged\":true}},"
                  + "\"_meta\":{\"io.modelcontextprotocol/serverInfo\":{\"name\":\"new\",\"version\":\"2\"}}}");
        }
        default -> {}
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void initialize(String message, Set<String> modes) {
    boolean oldest = message.contains("\"protocolVersion\":\"2024-11-05\"");
    if (modes.contains("modern")) {
      say(
          "{\"jsonrpc\":\"2.0\",\"id\":"
              + first(ID, message)
              + ",\"error\":{\"code\":-32601,\"message\":\"no\"}}");
    } else if (modes.contains("oldest") && !oldest) {
      say(
          "{\"jsonrpc\":\"2.0\",\"id\":"
              + first(ID, message)
              + ",\"error\":{\"code\":-32602,\"message\":\"no\",\"data\":{\"supported\":[\"2024-11-05\"]}}}");
    } else {
      answer(
          message,
          "{\"protocolVersion\":\"%s\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"old\",\"version\":\"1\"},\"instructions\":\"Hi\"}"
              .formatted(oldest ? "2024-11-05" : "2025-06-18"));
    }
  }

  private static void call(String tool, String message) throws IOException, InterruptedException {
    switch (tool) {
      case "echo" ->
          answer(
              message, message.substring(message.indexOf("\"params\":") + 9, message.length() - 1));
      case "heard" -> answer(message, text(String.join("\n", HEARD)));
      case "env" -> answer(message, text(String.join(" ", System.getenv().keySet())));
      case "die" -> {
        System.err.println("a bug in line 7");
        System.exit(3);
      }
      case "silent" -> {}
      case "print" -> {
        System.err.println("connecting with " + System.getenv("TOKEN"));
        answer(message, text("printed"));
      }
      case "progress" -> {
        for (int i = 1; i <= 3; i++) {
          notify(
              "notifications/progress",
              "{\"progressToken\":" + first(TOKEN, message) + ",\"progress\":" + i + "}");
        }
        answer(message, text("done"));
      }
      case "log" -> {
        notify("notifications/message", "{\"level\":\"info\",\"data\":\"at work\"}");
        answer(message, text("done"));
      }
      case "ask" -> answer(message, text(ask("elicitation/create")));
      case "change" -> {
        notify("notifications/tools/list_changed", "{}");
        answer(message, text("done"));
      }
      case "noise" -> {
        for (int i = 0; i < 20; i++) {
          say("Server is running");
        }
        say("");
        answer(message, text("done"));
      }
      case "babble" -> {
        while (true) {
          say("Server is running");
        }
      }
      case "flood" -> {
        while (true) {
          notify("notifications/message", "{\"level\":\"info\",\"data\":\"at work\"}");
        }
      }
      case "batch" ->
          say("[" + "{\"id\":1,\"method\":\"ping\"},".repeat(2_000) + "{\"method\":\"ping\"}]");
      case "endless" -> {
        while (true) {
          OUT.print("x".repeat(65_536));
        }
      }
      case "stall" -> {
        OUT.print("x".repeat(100_000));
        OUT.flush();
      }
      case "large" -> answer(message, text("x".repeat(3_000_000)));
      case "hog" -> {
        while (true) {
          byte[] some = new byte[8 << 20];
          java.util.Arrays.fill(some, (byte) 1);
          HELD.add(some);
        }
      }
      case "fork" -> {
        // A shell that has its own child, and lives on when its parent has died.
        Process child =
            new ProcessBuilder(
                    "/bin/sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000")
                .start();
        String grandchild =
            new BufferedReader(
                    new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))
                .readLine();
        answer(message, text("child and " + grandchild));
      }
      default -> throw new IllegalArgumentException(tool);
    }
  }

  /** What the client answers, as it came. */
  private static String ask(String method) throws InterruptedException {
    String id = "\"" + method + HEARD.size() + "\"";
    BlockingQueue<String> answer = new LinkedBlockingQueue<>();
    ANSWERS.put(id, answer);
    say(
        "{\"jsonrpc\":\"2.0\",\"id\":"
            + id
            + ",\"method\":\""
            + method
            + "\",\"params\":{\"message\":\"Who?\"}}");
    return answer.take();
  }

  private static void notify(String method, String params) {
    say("{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":" + params + "}");
  }

  private static void answer(String message, String result) {
    say("{\"jsonrpc\":\"2.0\",\"id\":" + first(ID, message) + ",\"result\":" + result + "}");
  }

  private static String text(String text) {
    String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    return "{\"content\":[{\"type\":\"text\",\"text\":\"" + quoted + "\"}]}";
  }

  private static void say(String line) {
    synchronized (OUT) {
      OUT.println(line);
    }
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }
}
