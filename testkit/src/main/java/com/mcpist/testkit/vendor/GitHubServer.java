package com.mcpist.testkit.vendor;

import com.goterl.lazysodium.SodiumJava;
import com.goterl.lazysodium.interfaces.Box;
import com.mcpist.testkit.Sodium;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * GitHub, with one repository's secrets and the workflows that a person may start. It opens what is
 * sealed with its private key, by libsodium, as GitHub does, and shows to nobody but tests what was
 * in it.
 */
public final class GitHubServer extends VendorServer {
  private static final String SECRETS = "/repos/[^/]+/[^/]+/(actions|environments/[^/]+)/secrets";
  private static final String DISPATCHES = "/repos/[^/]+/[^/]+/actions/workflows/[^/]+/dispatches";
  private static final Instant FIRST = Instant.parse("2026-11-25T00:00:00Z");
  private static final int USUAL_PAGE = 30;
  private static final int LARGEST_PAGE = 100;

  private final String repository;
  private final SodiumJava sodium = Sodium.load();
  private final Map<String, Map<String, Stored>> secrets =
      new TreeMap<>(Map.of("", new TreeMap<>()));
  private final Map<String, JsonNode> workflows = new TreeMap<>();
  private final List<Dispatch> dispatches = new ArrayList<>();
  private final Map<String, String> packages = new TreeMap<>();
  private final List<Key> keys = new ArrayList<>();
  private int changes;

  /** A key for sealing, of which only the newest is used. */
  @SuppressWarnings("ArrayRecordComponent") // Keys are used, never compared.
  private record Key(byte[] publicBytes, byte[] privateBytes) {}

  /**
   * A workflow that somebody has started.
   *
   * @param workflow its file's name
   * @param inputs all of them, with what they are by default where nothing was given
   */
  public record Dispatch(String workflow, String ref, Map<String, String> inputs) {
    /** As given. */
    public Dispatch {
      inputs = Map.copyOf(inputs);
    }
  }

  private record Stored(String sealed, String value, Instant created, Instant updated) {}

  /**
   * A repository without secrets.
   *
   * @param repository as {@code owner/name}
   */
  public GitHubServer(String repository) {
    super(VendorSpec.of("github"));
    this.repository = repository;
    newKey();
  }

  /**
   * A package of the container registry.
   *
   * @param place as {@code users/me} or {@code orgs/company}
   * @param joined the repository that it is joined to, as {@code owner/name}; empty: none
   */
  public void containerPackage(String place, String name, String joined) {
    locked(() -> packages.put("/" + place + "/packages/container/" + name, joined));
  }

  /** Seals with another key from now on. */
  public void newKey() {
    locked(
        () -> {
          byte[] publicBytes = new byte[Box.PUBLICKEYBYTES];
          byte[] privateBytes = new byte[Box.SECRETKEYBYTES];
          if (sodium.crypto_box_keypair(publicBytes, privateBytes) != 0) {
            throw new IllegalStateException("libsodium made no keys");
          }
          keys.add(new Key(publicBytes, privateBytes));
        });
  }

  /** The newest key, with which a test can open what is sealed. */
  public byte[] publicKey() {
    return locked(() -> keys.getLast().publicBytes().clone());
  }

  /** As {@link #publicKey}. */
  public byte[] privateKey() {
    return locked(() -> keys.getLast().privateBytes().clone());
  }

  /** A person stores a secret by hand. */
  public void storedByHand(String name, String value) {
    storedByHand("", name, value);
  }

  /** The same for an environment, which is made where it is not there. */
  public void storedByHand(String environment, String name, String value) {
    locked(
        () -> store(secrets.computeIfAbsent(environment, _ -> new TreeMap<>()), name, "", value));
  }

  /**
   * A workflow that may be started by hand.
   *
   * @param file its file's name
   * @param inputs what its file has as {@code on.workflow_dispatch.inputs}
   */
  public void workflow(String file, JsonNode inputs) {
    locked(() -> workflows.put(file, inputs));
  }

  /** What has been started, in order. */
  public List<Dispatch> dispatches() {
    return locked(() -> List.copyOf(dispatches));
  }

  /** What was in a secret's box. */
  public Optional<String> secret(String name) {
    return secret("", name);
  }

  /** What was in the box of one of an environment's. */
  public Optional<String> secret(String environment, String name) {
    return locked(() -> Optional.ofNullable(of(environment).get(name)).map(Stored::value));
  }

  private Map<String, Stored> of(String environment) {
    return secrets.getOrDefault(environment, Map.of());
  }

  /** A secret as it was sent, in Base64. */
  public Optional<String> sealed(String name) {
    return locked(() -> Optional.ofNullable(of("").get(name)).map(Stored::sealed));
  }

  @Override
  Reply handle(Request request) {
    if (request.is("GET", "/(users|orgs)/[^/]+/packages/container/[^/]+")) {
      return containerPackage(request);
    }
    if (!request.path().startsWith("/repos/" + repository + "/")) {
      return error(404, "Not Found");
    }
    if (request.is("POST", DISPATCHES)) {
      return dispatch(request);
    }
    String environment = request.part(4).equals("environments") ? request.part(5) : "";
    Map<String, Stored> there = secrets.get(environment);
    return there == null
        ? error(404, "Not Found")
        : secrets(request, there, request.part(environment.isEmpty() ? 6 : 7));
  }

