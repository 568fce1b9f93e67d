package com.mcpist.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An MCP server on standard input and output, as a program of its own, whose tools answer with as
 * much as they may: {@code read} only reads, {@code act} acts, and adds a line to the file FILE
 * each time. Their argument {@code kind} is the name of an {@link Answer}.
 */
public final class LargeServer {
  private static final Pattern ID = Pattern.compile("\"id\":([0-9]+)");
  private static final Pattern KIND = Pattern.compile("\"kind\":\"([A-Z_]+)\"");
  private static final String HELLO =
      "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
          + "\"serverInfo\":{\"name\":\"large\",\"version\":\"1\"}}";
  private static final String TOOLS =
      "{\"tools\":[{\"name\":\"read\",\"inputSchema\":{\"type\":\"object\"},"
          + "\"annotations\":{\"readOnlyHint\":true}},"
          + "{\"name\":\"act\",\"inputSchema\":{\"type\":\"object\"}}]}";

  private static final int LENGTH = 3_900_000;

  /** Of a message that has fewer tokens than may be read. */
  private static final int TOKENS = 190_000;

  /** What an answer consists of, beside its head. */
  public enum Answer {
    SMALL(1, "\"x\""),
    TEXT(1, "\"", LENGTH, "x", "\""),
    TEXT_OF_A_MEBIBYTE(1, "\"", 1_000_000, "x", "\""),
    WIDE_TEXT(1, "\"字", LENGTH, "x", "\""),
    OTHER_SCRIPT(1, "\"", LENGTH / 3, "字", "\""),
    ESCAPES(1, "\"", LENGTH / 6, "\\u0001", "\""),
    WIDE_ESCAPES(1, "\"", LENGTH / 6, "\\u5b57", "\""),
    NUMBERS(TOKENS, "1"),
    LONG_NUMBERS(LENGTH / 50, "1234567890123456789012345678901234567890.12345e-7"),
    FLOATS(TOKENS, "1.5"),
    STRINGS(TOKENS, "\"字xxxxxxxxxxxxx\""),
    EMPTY_STRINGS(TOKENS, "\"\""),
    EMPTY_ARRAYS(TOKENS / 2, "[]"),
    EMPTY_OBJECTS(TOKENS / 2, "{}"),
    OBJECTS(TOKENS / 4, "{\"a\":1}"),
    NAMED_OBJECTS(TOKENS / 4, "{\"字" + "n".repeat(70) + "\":1}"),
    DEEP(TOKENS / 110, "[".repeat(55) + "]".repeat(55)),
    DEEP_OBJECTS(TOKENS / 160, "{\"a\":".repeat(53) + "1" + "}".repeat(53)),
    /** More than may be read. */
    TOO_MANY_NUMBERS(LENGTH / 2, "1"),
    TOO_DEEP(1, "[".repeat(1_900_000) + "]".repeat(1_900_000));

    private final int count;
    private final String begin;
    private final int times;
    private final String part;
    private final String end;

    Answer(int count, String value) {
      this(count, value, 0, "", "");
    }

    Answer(int count, String begin, int times, String part, String end) {
      this.count = count;
      this.begin = begin;
      this.times = times;
      this.part = part;
      this.end = end;
    }

    /** Those that can be passed on. */
    public static List<Answer> readable() {
      return Stream.of(values()).filter(a -> a.compareTo(TOO_MANY_NUMBERS) < 0).toList();
    }

    /** Returns the result as the server writes it. */
    public String result() {
      var whole = new StringBuilder();
      try {
        write(whole);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return whole.toString();
    }

    /** Writes the result piece by piece, so that the server needs little memory for it. */
    private void write(Appendable out) throws IOException {
      out.append("{\"content\":[],\"structuredContent\":{\"large\":[");
      for (int value = 0; value < count; value++) {
        out.append(value == 0 ? "" : ",").append(begin);
        for (int time = 0; time < times; time++) {
          out.append(part);
        }
        out.append(end);
      }
      out.append("]}}");
    }
  }

  private LargeServer() {}

  /** How it is started, for mounts.json. */
  public static List<String> command() {
    var place = Objects.requireNonNull(LargeServer.class.getProtectionDomain().getCodeSource());
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xmx16m",
        "-cp",
        Path.of(place.getLocation().getPath()).toString(),
        LargeServer.class.getName());
  }

  /** The text of mounts.json with this server alone, as {@code large}. */
  public static String mounts(Path acts) {
    String words =
        command().stream().skip(1).map(LargeServer::quoted).collect(Collectors.joining(","));
    return ("{\"mcpServers\":{\"large\":{\"command\":%s,\"args\":[%s],"
            + "\"env\":{\"FILE\":%s},\"memory_mib\":1024}}}")
        .formatted(quoted(command().getFirst()), words, quoted(acts.toString()));
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  public static void main(String[] arguments) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    var out = new BufferedWriter(new OutputStreamWriter(System.out, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String id = first(ID, line);
      if (!id.isEmpty()) {
        out.append("{\"jsonrpc\":\"2.0\",\"id\":").append(id).append(",\"result\":");
        answer(line, out);
        out.append("}\n").flush();
      }
    }
  }

  private static void answer(String message, Appendable out) throws IOException {
    if (message.contains("\"method\":\"initialize\"")) {
      out.append(HELLO);
    } else if (message.contains("\"method\":\"tools/list\"")) {
      out.append(TOOLS);
    } else if (message.contains("\"method\":\"tools/call\"")) {
      if (message.contains("\"name\":\"act\"")) {
        Path file = Path.of(System.getenv("FILE"));
        Files.writeString(file, "acted\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
      Answer.valueOf(first(KIND, message)).write(out);
    } else {
      out.append("{}");
    }
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "";
  }
}
