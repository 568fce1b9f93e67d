package com.mcpist.deploy.admin;

import com.mcpist.deploy.admin.AdminException.Kind;
import com.mcpist.deploy.http.Answer;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The origins' admin path, by whichever of them answers: a deployment restarts the one, and the
 * other goes on. Every call may be made twice, so one that one origin did not answer goes to the
 * next.
 */
public final class AdminPath {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** A way in: an origin, with the gateway secret that is shown there. */
  private record Door(ApiClient origin, Secret gateway) {}

  private final List<URI> origins;
  private final List<Door> doors;
  private final List<Secret> hidden;
  private final Time time;

  /**
   * As an operator.
   *
   * @param origins where they are, without a path; one at least
   * @param accesses what is shown there, one after the other: while a secret is rotated an origin
   *     may know the one or the other; one at least
   */
  public AdminPath(List<URI> origins, List<Access> accesses, Time time) {
    this.origins = List.copyOf(origins);
    this.time = time;
    this.hidden = accesses.stream().flatMap(Access::secrets).distinct().toList();
    List<Door> all = new ArrayList<>();
    for (URI url : origins) {
      for (Access access : accesses) {
        ApiClient client =
            new ApiClient(url, Optional.of(access.authorization()), hidden, TIMEOUT, time);
        all.add(new Door(client.once(), access.gateway()));
      }
    }
    this.doors = List.copyOf(all);
  }

  /** The same origins, where other secrets may be the ones that are known. */
  public AdminPath with(List<Access> accesses) {
    return new AdminPath(origins, accesses, time);
  }

  /**
   * Takes the lock, or renews it where this token has it.
   *
   * @throws AdminException {@link Kind#LOCKED} where somebody else has it
   */
  public LockHolder lock(
      UUID token, String owner, String purpose, Duration lease, Deadline deadline)
      throws AdminException, InterruptedException {
    JsonNode body =
        JsonMapper.shared()
            .createObjectNode()
            .put("token", token.toString())
            .put("owner", Texts.name(owner))
            .put("purpose", Texts.text(purpose))
            .put("ttlSeconds", lease.toSeconds());
    Answer answer = send(put("take the lock", "/api/admin/lock", body).accepting(409), deadline);
    if (answer.status() == 409) {
      LockHolder holder = LockHolder.of(answer.body().path("lock")).orElse(null);
      throw locked(holder);
    }
    return LockHolder.of(answer.body()).orElseThrow(() -> strange("take the lock"));
  }

  private static AdminException locked(@Nullable LockHolder holder) {
    String who =
        holder == null
            ? "somebody else deploys"
            : holder.owner()
                + " deploys ("
                + holder.purpose()
                + "), since "
                + holder.since()
                + "; unless it goes on, until "
                + holder.expires();
    return new AdminException(Kind.LOCKED, who + ". Wait until that is done");
  }

  /** Who has the lock. */
  public Optional<LockHolder> holder(Deadline deadline)
      throws AdminException, InterruptedException {
    return LockHolder.of(
        send(Call.get("read the lock", "/api/admin/lock"), deadline).body().path("lock"));
  }

  /** Gives the lock back, if this token has it. */
  public void unlock(UUID token, Deadline deadline) throws AdminException, InterruptedException {
    var _ =
        send(
            Call.change("give the lock back", "DELETE", "/api/admin/lock/" + token).asRepeatable(),
            deadline);
  }

  /**
   * Keeps a release as it stands.
   *
   * @param lock the token that has the lock
   * @throws AdminException {@link Kind#LOCKED} where it has it no more
   */
  public ReleaseRecord keep(ReleaseRecord release, UUID lock, Deadline deadline)
      throws AdminException, InterruptedException {
    Call call =
        put("keep the release", "/api/admin/releases/" + release.id(), release.json(lock))
            .accepting(409);
    Answer answer = send(call, deadline);
    if (answer.status() == 409) {
      throw new AdminException(
          Kind.LOCKED,
          "the deployment's lock is lost: it had expired, and somebody else may have it");
    }
    return read(() -> ReleaseRecord.of(answer.body()), "keep the release");
  }

