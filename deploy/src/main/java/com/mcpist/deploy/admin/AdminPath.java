package com.mcpist.deploy.admin;

import module java.base;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin path of the origins. Every call may be made twice, because a call that one origin does
 * not answer goes to the next.
 */
public record AdminPath(
    List<URI> origins, Map<ApiClient, Secret> clients, List<Secret> hidden, Time time) {
  private static final JsonSetter.Value EMPTY = JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(250);
  private static final int LONGEST_NAME = 200;
  private static final int LONGEST_TEXT = 4000;

  /**
   * The mapper for answers. A missing field is refused, except texts, lists and numbers, which
   * become empty or 0.
   */
  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
          .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .withConfigOverride(String.class, string -> string.setNullHandling(EMPTY))
          .withConfigOverride(List.class, list -> list.setNullHandling(EMPTY))
          .build();

  public record LockHolder(
      String owner, String purpose, Instant since, @JsonAlias("expiresAt") Instant expires) {
    public String told(Instant now) {
      long seconds = Math.max(0, Duration.between(since, now).toSeconds());
      String ago = seconds < 120 ? seconds + " s" : seconds / 60 + " min";
      return owner + " (" + purpose + ", for " + ago + ")";
    }
  }

  /**
   * Something that has happened. {@code at} is empty for an event that has not been kept yet, whose
   * time is then when it is kept. {@code running} tells whether the event goes on, as the origins
   * tell it.
   */
  public record Event(
      UUID id,
      String kind,
      Optional<String> origin,
      String message,
      Optional<Instant> at,
      Optional<Instant> ended,
      boolean running,
      Map<String, Object> data) {
    public static Event now(String kind, Optional<String> origin, String message) {
      return new Event(
          UUID.randomUUID(),
          kind,
          origin,
          message,
          Optional.empty(),
          Optional.empty(),
          false,
          Map.of());
    }

    /**
     * Returns the same event under a given id, so that keeping it again does not add another event.
     */
    public Event with(UUID same) {
      return new Event(same, kind, origin, message, at, ended, running, data);
    }

    public Event with(Map<String, Object> more) {
      return new Event(id, kind, origin, message, at, ended, running, more);
    }

    /** Returns the end of a lasting event that has ended well. */
    public Event recovered(Instant now) {
      Map<String, Object> more = new TreeMap<>(data);
      more.put("end", "recovered");
      return new Event(id, kind, origin, message, at, Optional.of(now), false, more);
    }

    /** Returns an event that began at the given time and is over. */
    public static Event since(Instant begun, String kind, Optional<String> origin, String message) {
      return new Event(
          UUID.randomUUID(),
          kind,
          origin,
          message,
          Optional.of(begun),
          Optional.of(Instant.now()),
          false,
          Map.of());
    }

    /** Returns the event as the origins accept it. */
    public ObjectNode json() {
      ObjectNode json =
          Call.object()
              .put("kind", kind)
              .put("origin", origin.orElse(null))
              .put("message", text(message))
              .put("at", at.map(Instant::toString).orElse(null))
              .put("ended", ended.map(Instant::toString).orElse(null));
      return json.set("data", JSON.valueToTree(data));
    }
  }

  private record Events(List<Event> events) {}

  private record Releases(List<ReleaseRecord> releases) {}

  /**
   * Opens the admin path. While a secret is rotated an origin may know either access, so they are
   * tried in turn.
   */
  public AdminPath(List<URI> origins, List<Access> accesses, Time time) {
    List<Secret> hidden = accesses.stream().flatMap(Access::secrets).distinct().toList();
    Map<ApiClient, Secret> clients = new LinkedHashMap<>();
    for (URI url : origins) {
      for (Access access : accesses) {
        ApiClient client =
            new ApiClient(url, Optional.of(access.authorization()), hidden, TIMEOUT, time);
        clients.put(client.once(), access.gateway());
      }
    }
    this(List.copyOf(origins), clients, hidden, time);
  }

  /** Returns the admin path of the same origins with other accesses. */
  public AdminPath with(List<Access> accesses) {
    return new AdminPath(origins, accesses, time);
  }

  /** Returns the admin path of one of the origins, for what each origin tells of itself. */
  public AdminPath only(URI origin) {
    Map<ApiClient, Secret> own = new LinkedHashMap<>(clients);
    own.keySet().removeIf(client -> !client.base().equals(origin));
    return new AdminPath(List.of(origin), own, hidden, time);
  }

  /** Takes or renews the lock. Throws {@link Kind#LOCKED} if somebody else holds it. */
  public LockHolder lock(
      UUID token, String owner, String purpose, Duration lease, Deadline deadline)
      throws InterruptedException {
    JsonNode body =
        Call.object()
            .put("token", token.toString())
            .put("owner", name(owner))
            .put("purpose", text(purpose))
            .put("ttlSeconds", lease.toSeconds());
    Answer answer = send(put("take the lock", "/api/admin/lock", body).accepting(409), deadline);
    if (answer.status() != 409) {
      return read(answer.body(), LockHolder.class, "take the lock");
    }
    throw new AdminException(Kind.LOCKED, told(answer.body()) + ". Wait until that is done");
  }

  /**
   * Returns a text about who deploys. An answer that does not name the holder still says that
   * somebody deploys.
   */
  private static String told(JsonNode body) {
    try {
      return holder(body)
          .map(
              holder ->
                  "%s deploys (%s), since %s; unless it goes on, until %s"
                      .formatted(
                          holder.owner(), holder.purpose(), holder.since(), holder.expires()))
          .orElse("somebody else deploys");
    } catch (AdminException _) {
      return "somebody else deploys";
    }
  }

  public Optional<LockHolder> holder(Deadline deadline) throws InterruptedException {
    return holder(send(Call.get("read the lock", "/api/admin/lock"), deadline).body());
  }

  private static Optional<LockHolder> holder(JsonNode body) {
    JsonNode lock = body.path("lock");
    return lock.isObject()
        ? Optional.of(read(lock, LockHolder.class, "read the lock"))
        : Optional.empty();
  }

  public void unlock(UUID token, Deadline deadline) throws InterruptedException {
    var _ =
        send(
            Call.change("give the lock back", "DELETE", "/api/admin/lock/" + token).asRepeatable(),
            deadline);
  }

  /**
   * Keeps a release as it stands. Throws {@link Kind#LOCKED} if that token holds the lock no more.
   */
  public ReleaseRecord keep(ReleaseRecord release, UUID lock, Deadline deadline)
      throws InterruptedException {
    Call call =
        put("keep the release", "/api/admin/releases/" + release.id(), release.json(lock))
            .accepting(409);
    Answer answer = send(call, deadline);
    if (answer.status() == 409) {
      throw new AdminException(
          Kind.LOCKED,
          "the deployment's lock is lost: it had expired, and somebody else may have it");
    }
    return read(answer.body(), ReleaseRecord.class, call.name());
  }

  public List<ReleaseRecord> releases(int most, Deadline deadline) throws InterruptedException {
    String path = "/api/admin/releases?limit=" + most;
    return get("read the releases", path, Releases.class, deadline).releases();
  }

  public void keep(Event event, Deadline deadline) throws InterruptedException {
    String path = "/api/admin/events/" + event.id();
    var _ = send(put("keep an event", path, event.json()), deadline);
  }

  /**
   * Has an origin post a test message to an alert's webhook, and returns what the webhook answered.
   */
  public String testAlert(String alert, Deadline deadline) throws InterruptedException {
    Call call = Call.change("test " + alert, "POST", "/api/admin/alerts/" + Call.segment(alert));
    return send(call, deadline).body().path("answer").asString("");
  }

  /** Returns the newest events first. If no kinds are given, events of all kinds are returned. */
  public List<Event> events(int most, Deadline deadline, String... kinds)
      throws InterruptedException {
    String only = kinds.length == 0 ? "" : "&kind=" + String.join(",", kinds);
    String path = "/api/admin/events?limit=" + most + only;
    return get("read the events", path, Events.class, deadline).events();
  }

  <T> T get(String name, String path, Class<T> type, Deadline deadline)
      throws InterruptedException {
    return read(send(Call.get(name, path), deadline).body(), type, name);
  }

  private static Call put(String name, String path, JsonNode body) {
    return Call.change(name, "PUT", path, body).asRepeatable();
  }

  /**
   * Sends a call as {@link #ask} does, and throws for every error, for calls of which no error is
   * expected.
   */
  Answer send(Call call, Deadline deadline) throws InterruptedException {
    try {
      return ask(call, deadline);
    } catch (ApiException e) {
      throw error(e);
    }
  }

  /**
   * Asks one origin after the other, over and over, until one answers or the deadline has passed.
   */
  Answer ask(Call call, Deadline deadline) throws ApiException, InterruptedException {
    while (true) {
      ApiException last = null;
      for (Map.Entry<ApiClient, Secret> client : clients.entrySet()) {
        Call signed = call.with("X-Gateway-Secret", client.getValue().reveal()).hiding(hidden);
        try {
          return client.getKey().send(signed, deadline);
        } catch (ApiException e) {
          last = preferred(last, e);
        }
      }
      ApiException failure = Objects.requireNonNull(last);
      if (!failure.passing() || deadline.passed()) {
        throw failure;
      }
      deadline.sleep(PAUSE);
    }
  }

  private static ApiException preferred(@Nullable ApiException one, ApiException other) {
    return one == null || one.passing() ? other : one;
  }

  static AdminException error(ApiException e) {
    String what = e.call().name() + ": " + e.getMessage();
    return switch (e.status()) {
      case 401, 403 ->
          new AdminException(
              Kind.UNAUTHORIZED,
              "%s. Check %s: it is not the one that the origins have"
                  .formatted(what, e.status() == 401 ? "ADMIN_TOKEN" : "GATEWAY_SECRET"));
      case 404 ->
          new AdminException(
              Kind.REJECTED,
              what + ". The origins need ADMIN_TOKEN, and a release of MCPist that knows this");
      default ->
          e.reason() == Reason.STATUS && e.status() < 500
              ? new AdminException(Kind.REJECTED, what)
              : new AdminException(
                  Kind.UNAVAILABLE,
                  what + ". No origin answers on its admin path with its database");
    };
  }

  static <T> T read(JsonNode json, Class<T> type, String name) {
    try {
      if (json.isObject()) {
        return JSON.treeToValue(json, type);
      }
    } catch (JacksonException _) {
      // An answer that is not an object is refused in the same way.
    }
    throw new AdminException(
        Kind.REJECTED, name + ": the origin's answer is not one of this release of MCPist");
  }

  static String name(String name) {
    return cut(name, LONGEST_NAME);
  }

  /** Shortens a text to the length that the admin path accepts. */
  static String text(String text) {
    return cut(text, LONGEST_TEXT);
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest - 1) + "…";
  }

  public record Access(Secret gateway, Secret token) {
    public Secret authorization() {
      return Secret.of("Bearer " + token.reveal());
    }

    public Stream<Secret> secrets() {
      return Stream.of(gateway, token);
    }
  }

  public static final class AdminException extends RuntimeException {
    private final Kind kind;

    public enum Kind {
      UNAVAILABLE,
      UNAUTHORIZED,
      LOCKED,
      /** An origin gave an answer that no origin of MCPist gives. */
      REJECTED
    }

    AdminException(Kind kind, String message) {
      super(message);
      this.kind = kind;
    }

    public Kind kind() {
      return kind;
    }
  }

  /**
   * One deployment as the origins keep it. Its times are the database's, and are empty until they
   * are known.
   */
  public record ReleaseRecord(
      UUID id,
      Action action,
      String image,
      String digest,
      String release,
      String strategy,
      String who,
      State state,
      String detail,
      List<Part> origins,
      Optional<Instant> started,
      Optional<Instant> finished) {

    private static final String BROKEN_OFF = "it broke off: whoever deployed ended without a word";

    public enum Action {
      DEPLOY,
      ROLLBACK
    }

    public enum State {
      RUNNING,
      SUCCEEDED,
      /** The deployment failed, and not all origins have the release that they had before. */
      FAILED,
      /** The deployment failed, and every origin has its earlier release again. */
      RETURNED
    }

    /**
     * An origin's part in a deployment. {@code before} is the digest that the origin had, or empty
     * if that is not known.
     */
    public record Part(String name, String state, String before, String detail) {}

    /**
     * Throws if an origin is null, which means that something else than an origin of MCPist
     * answered.
     */
    public ReleaseRecord {
      origins = List.copyOf(origins);
    }

    public ReleaseRecord with(State now, String why, List<Part> parts) {
      return new ReleaseRecord(
          id, action, image, digest, release, strategy, who, now, why, parts, started, finished);
    }

    /**
     * Returns the release as it is when nobody holds the lock: a release that calls itself running
     * has then failed.
     */
    public ReleaseRecord withoutDeployer() {
      return state == State.RUNNING ? with(State.FAILED, BROKEN_OFF, origins) : this;
    }

    ObjectNode json(UUID lock) {
      List<Part> parts =
          origins.stream()
              .map(
                  part ->
                      new Part(
                          part.name(), part.state(), part.before(), AdminPath.text(part.detail())))
              .toList();
      ObjectNode json = AdminPath.JSON.valueToTree(with(state, AdminPath.text(detail), parts));
      return json.remove(List.of("id", "started", "finished"))
          .put("lock", lock.toString())
          .put("release", AdminPath.name(release))
          .put("strategy", AdminPath.name(strategy))
          .put("who", AdminPath.name(who));
    }
  }
}
