package com.mcpist.origin.alert;

import com.mcpist.origin.admin.Events;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/** Events as people read them. Pure. */
final class AlertText {
  private static final int LONGEST_LINE = 500;

  /** With what is said of the rest, Discord takes it: 2,000 characters. */
  private static final int LONGEST_LINES = 1_200;

  private AlertText() {}

  /** The first ones whole; of those that have no room, how many of each kind, and the last one. */
  static String lines(List<ObjectNode> events) {
    if (events.size() == 1) {
      return line(events.getFirst());
    }
    StringBuilder text = new StringBuilder(events.size() + " alerts");
    int shown = 0;
    for (ObjectNode event : events) {
      String line = line(event);
      if (text.length() + line.length() >= LONGEST_LINES) {
        break;
      }
      text.append('\n').append(line);
      shown++;
    }
    List<ObjectNode> rest = events.subList(shown, events.size());
    if (!rest.isEmpty()) {
      Map<String, Long> counts =
          rest.stream()
              .collect(
                  Collectors.groupingBy(
                      AlertText::kind, LinkedHashMap::new, Collectors.counting()));
      text.append("\nand %d more:".formatted(rest.size()));
      counts.forEach((kind, count) -> text.append(" %d %s".formatted(count, kind)));
      text.append("\nlast: ").append(line(rest.getLast()));
    }
    return text.toString();
  }

  static String line(ObjectNode event) {
    String at = event.path(isOver(event) ? "ended" : "at").asString();
    String line = Instant.parse(at).truncatedTo(ChronoUnit.SECONDS) + " " + what(event);
    line = line.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ");
    if (line.length() <= LONGEST_LINE) {
      return line;
    }
    int end = LONGEST_LINE - 1;
    return line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  private static String what(ObjectNode event) {
    String message = event.path("message").asString();
    String origin = event.path("origin").asString("");
    return switch (kind(event)) {
      case "failover" ->
          (isOver(event) ? "%s: %s had failed (%s); %s" : "%s: %s failed (%s), %s")
              .formatted(
                  watched(event, "switched", "back"),
                  origin,
                  event.path("data").path("cause").asString("the cause is not known"),
                  message);
      case "outage" -> "%s: %s: %s".formatted(watched(event, "down", "up"), origin, message);
      case "death" -> (isOver(event) ? "up: " : "down: ") + message + lasted(event);
      case "warning" -> watched(event, "warning", "over") + ": " + message;
      case "database" -> "database back: " + message + lasted(event);
      case "failure" -> "failed: " + message;
      case "recovery" -> "recovered: " + message;
      default -> kind(event) + ": " + message;
    };
  }

  /** How something is that is watched, or no longer is. A key that has expired stays a problem. */
  private static String watched(ObjectNode event, String begun, String well) {
    boolean goesOn = !isOver(event) || end(event).equals("expired");
    return goesOn ? begun : isGood(event) ? well : "no longer watched";
  }

  private static String lasted(ObjectNode event) {
    if (!isOver(event)) {
      return "";
    }
    Instant at = Instant.parse(event.path("at").asString());
    Duration lasted = Duration.between(at, Instant.parse(event.path("ended").asString()));
    return ", for %d s".formatted(lasted.toSeconds());
  }

  /** Whether somebody should look at once. */
  static boolean bad(ObjectNode event) {
    return Events.lasts(kind(event))
        ? !isGood(event)
        : Set.of("failure", "lost").contains(kind(event));
  }

  /** Whether what lasted ended well: neither by a drain, nor by silence, nor by a key's end. */
  private static boolean isGood(ObjectNode event) {
    return isOver(event) && (kind(event).equals("death") || end(event).equals("recovered"));
  }

  private static String end(ObjectNode event) {
    return event.path("data").path("end").asString("");
  }

  private static String kind(ObjectNode event) {
    return event.path("kind").asString();
  }

  private static boolean isOver(ObjectNode event) {
    return !event.path("ended").isNull();
  }
}
