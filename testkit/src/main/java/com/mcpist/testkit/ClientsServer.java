package com.mcpist.testkit;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** An origin's admin path, as far as it is about keys, plans, users and memories. */
public final class ClientsServer implements AutoCloseable {
  private static final String PREFIX = "/api/admin/";

  /** When it is here. */
  private static final Instant NOW = Instant.parse("2026-11-25T00:00:00Z");

  private static final int FINGERPRINT = 16;
  private static final int MOST = 1000;
  private static final int PAGE = 40;

  private final FaultServer server = FaultServer.start();
  private final String secret;
  private final String token;
  private final List<ObjectNode> keys = new ArrayList<>();
  private final List<String> digests = new ArrayList<>();
  private final Map<String, ObjectNode> plans = new TreeMap<>();
  private final Map<String, String> users = new TreeMap<>();
  private final Map<String, Long> stored = new TreeMap<>();
  private final Map<String, Map<String, ObjectNode>> memories = new TreeMap<>();
  private int room = Integer.MAX_VALUE;

  /**
   * An origin without keys.
   *
   * @param secret the gateway secret
   * @param token the admin token
   */
  public ClientsServer(String secret, String token) {
    this.secret = secret;
    this.token = token;
    plans.put("standard", plan(300, 50, 100));
    server.handle(this::answer);
  }

  /** Where it is. */
  public String url() {
    return server.url();
  }

  /** What it has been asked, each request as it was on the wire. */
  public List<HttpMessage> requests() {
    return server.requests();
  }

  /** The digests of the keys that were made, in order. */
  public synchronized List<String> digests() {
    return List.copyOf(digests);
  }

  /** Lets a user have stored so many bytes. */
  public synchronized void store(String user, long bytes) {
    stored.put(user, bytes);
  }

  /** A user's memories, in the order in which they were stored. */
  public synchronized List<ObjectNode> memories(String user) {
    return List.copyOf(memories.getOrDefault(user, Map.of()).values());
  }

  /** Lets a user have so many memories at most. */
  public synchronized void limit(int most) {
    room = most;
  }

  private synchronized Behaviour answer(HttpMessage message) {
    if (!message.header("X-Gateway-Secret").orElse("").equals(secret)) {
      return problem(403, "forbidden", "No.");
    }
    if (!message.header("Authorization").orElse("").equals("Bearer " + token)) {
      return problem(401, "unauthorized", "Who?");
    }
    String[] target = message.target().split("\\?", 2);
    String[] path = target[0].substring(PREFIX.length()).split("/", -1);
    Map<String, String> query = query(target.length > 1 ? target[1] : "");
    String one = path.length > 1 ? path[1] : "";
    return switch (message.method() + " " + path[0]) {
      case "POST keys" -> add((ObjectNode) JsonMapper.shared().readTree(message.body()));
      case "GET keys" -> Behaviour.answer(200, keys(query).toString());
      case "GET digests" -> Behaviour.answer(200, ofDigest(one).toString());
      case "DELETE keys" -> revoke(one);
      case "GET plans" -> Behaviour.answer(200, plans(query).toString());
      case "PUT plans" -> {
        ObjectNode plan = (ObjectNode) JsonMapper.shared().readTree(message.body());
        if (!plan.has("storageMib")) {
          ObjectNode before = plans.getOrDefault(one, plan(1, 1, 100));
          plan.put("storageMib", before.path("storageMib").asInt());
        }
        plans.put(one, plan);
        yield Behaviour.answer(200, "{}");
      }
      case "GET users" -> Behaviour.answer(200, storage(query).toString());
      case "PUT users" -> give(one, JsonMapper.shared().readTree(message.body()));
      case "GET memories" -> Behaviour.answer(200, memories(one, query).toString());
      case "POST memories" -> store(one, JsonMapper.shared().readTree(message.body()));
      default -> problem(404, "not_found", "There is nothing at this path.");
    };
  }

  private Behaviour add(ObjectNode asked) {
    int known = digests.indexOf(asked.path("digest").asString(""));
    if (known >= 0) {
      return Behaviour.answer(201, keys.get(known).toString());
    }
    String name = asked.path("name").asString("");
    if (find(name, true) != null) {
      return problem(409, "name_taken", "Another key has this name.");
    }
    digests.add(asked.path("digest").asString(""));
    asked.remove("digest");
    asked.put("fingerprint", digests.getLast().substring(0, FINGERPRINT));
    asked.put("id", UUID.randomUUID().toString());
    asked.put("created", NOW.plusSeconds(keys.size()).toString());
    keys.add(asked);
    return Behaviour.answer(201, asked.toString());
  }

  private @Nullable ObjectNode find(String nameOrId, boolean working) {
    return keys.stream()
        .filter(
            key ->
                key.path("id").asString("").equals(nameOrId)
                    || key.path("name").asString("").equals(nameOrId))
        .filter(key -> !working || !key.has("revoked"))
        .reduce((earlier, later) -> later)
        .orElse(null);
  }

