package com.mcpist.origin.admin;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What can be asked for, by path and method. Each blocks for some seconds at most. */
final class AdminActions {
  private static final int SHORT = 200;
  private static final int LONG = 4_000;
  private static final int MOST_ORIGINS = 16;
  private static final int SHORTEST_LOCK_SECONDS = 5;
  private static final int LONGEST_LOCK_SECONDS = 3_600;
  private static final int MOST_RELEASES = 100;
  private static final int MOST_EVENTS = 200;
  private static final int MOST_SECRETS = 64;

  /** 32 bytes in base64url. */
  private static final Pattern NONCE = Pattern.compile("[A-Za-z0-9_-]{43}");

  private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]{0,127}");

  private final AdminTransactions transactions;
  private final KeyActions keys;
  private final PlanActions plans;
  private final OwnSecrets secrets;
  private final String instance;

  /**
   * The actions of an origin.
   *
   * @param instance names its process
   */
  AdminActions(AdminTransactions transactions, OwnSecrets secrets, String instance) {
    this.transactions = transactions;
    this.keys = new KeyActions(transactions);
    this.plans = new PlanActions(transactions);
    this.secrets = secrets;
    this.instance = instance;
  }

  AdminReply run(AdminRequest request) throws AdminProblem {
    return switch (request.resource()) {
      case "lock" -> request.one() ? oneLock(request) : lock(request);
      case "releases" -> request.one() ? oneRelease(request) : releases(request);
      case "events" -> request.one() ? oneEvent(request) : events(request);
      case "keys" -> keys.run(request);
      case "digests" -> keys.ofDigest(request);
      case "plans" -> plans.plans(request);
      case "users" -> plans.users(request);
      case "secrets" -> secrets(request);
      default -> throw AdminProblem.notFound();
    };
  }

  private AdminReply lock(AdminRequest request) throws AdminProblem {
    return switch (request.method()) {
      case "GET" -> {
        Optional<DeploymentLock> current = transactions.run(LockStore::current);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        current.ifPresentOrElse(l -> body.set("lock", l.json()), () -> body.putNull("lock"));
        yield AdminReply.ok(body);
      }
      case "PUT" -> takeLock(Fields.of(request.body()));
      default -> throw AdminProblem.wrongMethod("GET, PUT");
    };
  }

  /** Who has it, and whether that is the one who asked. */
  private record Taken(boolean own, DeploymentLock lock) {}

  private AdminReply takeLock(Fields fields) throws AdminProblem {
    UUID token = fields.uuid("token");
    String owner = fields.name("owner", SHORT);
    String purpose = fields.text("purpose", LONG);
    int seconds = fields.number("ttlSeconds", SHORTEST_LOCK_SECONDS, LONGEST_LOCK_SECONDS);
    fields.end();
    Taken taken =
        transactions.run(
            h ->
                LockStore.take(h, token, owner, purpose, seconds)
                    .map(own -> new Taken(true, own))
                    // The statement has locked the row that was in its way: it is still there.
                    .orElseGet(() -> new Taken(false, LockStore.holder(h))));
    if (!taken.own()) {
      throw AdminProblem.locked(taken.lock());
    }
    return AdminReply.ok(taken.lock().json());
  }

  private AdminReply oneLock(AdminRequest request) throws AdminProblem {
    request.only("DELETE");
    UUID token = Fields.uuid("The token", request.path().getLast());
    transactions.run(
        h -> {
          LockStore.giveUp(h, token);
          return true;
        });
    return AdminReply.noContent();
  }

  private AdminReply releases(AdminRequest request) throws AdminProblem {
    request.only("GET");
    int limit = request.limit(MOST_RELEASES);
    List<Release> newest = transactions.run(h -> ReleaseStore.newest(h, limit));
    return AdminReply.list("releases", newest.stream().map(Release::json).toList());
  }

  private AdminReply oneRelease(AdminRequest request) throws AdminProblem {
    request.only("PUT");
    UUID id = Fields.uuid("The release's id", request.path().getLast());
    Fields fields = Fields.of(request.body());
    UUID lock = fields.uuid("lock");
    Release.Report report = report(fields);
    fields.end();
    Optional<Release> stored = transactions.run(h -> ReleaseStore.put(h, id, lock, report));
    return AdminReply.ok(stored.orElseThrow(AdminProblem::lockLost).json());
  }

  private static Release.Report report(Fields fields) throws AdminProblem {
    return new Release.Report(
        fields.oneOf("action", List.of("deploy", "rollback")),
        fields.text("image", LONG),
        fields.text("digest", SHORT),
        fields.text("release", SHORT),
        fields.text("strategy", SHORT),
        fields.text("who", SHORT),
        fields.oneOf("state", List.of(Release.RUNNING, "succeeded", "failed", "returned")),
        fields.text("detail", LONG),
        origins(fields.list("origins", MOST_ORIGINS)));
  }

  private static ArrayNode origins(List<Fields> all) throws AdminProblem {
    ArrayNode origins = JsonNodeFactory.instance.arrayNode();
    for (Fields origin : all) {
      origins
          .addObject()
          .put("name", origin.name("name", SHORT))
          .put("state", origin.text("state", SHORT))
          .put("before", origin.text("before", SHORT))
          .put("detail", origin.text("detail", LONG));
      origin.end();
    }
    return origins;
  }

  private AdminReply events(AdminRequest request) throws AdminProblem {
    request.only("GET");
    int limit = request.limit(MOST_EVENTS);
    List<Event> newest = transactions.run(h -> EventStore.newest(h, limit));
    return AdminReply.list("events", newest.stream().map(Event::json).toList());
  }

  private AdminReply oneEvent(AdminRequest request) throws AdminProblem {
    request.only("PUT");
    UUID id = Fields.uuid("The event's id", request.path().getLast());
    Fields fields = Fields.of(request.body());
    String kind = fields.name("kind", SHORT);
    @Nullable String origin = fields.textIfAny("origin", SHORT);
    String message = fields.text("message", LONG);
    fields.end();
    Event stored = transactions.run(h -> EventStore.put(h, id, kind, origin, message));
    return AdminReply.ok(stored.json());
  }

  /** What this process runs with, so another origin answers otherwise; no database is asked. */
  private AdminReply secrets(AdminRequest request) throws AdminProblem {
    if (request.one()) {
      throw AdminProblem.notFound();
    }
    request.only("POST");
    Fields fields = Fields.of(request.body());
    String nonce = fields.matching("nonce", NONCE, "must be 32 bytes in base64url, unpadded");
    List<String> asked = fields.texts("names", MOST_SECRETS, VARIABLE);
    fields.end();
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("instance", instance);
    ObjectNode proofs = body.putObject("proofs");
    asked.forEach(name -> secrets.proof(name, nonce).ifPresent(proof -> proofs.put(name, proof)));
    ArrayNode names = body.putArray("names");
    secrets.names().forEach(names::add);
    return AdminReply.ok(body);
  }
}
