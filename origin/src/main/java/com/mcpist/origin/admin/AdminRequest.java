package com.mcpist.origin.admin;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request of someone who may ask. The path is the parts after /api/admin/, as {@code [releases,
 * 0198…]}; the query has each parameter once; the body is empty where there is none.
 */
@SuppressWarnings("ArrayRecordComponent") // Requests are answered, never compared.
public record AdminRequest(
    String method, List<String> path, Map<String, String> query, byte[] body) {
  public static final String PREFIX = "/api/admin/";

  private static final int USUAL_LIMIT = 20;

  /** {@code path}: after the first slash for those who tell of events. */
  public static AdminRequest of(
      String method, String path, Map<String, String> query, byte[] body) {
    String rest = path.substring(path.startsWith(PREFIX) ? PREFIX.length() : 1);
    return new AdminRequest(method, List.of(rest.split("/", -1)), query, body);
  }

  /**
   * What it is about, as {@code lock}, or {@code mounts/approve} where something is done with one;
   * {@code one} says whether the path names one of them.
   */
  String resource() {
    return switch (path.size()) {
      case 1, 2 -> path.getFirst();
      case 3 -> path.getFirst() + "/" + path.getLast();
      default -> "";
    };
  }

  /**
   * The name of the one, which is percent-encoded in the path. Throws AdminProblem where it is not,
   * is empty, or has control characters: no name has, and the database takes no U+0000.
   */
  String name() throws AdminProblem {
    try {
      // A plus sign is a plus sign here: only forms write a space so.
      String name = URLDecoder.decode(path.get(1).replace("+", "%2B"), StandardCharsets.UTF_8);
      if (!name.isEmpty() && name.codePoints().noneMatch(Character::isISOControl)) {
        return name;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw AdminProblem.badRequest(
        "The path must end with a name, percent-encoded, without control characters.");
  }

  boolean one() {
    return path.size() == 2;
  }

  void only(String allowed) throws AdminProblem {
    if (!method.equals(allowed)) {
      throw AdminProblem.wrongMethod(allowed);
    }
  }

  @Nullable String limit() {
    return query.get("limit");
  }

  /** The last of the page before; null: this is the first. */
  @Nullable String after() {
    return query.get("after");
  }

  @Nullable Instant since() throws AdminProblem {
    @Nullable String since = query.get("since");
    try {
      return since == null ? null : Instant.parse(since);
    } catch (DateTimeParseException e) {
      throw AdminProblem.badRequest("since must be an instant, as 2027-01-31T12:00:00Z.");
    }
  }

  /** Those asked for, with a comma between two; all where none are. */
  List<String> kinds(List<String> all) throws AdminProblem {
    @Nullable String asked = query.get("kind");
    List<String> kinds = asked == null ? all : List.of(asked.split(",", -1));
    if (!all.containsAll(kinds)) {
      throw AdminProblem.badRequest("kind must be of " + String.join(", ", all) + ".");
    }
    return kinds;
  }

  int limit(int most) throws AdminProblem {
    @Nullable String limit = limit();
    if (limit == null) {
      return USUAL_LIMIT;
    }
    int asked = limit.matches("[0-9]{1,4}") ? Integer.parseInt(limit) : 0;
    if (asked < 1 || asked > most) {
      throw AdminProblem.badRequest("limit must be a whole number from 1 to " + most + ".");
    }
    return asked;
  }
}