  private static Map<String, String> query(String text) {
    Map<String, String> query = new HashMap<>();
    for (String pair : text.isEmpty() ? new String[0] : text.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  /** What is behind {@code after}, as much as {@code limit} says. */
  private static void page(
      List<ObjectNode> all, String name, Map<String, String> query, ArrayNode page) {
    String after = query.get("after");
    all.stream()
        .dropWhile(one -> after != null && !one.path(name).asString("").equals(after))
        .skip(after == null ? 0 : 1)
        .limit(Integer.parseInt(query.getOrDefault("limit", Integer.toString(MOST))))
        .forEach(page::add);
  }

  private static boolean works(ObjectNode key) {
    String end = key.path("expires").asString("");
    return !key.has("revoked") && (end.isEmpty() || Instant.parse(end).isAfter(NOW));
  }

  private static ObjectNode full(ObjectNode key) {
    return key.has("revoked") ? key : key.deepCopy().putNull("revoked");
  }

  private ObjectNode keys(Map<String, String> query) {
    List<ObjectNode> working = keys.reversed().stream().filter(ClientsServer::works).toList();
    List<ObjectNode> sorted = new ArrayList<>(working);
    keys.reversed().stream().filter(key -> !works(key)).forEach(sorted::add);
    ObjectNode all =
        JsonMapper.shared()
            .createObjectNode()
            .put("total", keys.size())
            .put("working", working.size());
    page(sorted.stream().map(ClientsServer::full).toList(), "id", query, all.putArray("keys"));
    return all;
  }

  private ObjectNode ofDigest(String digest) {
    int place = digests.indexOf(digest);
    ObjectNode found = JsonMapper.shared().createObjectNode();
    return place < 0 ? found.putNull("key") : found.set("key", full(keys.get(place)));
  }

  private Behaviour revoke(String nameOrId) {
    ObjectNode key = find(nameOrId, false);
    if (key == null) {
      return problem(404, "not_found", "There is no such key.");
    }
    if (!key.has("revoked")) {
      key.put("revoked", "2026-11-26T00:00:00Z");
    }
    return Behaviour.answer(200, key.toString());
  }

  private static ObjectNode plan(int callsPerMinute, int callsAtOnce, int storageMib) {
    return JsonMapper.shared()
        .createObjectNode()
        .put("callsPerMinute", callsPerMinute)
        .put("callsAtOnce", callsAtOnce)
        .put("storageMib", storageMib);
  }

  private ObjectNode plans(Map<String, String> query) {
    ObjectNode all = JsonMapper.shared().createObjectNode();
    ArrayNode array = all.putArray("plans");
    plans.forEach((name, plan) -> array.add(plan.deepCopy().put("name", name)));
    List<ObjectNode> holders = new ArrayList<>();
    users.forEach(
        (user, plan) ->
            holders.add(
                JsonMapper.shared().createObjectNode().put("user", user).put("plan", plan)));
    holders.removeIf(holder -> holder.path("plan").asString("").equals("standard"));
    page(holders, "user", query, all.putArray("users"));
    return all.put("totalUsers", holders.size());
  }

  private ObjectNode storage(Map<String, String> query) {
    ObjectNode all = JsonMapper.shared().createObjectNode();
    List<ObjectNode> used = new ArrayList<>();
    Map<String, Long> bytes = new TreeMap<>(stored);
    users.forEach(
        (user, plan) -> {
          if (!plan.equals("standard")) {
            bytes.putIfAbsent(user, 0L);
          }
        });
    bytes.entrySet().stream()
        .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
        .forEach(
            one ->
                used.add(
                    JsonMapper.shared()
                        .createObjectNode()
                        .put("user", one.getKey())
                        .put("plan", users.getOrDefault(one.getKey(), "standard"))
                        .put("storedBytes", one.getValue())));
    page(used, "user", query, all.putArray("users"));
    return all.put("totalUsers", used.size());
  }

  private Behaviour give(String user, JsonNode asked) {
    String plan = asked.path("plan").asString("");
    if (!plans.containsKey(plan)) {
      return problem(404, "not_found", "There is no such plan.");
    }
    users.put(user, plan);
    return Behaviour.answer(200, "{}");
  }

  private ObjectNode memories(String user, Map<String, String> query) {
    ObjectNode all = JsonMapper.shared().createObjectNode();
    query.put("limit", Integer.toString(PAGE));
    page(memories(user), "id", query, all.putArray("memories"));
    return all;
  }

  private Behaviour store(String user, JsonNode asked) {
    Map<String, ObjectNode> there =
        new LinkedHashMap<>(memories.getOrDefault(user, new LinkedHashMap<>()));
    int before = there.size();
    int number = 0;
    for (JsonNode memory : asked.path("memories")) {
      if (memory.path("text").asString("").isBlank()) {
        return problem(400, "bad_request", "memories[" + number + "].text must not be blank.");
      }
      number++;
      String content = memory.path("title").asString() + "\n" + memory.path("text").asString();
      String id =
          memory
              .path("id")
              .asString(
                  UUID.nameUUIDFromBytes(content.getBytes(StandardCharsets.UTF_8)).toString());
      there.putIfAbsent(id, ((ObjectNode) memory).put("id", id));
    }
    if (there.size() > room) {
      return problem(409, "storage_full", "No room.");
    }
    memories.put(user, there);
    int added = there.size() - before;
    return Behaviour.answer(200, "{\"added\":" + added + ",\"known\":" + (number - added) + "}");
  }

  private static Behaviour problem(int status, String code, String message) {
    return Behaviour.answer(
        status, "{\"error\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}");
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