  /** The releases, the newest first. */
  public List<ReleaseRecord> releases(int most, Deadline deadline)
      throws AdminException, InterruptedException {
    String name = "read the releases";
    JsonNode body = send(Call.get(name, "/api/admin/releases?limit=" + most), deadline).body();
    return read(
        () -> {
          List<ReleaseRecord> releases = new ArrayList<>();
          body.path("releases").forEach(json -> releases.add(ReleaseRecord.of(json)));
          return releases;
        },
        name);
  }

  /** Keeps an event. */
  public void keep(Event event, Deadline deadline) throws AdminException, InterruptedException {
    JsonNode body =
        JsonMapper.shared()
            .createObjectNode()
            .put("kind", event.kind())
            .put("origin", event.origin().orElse(null))
            .put("message", Texts.text(event.message()));
    var _ = send(put("keep an event", "/api/admin/events/" + UUID.randomUUID(), body), deadline);
  }

  /** The events, the newest first. */
  public List<Event> events(int most, Deadline deadline)
      throws AdminException, InterruptedException {
    JsonNode body =
        send(Call.get("read the events", "/api/admin/events?limit=" + most), deadline).body();
    List<Event> events = new ArrayList<>();
    body.path("events").forEach(json -> events.add(Event.of(json)));
    return events;
  }

  private Call put(String name, String path, JsonNode body) {
    return Call.change(name, "PUT", path, body).asRepeatable();
  }

  /** As {@link #ask}, where no error is an answer that one expects. */
  Answer send(Call call, Deadline deadline) throws AdminException, InterruptedException {
    try {
      return ask(call, deadline);
    } catch (ApiException e) {
      throw error(e);
    }
  }

  /** One origin after the other, round and round, until one answers. */
  Answer ask(Call call, Deadline deadline) throws ApiException, InterruptedException {
    while (true) {
      ApiException last = null;
      for (Door door : doors) {
        Call signed = call.with("X-Gateway-Secret", door.gateway().reveal()).hiding(hidden);
        try {
          return door.origin().send(signed, deadline);
        } catch (ApiException e) {
          last = preferred(last, e);
        }
      }
      ApiException failure = java.util.Objects.requireNonNull(last);
      if (!passing(failure) || deadline.passed()) {
        throw failure;
      }
      deadline.sleep(PAUSE);
    }
  }

  /** What is told of several failures: the one that an operator can mend. */
  private static ApiException preferred(@Nullable ApiException one, ApiException other) {
    return one == null || passing(one) ? other : one;
  }

  private static boolean passing(ApiException e) {
    return switch (e.reason()) {
      case UNREACHABLE, NO_ADDRESS, NO_CERTIFICATE, CUT, SILENT -> true;
      case STATUS -> e.status() >= 500 || e.status() == 429;
      case UNREADABLE, DEADLINE -> false;
    };
  }

  /** What an operator is told of it. */
  static AdminException error(ApiException e) {
    String what = e.call().name() + ": " + e.getMessage();
    if (e.reason() == Reason.STATUS && (e.status() == 401 || e.status() == 403)) {
      String variable = e.status() == 401 ? "ADMIN_TOKEN" : "GATEWAY_SECRET";
      return new AdminException(
          Kind.UNAUTHORIZED,
          what + ". Check " + variable + ": it is not the one that the origins have");
    }
    if (e.reason() == Reason.STATUS && e.status() == 404) {
      return new AdminException(
          Kind.REJECTED,
          what + ". The origins need ADMIN_TOKEN, and a release of MCPist that knows this");
    }
    if (e.reason() == Reason.STATUS && e.status() < 500) {
      return new AdminException(Kind.REJECTED, what);
    }
    return new AdminException(
        Kind.UNAVAILABLE, what + ". No origin answers on its admin path with its database");
  }

  static <T> T read(java.util.function.Supplier<T> reading, String name) throws AdminException {
    try {
      return reading.get();
    } catch (IllegalArgumentException | JacksonException _) {
      throw strange(name);
    }
  }

  static AdminException strange(String name) {
    return new AdminException(
        Kind.REJECTED, name + ": the origin's answer is not one of this release of MCPist");
  }
}
