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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * GitHub, with one repository's secrets. It opens what is sealed with its private key, by
 * libsodium, as GitHub does, and shows to nobody but tests what was in it.
 */
public final class GitHubServer extends VendorServer {
  private static final String SECRETS = "/repos/[^/]+/[^/]+/actions/secrets";
  private static final Instant FIRST = Instant.parse("2026-11-25T00:00:00Z");
  private static final int USUAL_PAGE = 30;
  private static final int LARGEST_PAGE = 100;

  private final String repository;
  private final SodiumJava sodium = Sodium.load();
  private final Map<String, Stored> secrets = new TreeMap<>();
  private final Map<String, String> packages = new TreeMap<>();
  private final List<Key> keys = new ArrayList<>();
  private int changes;

  /** A key for sealing, of which only the newest is used. */
  @SuppressWarnings("ArrayRecordComponent") // Keys are used, never compared.
  private record Key(byte[] publicBytes, byte[] privateBytes) {}

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
    locked(() -> store(name, "", value));
  }

  /** What was in a secret's box. */
  public Optional<String> secret(String name) {
    return locked(() -> Optional.ofNullable(secrets.get(name)).map(Stored::value));
  }

  /** A secret as it was sent, in Base64. */
  public Optional<String> sealed(String name) {
    return locked(() -> Optional.ofNullable(secrets.get(name)).map(Stored::sealed));
  }

  @Override
  Reply handle(Request request) {
    if (request.is("GET", "/(users|orgs)/[^/]+/packages/container/[^/]+")) {
      return containerPackage(request);
    }
    if (!request.path().startsWith("/repos/" + repository + "/")) {
      return error(404, "Not Found");
    }
    if (request.is("GET", SECRETS)) {
      return list(request.query());
    }
    if (request.is("GET", SECRETS + "/public-key")) {
      return Reply.ok(
          Reply.object()
              .put("key_id", keyId())
              .put("key", Base64.getEncoder().encodeToString(keys.getLast().publicBytes())));
    }
    String name = request.part(6).toUpperCase(Locale.ROOT);
    if (request.is("PUT", SECRETS + "/[^/]+")) {
      return put(name, request);
    }
    return secrets.remove(name) == null ? error(404, "Not Found") : Reply.nothing(204);
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

  private String keyId() {
    return "%018d".formatted(keys.size());
  }

  private Reply list(Map<String, String> query) {
    int size =
        Math.min(
            LARGEST_PAGE,
            Integer.parseInt(query.getOrDefault("per_page", Integer.toString(USUAL_PAGE))));
    int page = Integer.parseInt(query.getOrDefault("page", "1"));
    ObjectNode reply = Reply.object().put("total_count", secrets.size());
    ArrayNode found = reply.putArray("secrets");
    secrets.entrySet().stream()
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

  private Reply put(String name, Request request) {
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
    boolean isNew = !secrets.containsKey(name);
    store(name, sealed, value.get());
    return isNew ? Reply.of(201, Reply.object()) : Reply.nothing(204);
  }

  private void store(String name, String sealed, String value) {
    Instant now = FIRST.plusSeconds(++changes);
    Stored before = secrets.get(name);
    secrets.put(name, new Stored(sealed, value, before == null ? now : before.created(), now));
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
