package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.Failure;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The servers of Claude Desktop's, Claude Code's, Cursor's or VS Code's file, as mounts.json has
 * them.
 *
 * @param notes what is left out, a sentence each
 */
record ForeignFile(Map<String, ObjectNode> servers, List<String> notes) {
  private static final JsonMapper LENIENT =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
          .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
          .build();

  private static final List<String> KEYS =
      List.of(
          "type",
          "command",
          "args",
          "env",
          "cwd",
          "url",
          "headers",
          "per_user",
          "pin",
          "timeout_seconds",
          "memory_mib",
          "tools");

  /** VS Code's and Cursor's own way of writing a reference, but what follows env: is a name. */
  private static final Pattern OTHERS_REFERENCE =
      Pattern.compile("\\$\\{(?:env:)?([A-Za-z_]\\w*)(:-[^}]*)?}");

  private static final Pattern INPUT = Pattern.compile("\\$\\{(input|command|config):[^}]*}");
  private static final Pattern FOLDER =
      Pattern.compile("\\$\\{(workspaceFolder|workspaceRoot|userHome|cwd|file|__dirname)[^}]*}");

  static ForeignFile read(Path path, PlainSecrets secrets) throws Failure {
    JsonNode file;
    try {
      file = LENIENT.readTree(Files.readString(path));
    } catch (NoSuchFileException _) {
      throw Failure.usage("there is no file " + path + ".");
    } catch (IOException e) {
      throw Failure.usage(path + " cannot be read as UTF-8 text: " + e.getMessage() + ".");
    } catch (JacksonException e) {
      throw Failure.usage(
          "%s:%d:%d: is not JSON: %s"
              .formatted(
                  path,
                  e.getLocation().getLineNr(),
                  e.getLocation().getColumnNr(),
                  e.getOriginalMessage()));
    }
    JsonNode servers =
        Stream.of("/mcpServers", "/servers", "/mcp/servers")
            .map(file::at)
            .filter(JsonNode::isObject)
            .findFirst()
            .orElseThrow(
                () ->
                    Failure.usage(
                        path
                            + " has no mcpServers, as Claude's and Cursor's files have, and no"
                            + " servers, as VS Code's has."));
    ForeignFile read = new ForeignFile(new LinkedHashMap<>(), new ArrayList<>());
    for (Map.Entry<String, JsonNode> server : servers.properties()) {
      read.add(server.getKey(), server.getValue(), secrets);
    }
    return read;
  }

  private void add(String theirs, JsonNode server, PlainSecrets secrets) throws Failure {
    if (server.path("disabled").asBoolean(false)) {
      notes.add(theirs + " is disabled there, and left out.");
      return;
    }
    String name = name(theirs);
    if (!name.equals(theirs)) {
      notes.add(theirs + " is called " + name + " here.");
    }
    refuse(theirs, server);
    ObjectNode mine = JsonMapper.shared().createObjectNode();
    List<String> unknown = new ArrayList<>();
    server.forEachEntry(
        (key, value) -> {
          if (KEYS.contains(key)) {
            mine.set(key, referring(value));
          } else {
            unknown.add(key);
          }
        });
    if (!unknown.isEmpty()) {
      notes.add(theirs + ": " + String.join(", ", unknown) + " is left out.");
    }
    if (mine.path("type").asString("").matches("(?i)streamable-?http")) {
      mine.put("type", "http");
    }
    hide(mine.path("env"), (key, value) -> secrets.variable(name, key, value));
    hide(mine.path("headers"), (key, value) -> secrets.header(name, key, value));
    if (servers.putIfAbsent(name, mine) != null) {
      throw Failure.usage("two servers there would be called " + name + ": rename one.");
    }
  }

  static String name(String theirs) {
    String plain = theirs.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String led = plain.replaceAll("^-+", "").replaceAll("^(?=[0-9]|$)", "m");
    return led.substring(0, Math.min(led.length(), 32)).replaceAll("-+$", "");
  }

  private static void refuse(String theirs, JsonNode server) throws Failure {
    if (server.path("type").asString("").equals("sse")) {
      throw Failure.usage(
          theirs
              + " is of type sse, HTTP+SSE of 2024, which is not supported: give its Streamable"
              + " HTTP address with type http, or `npx -y mcp-remote URL` as its command. Nothing"
              + " is imported.");
    }
    Matcher input = INPUT.matcher(server.toString());
    if (input.find()) {
      throw Failure.usage(
          "%s has %s, for which VS Code asks a person: write a variable instead, such as ${%s}, and set it in the environment. Nothing is imported."
              .formatted(theirs, input.group(), suggested(input.group())));
    }
    Matcher folder = FOLDER.matcher(server.toString());
    if (folder.find()) {
      throw Failure.usage(
          "%s has %s, which only an editor knows: write the path. Nothing is imported."
              .formatted(theirs, folder.group()));
    }
  }

  private static String suggested(String input) {
    String name = input.replaceFirst(".*:", "").replaceAll("[^A-Za-z0-9]+", "_");
    return name.replaceAll("^_+|_+$", "").toUpperCase(Locale.ROOT);
  }

  private static JsonNode referring(JsonNode value) {
    String text =
        OTHERS_REFERENCE
            .matcher(value.toString())
            .replaceAll(
                found ->
                    Matcher.quoteReplacement(
                        "${"
                            + found.group(1).toUpperCase(Locale.ROOT)
                            + Objects.requireNonNullElse(found.group(2), "")
                            + "}"));
    return JsonMapper.shared().readTree(text);
  }

  private interface Hiding {
    String of(String key, String value);
  }

  private static void hide(JsonNode texts, Hiding hiding) {
    if (texts instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> one : List.copyOf(object.properties())) {
        if (one.getValue().isString()) {
          object.put(one.getKey(), hiding.of(one.getKey(), one.getValue().asString()));
        }
      }
    }
  }
}
