package com.mcpist.origin.mount.client;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** How the revision is agreed on, in both eras. */
final class Handshake {
  static final String DISCOVER = "server/discover";
  static final String LISTEN = "subscriptions/listen";

  private static final List<String> OLDER =
      List.of("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05");

  /** What a server lists, as in notifications/tools/list_changed. */
  static final Set<String> LISTS = Set.of("tools", "prompts", "resources");

  /** The bytes of what a server says of itself, beside its instructions: it is kept. */
  private static final int MOST_BYTES = 64 * 1024;

  /** The characters of a server's instructions that are kept, since each client reads them all. */
  private static final int MOST_INSTRUCTIONS = 2_000;

  private static final String META = "io.modelcontextprotocol/";
  private static final String VERSION = META + "protocolVersion";
  private static final String CLIENT = META + "clientInfo";
  private static final String ABILITIES = META + "clientCapabilities";
  private static final String SERVER = META + "serverInfo";

  private Handshake() {}

  /** Sends a request, and returns its result. */
  interface Sender {
    ObjectNode send(String method, ObjectNode params) throws MountException, InterruptedException;
  }

  /** By initialize: with the newest revision, or else with one that the refusal names. */
  static Hello initialize(Sender sender) throws MountException, InterruptedException {
    try {
      return initialize(sender, OLDER.getFirst());
    } catch (MountException e) {
      JsonNode data = e.data();
      JsonNode supported = data == null ? Wire.object() : data.path("supported");
      Optional<String> older =
          OLDER.stream().filter(revision -> names(supported, revision)).findFirst();
      if (older.isEmpty() || older.get().equals(OLDER.getFirst())) {
        throw e;
      }
      return initialize(sender, older.get());
    }
  }

  private static Hello initialize(Sender sender, String revision)
      throws MountException, InterruptedException {
    ObjectNode params = Wire.object().put("protocolVersion", revision);
    params.set("capabilities", abilities());
    params.set("clientInfo", client());
    ObjectNode result = sender.send("initialize", params);
    String agreed = result.path("protocolVersion").asString("");
    if (!OLDER.contains(agreed)) {
      throw MountException.answered(
          Wire.INTERNAL_ERROR, "it speaks a revision of MCP that is not known here");
    }
    return hello(agreed, result, Wire.object(result, "serverInfo"));
  }

  /** By server/discover. */
  static Hello discover(Sender sender) throws MountException, InterruptedException {
    ObjectNode result = sender.send(DISCOVER, modern(Wire.object()));
    if (!names(result.path("supportedVersions"), Hello.MODERN)) {
      throw MountException.answered(Wire.INTERNAL_ERROR, "it does not speak " + Hello.MODERN);
    }
    return hello(Hello.MODERN, result, Wire.object(Wire.object(result, "_meta"), SERVER));
  }

  private static Hello hello(String revision, ObjectNode result, ObjectNode server)
      throws MountException {
    ObjectNode capabilities = Wire.object(result, "capabilities");
    if (Wire.bytes(capabilities).length + Wire.bytes(server).length > MOST_BYTES) {
      throw MountException.notSent("its capabilities and its serverInfo take more than 64 KiB");
    }
    String instructions =
        result
            .path("instructions")
            .asString("")
            .codePoints()
            .limit(MOST_INSTRUCTIONS)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    return new Hello(revision, capabilities, server, instructions);
  }

  private static boolean names(JsonNode revisions, String revision) {
    return revisions instanceof ArrayNode array
        && array.valueStream().anyMatch(each -> each.asString("").equals(revision));
  }

  /** The parameters with what each request of the newest revision says, unless they say it. */
  static ObjectNode modern(ObjectNode params) {
    ObjectNode meta = Wire.object(params, "_meta").deepCopy();
    meta.put(VERSION, Hello.MODERN);
    meta.putIfAbsent(CLIENT, client());
    meta.putIfAbsent(ABILITIES, abilities());
    params.set("_meta", meta);
    return params;
  }

  /** A copy of the parameters that asks for progress under this token. */
  static ObjectNode params(ObjectNode params, long token, boolean modern) {
    ObjectNode copy = Wire.object().setAll(params);
    ObjectNode meta = Wire.object(params, "_meta").deepCopy();
    copy.set("_meta", meta.put("progressToken", token));
    return modern ? modern(copy) : copy;
  }

  /** Whether the server tells of changes to its lists, or to resources. */
  static boolean offersChanges(Hello hello) {
    return hello.capabilities().at("/resources/subscribe").asBoolean(false)
        || LISTS.stream()
            .anyMatch(list -> hello.capabilities().path(list).path("listChanged").asBoolean(false));
  }

  /** The parameters of subscriptions/listen that ask for all such changes. */
  static ObjectNode listen() {
    ObjectNode params = Wire.object();
    ObjectNode wanted = params.putObject("notifications");
    LISTS.forEach(list -> wanted.put(list + "ListChanged", true));
    return modern(params);
  }

  private static ObjectNode client() {
    return Wire.object().put("name", "mcpist").put("version", "1");
  }

  /** What may be asked; a call whose client cannot answer answers with an error. */
  private static ObjectNode abilities() {
    ObjectNode abilities = Wire.object();
    ObjectNode elicitation = abilities.putObject("elicitation");
    elicitation.putObject("form");
    elicitation.putObject("url");
    abilities.putObject("sampling");
    abilities.putObject("roots");
    return abilities;
  }
}
