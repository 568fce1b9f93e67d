package com.mcpist.origin.admin;

import com.mcpist.origin.mcp.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads one JSON object strictly: a field that is missing, of another type, too long, or unknown is
 * refused by name. Unknown ones are known once all others were read: {@link #end}.
 */
final class Fields {
  /** The most characters of a name, say, and of a sentence. */
  static final int SHORT = 200;

  static final int LONG = 4_000;

  private static final int LONGEST_NAME = 60;

  private static final int MOST_DATA = 20;

  /** The year after the last that ISO 8601 writes with four digits. */
  private static final Instant TOO_LATE = Instant.parse("+10000-01-01T00:00:00Z");

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final JsonNode object;
  private final String path;
  private final Set<String> read = new HashSet<>();

  private Fields(JsonNode object, String path) {
    this.object = object;
    this.path = path;
  }

  static Fields of(byte[] body) throws AdminProblem {
    JsonNode json;
    try {
      json = MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw AdminProblem.badRequest(Json.problem(e) + ".");
    }
    return of(json, "");
  }

  private static Fields of(JsonNode json, String path) throws AdminProblem {
    if (!json.isObject()) {
      throw AdminProblem.badRequest(
          path.isEmpty() ? "The body must be a JSON object." : path + " must be an object.");
    }
    return new Fields(json, path.isEmpty() ? "" : path + ".");
  }

  boolean has(String name) {
    return object.has(name);
  }

  /** A text of at most so many characters, which may be empty. */
  String text(String name, int most) throws AdminProblem {
    return text(name, get(name), most);
  }

  /** As {@link #text}, with something in it. */
  String name(String name, int most) throws AdminProblem {
    String text = text(name, most);
    if (text.isBlank()) {
      throw wrong(name, "must not be blank");
    }
    return text;
  }

  /** As {@link #text}; null where it is null or absent. */
  @Nullable String textIfAny(String name, int most) throws AdminProblem {
    read.add(name);
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : text(name, value, most);
  }

  /** An instant in ISO 8601, in the year 9999 at the latest; null where it is null or absent. */
  @Nullable Instant instantIfAny(String name) throws AdminProblem {
    @Nullable String text = textIfAny(name, LONGEST_NAME);
    if (text == null) {
      return null;
    }
    try {
      Instant instant = Instant.parse(text);
      if (instant.isBefore(TOO_LATE)) {
        return instant;
      }
    } catch (DateTimeParseException e) {
      // Said below.
    }
    throw wrong(name, "must be an instant before the year 10000, as 2027-01-31T12:00:00Z, or null");
  }

  private String text(String name, JsonNode value, int most) throws AdminProblem {
    if (!value.isString()) {
      throw wrong(name, "must be a string");
    }
    String text = value.stringValue();
    if (text.length() > most) {
      throw wrong(name, "may have at most " + most + " characters");
    }
    if (text.codePoints().anyMatch(Fields::unstorable)) {
      throw wrong(name, "contains a character that is none (U+0000 or half a surrogate pair)");
    }
    return text;
  }

  private static boolean unstorable(int c) {
    return c == 0 || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
  }

  String oneOf(String name, List<String> values) throws AdminProblem {
    return string(name, values::contains, "must be one of " + String.join(", ", values));
  }

  String matching(String name, Pattern form, String problem) throws AdminProblem {
    return string(name, form.asMatchPredicate(), problem);
  }

  private String string(String name, Predicate<String> fits, String problem) throws AdminProblem {
    JsonNode value = get(name);
    if (!value.isString() || !fits.test(value.stringValue())) {
      throw wrong(name, problem);
    }
    return value.stringValue();
  }

  List<String> texts(String name, int most, Pattern form) throws AdminProblem {
    JsonNode value = array(name, most, "strings");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      JsonNode text = value.get(i);
      if (!text.isString() || !form.matcher(text.stringValue()).matches()) {
        throw wrong(name + "[" + i + "]", "must match " + form);
      }
      texts.add(text.stringValue());
    }
    return texts;
  }

  UUID uuid(String name) throws AdminProblem {
    return uuid(path + name, string(name, any -> true, "must be a UUID"));
  }

  /** Reads a UUID in its canonical form: the JDK also takes short ones. */
  static UUID uuid(String what, String text) throws AdminProblem {
    try {
      UUID id = UUID.fromString(text);
      if (id.toString().equalsIgnoreCase(text)) {
        return id;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw AdminProblem.badRequest(what + " must be a UUID.");
  }

  int number(String name, int least, int most) throws AdminProblem {
    JsonNode value = get(name);
    if (!value.isIntegralNumber()
        || !value.canConvertToInt()
        || value.intValue() < least
        || value.intValue() > most) {
      throw wrong(name, "must be a whole number from " + least + " to " + most);
    }
    return value.intValue();
  }

  /** An object of whole numbers and texts; empty where it is null or absent. */
  ObjectNode dataIfAny(String name) throws AdminProblem {
    read.add(name);
    JsonNode value = object.path(name);
    ObjectNode data = Json.object();
    if (value.isMissingNode() || value.isNull()) {
      return data;
    }
    if (!value.isObject() || value.size() > MOST_DATA) {
      throw wrong(name, "must be an object of at most " + MOST_DATA + " numbers and texts");
    }
    for (Map.Entry<String, JsonNode> each : value.properties()) {
      if (!each.getKey().matches("[A-Za-z]{1,60}")) {
        throw wrong(name, "may have names of letters only");
      }
      if (each.getValue().isIntegralNumber() && each.getValue().canConvertToLong()) {
        data.put(each.getKey(), each.getValue().longValue());
      } else {
        data.put(each.getKey(), text(name + "." + each.getKey(), each.getValue(), LONG));
      }
    }
    return data;
  }

  List<Fields> list(String name, int most) throws AdminProblem {
    JsonNode value = array(name, most, "objects");
    List<Fields> objects = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      objects.add(of(value.get(i), path + name + "[" + i + "]"));
    }
    return objects;
  }

  private JsonNode array(String name, int most, String what) throws AdminProblem {
    JsonNode value = get(name);
    if (!value.isArray() || value.size() > most) {
      throw wrong(name, "must be a list of at most " + most + " " + what);
    }
    return value;
  }

  void end() throws AdminProblem {
    for (String name : object.propertyNames()) {
      if (!read.contains(name)) {
        throw AdminProblem.badRequest("Unknown field: " + path + shown(name) + ".");
      }
    }
  }

  private JsonNode get(String name) throws AdminProblem {
    read.add(name);
    JsonNode value = object.get(name);
    if (value == null) {
      throw wrong(name, "is missing");
    }
    return value;
  }

  private AdminProblem wrong(String name, String problem) {
    return AdminProblem.badRequest(path + name + " " + problem + ".");
  }

  private static String shown(String name) {
    String cut = name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    return cut.replaceAll("\\p{C}", "?");
  }
}