  private Reply secrets(Request request, Map<String, Stored> there, String part) {
    if (request.is("GET", SECRETS)) {
      return list(there, request.query());
    }
    if (request.is("GET", SECRETS + "/public-key")) {
      return Reply.ok(
          Reply.object()
              .put("key_id", keyId())
              .put("key", Base64.getEncoder().encodeToString(keys.getLast().publicBytes())));
    }
    String name = part.toUpperCase(Locale.ROOT);
    if (request.is("PUT", SECRETS + "/[^/]+")) {
      return put(there, name, request);
    }
    return there.remove(name) == null ? error(404, "Not Found") : Reply.nothing(204);
  }

  private Reply containerPackage(Request request) {
    String joined = packages.get(request.path());
    if (joined == null) {
      return error(404, "Package not found.");
    }
    ObjectNode json =
        Reply.object()
            .put("id", 197)
            .put("name", request.part(5))
            .put("package_type", "container")
            .put("version_count", 1)
            .put("visibility", "private")
            .put("url", url() + request.path())
            .put("html_url", "https://github.com" + request.path())
            .put("created_at", FIRST.toString())
            .put("updated_at", FIRST.toString());
    if (!joined.isEmpty()) {
      json.putObject("repository").put("id", 1).put("full_name", joined);
    }
    return Reply.ok(json);
  }

  /** What is not an input of the workflow, or none of its choices, is refused. */
  private Reply dispatch(Request request) {
    JsonNode known = workflows.get(request.part(6));
    if (known == null) {
      return error(404, "Not Found");
    }
    Map<String, String> inputs = new TreeMap<>();
    for (Map.Entry<String, JsonNode> input : known.properties()) {
      inputs.put(input.getKey(), input.getValue().path("default").asString(""));
    }
    for (Map.Entry<String, JsonNode> given : request.body().path("inputs").properties()) {
      String value = given.getValue().asString("");
      JsonNode choices = known.path(given.getKey()).path("options");
      if (inputs.put(given.getKey(), value) == null) {
        return error(422, "Unexpected inputs provided: [\"" + given.getKey() + "\"]");
      }
      if (choices.isArray() && choices.valueStream().noneMatch(c -> c.asString("").equals(value))) {
        return error(422, "Provided value '" + value + "' is not in the list of allowed values");
      }
    }
    String ref = request.body().path("ref").asString("");
    dispatches.add(new Dispatch(request.part(6), ref, inputs));
    String run = repository + "/actions/runs/" + dispatches.size();
    return Reply.ok(
        Reply.object()
            .put("workflow_run_id", dispatches.size())
            .put("run_url", url() + "/repos/" + run)
            .put("html_url", "https://github.com/" + run));
  }

  private String keyId() {
    return "%018d".formatted(keys.size());
  }

  private static Reply list(Map<String, Stored> there, Map<String, String> query) {
    int size =
        Math.min(
            LARGEST_PAGE,
            Integer.parseInt(query.getOrDefault("per_page", Integer.toString(USUAL_PAGE))));
    int page = Integer.parseInt(query.getOrDefault("page", "1"));
    ObjectNode reply = Reply.object().put("total_count", there.size());
    ArrayNode found = reply.putArray("secrets");
    there.entrySet().stream()
        .skip((page - 1L) * size)
        .limit(size)
        .forEach(entry -> found.add(json(entry.getKey(), entry.getValue())));
    return Reply.ok(reply);
  }

  private static ObjectNode json(String name, Stored stored) {
    return Reply.object()
        .put("name", name)
        .put("created_at", stored.created().toString())
        .put("updated_at", stored.updated().toString());
  }

  private Reply put(Map<String, Stored> there, String name, Request request) {
    if (!name.matches("[A-Z_][A-Z0-9_]*") || name.startsWith("GITHUB_")) {
      return error(422, "Secret names can only contain alphanumeric characters or underscores");
    }
    if (!request.body().path("key_id").asString("").equals(keyId())) {
      return error(422, "The key_id is not that of the current public key");
    }
    String sealed = request.body().path("encrypted_value").asString("");
    Optional<String> value = opened(Base64.getDecoder().decode(sealed));
    if (value.isEmpty()) {
      return error(422, "The encrypted value is not sealed with the public key");
    }
    boolean isNew = !there.containsKey(name);
    store(there, name, sealed, value.get());
    return isNew ? Reply.of(201, Reply.object()) : Reply.nothing(204);
  }

  private void store(Map<String, Stored> there, String name, String sealed, String value) {
    Instant now = FIRST.plusSeconds(++changes);
    Stored before = there.get(name);
    there.put(name, new Stored(sealed, value, before == null ? now : before.created(), now));
  }

  private Optional<String> opened(byte[] sealed) {
    if (sealed.length < Box.SEALBYTES) {
      return Optional.empty();
    }
    Key key = keys.getLast();
    byte[] value = new byte[sealed.length - Box.SEALBYTES];
    int result =
        sodium.crypto_box_seal_open(
            value, sealed, sealed.length, key.publicBytes(), key.privateBytes());
    return result == 0 ? Optional.of(new String(value, StandardCharsets.UTF_8)) : Optional.empty();
  }

  @Override
  Reply error(int status, String message) {
    return Reply.of(
        status,
        Reply.object()
            .put("message", message)
            .put("documentation_url", "https://docs.github.com/rest")
            .put("status", Integer.toString(status)));
  }
}
