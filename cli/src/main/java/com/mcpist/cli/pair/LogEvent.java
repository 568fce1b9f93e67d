package com.mcpist.cli.pair;

import module java.base;

import com.mcpist.cli.console.Output;
import com.mcpist.cli.console.Terminal;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a program has said at once. The prefix is LOG_PREFIX, or else the program's name; the error
 * is what it has said in further lines, such as a stack trace. A line without a time, which a JVM
 * may write, has the time of the event before, and no level.
 */
record LogEvent(
    Instant at,
    String program,
    String prefix,
    @Nullable String level,
    @Nullable String logger,
    String message,
    @Nullable String error) {
  /** As origin, edge and supervisor write it. */
  private static final Pattern OURS =
      Pattern.compile(
          "(?:(?<prefix>.{1,128}?) )??(?<at>\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z) (?<level>[A-Z]+) +"
              + "(?<logger>\\S+) (?<message>.*)");

  private static final Pattern POSTGRES =
      Pattern.compile(
          "(?<at>[\\d-]{10} [\\d:.]+) UTC \\[\\d+\\] (?<level>[A-Z0-9]+): +(?<message>.*)");

  /** All programs indent what goes on, after the prefix. */
  private static final Pattern INDENTED = Pattern.compile("[^\t]{0,129}\t(.*)");

  private static final Pattern CALL =
      Pattern.compile("\\b[Cc]all ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\b");

  private static final DateTimeFormatter AT =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** What a line adds to the event before it; empty where it begins one. */
  static Optional<String> continued(String line) {
    Matcher postgres = POSTGRES.matcher(line);
    if (postgres.matches()) {
      String level = postgres.group("level");
      return level(level) == null
          ? Optional.of(level + ": " + postgres.group("message"))
          : Optional.empty();
    }
    Matcher indented = INDENTED.matcher(line);
    return indented.matches() && !OURS.matcher(line).matches()
        ? Optional.of(indented.group(1))
        : Optional.empty();
  }

  /** The event that a line begins; before: the time of the one before. */
  static LogEvent begun(String line, String program, Instant before) {
    String tag = "[" + program + "]";
    Matcher ours = OURS.matcher(line);
    if (ours.matches()) {
      String prefix = Objects.requireNonNullElse(ours.group("prefix"), tag);
      Instant at = instant(ours.group("at"), before);
      String message = ours.group("message");
      return new LogEvent(
          at, program, prefix, ours.group("level"), ours.group("logger"), message, null);
    }
    Matcher postgres = POSTGRES.matcher(line);
    if (postgres.matches()) {
      Instant at = instant(postgres.group("at").replace(' ', 'T') + "Z", before);
      String level = level(postgres.group("level"));
      return new LogEvent(at, program, tag, level, null, postgres.group("message"), null);
    }
    return new LogEvent(before, program, tag, null, null, line, null);
  }

  private static Instant instant(String text, Instant before) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException _) {
      return before; // It only looks like one.
    }
  }

  /** PostgreSQL's level as ours; null for what belongs to the line before. */
  private static @Nullable String level(String postgres) {
    return switch (postgres) {
      case "DETAIL", "HINT", "QUERY", "CONTEXT", "LOCATION", "BACKTRACE", "STATEMENT" -> null;
      case "ERROR", "FATAL", "PANIC" -> "ERROR";
      case "WARNING" -> "WARN";
      case "LOG", "INFO", "NOTICE" -> "INFO";
      default -> "DEBUG";
    };
  }

  LogEvent with(String more) {
    String all = error == null ? more : error + "\n" + more;
    return new LogEvent(at, program, prefix, level, logger, message, all);
  }

  ObjectNode json() {
    Matcher call = CALL.matcher(message);
    return Output.object()
        .put("at", AT.format(at))
        .put("program", program)
        .put("level", level)
        .put("logger", logger)
        .put("message", message)
        .put("callId", call.find() ? call.group(1) : null)
        .put("error", error);
  }

  /** One line; of an error the first. */
  String text(Terminal terminal, int width) {
    StringBuilder text = new StringBuilder(prefix);
    text.repeat(' ', Math.max(0, width - prefix.length()));
    text.append(' ').append(AT.format(at)).append(' ').append(shownLevel(terminal)).append(' ');
    if (logger != null) {
      text.append(logger).append(' ');
    }
    text.append(message);
    if (error != null) {
      text.append(": ").append(error.lines().findFirst().orElse(""));
    }
    return text.toString();
  }

  private String shownLevel(Terminal terminal) {
    String shown = String.format(Locale.ROOT, "%-5s", level == null ? "" : level);
    return switch (shown.strip()) {
      case "ERROR" -> terminal.red(shown);
      case "WARN" -> terminal.yellow(shown);
      default -> shown;
    };
  }
}
