package com.mcpist.deploy.admin;

import module java.base;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.AdminException.Kind;
import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.ApiKey;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

public record Clients(AdminPath admin) {
  private static final String KEYS = "/api/admin/keys";
  private static final String DIGESTS = "/api/admin/digests";
  private static final String PLANS = "/api/admin/plans";
  private static final String USERS = "/api/admin/users";
  private static final String MEMORIES = "/api/admin/memories/";

  private static final int PAGE = 1000;

  /**
   * An API key as the origins keep it. The fingerprint is the beginning of the key's digest, as
   * edges show it.
   */
  public record KeyRecord(
      String id,
      String name,
      String user,
      Optional<Instant> created,
      Optional<Instant> expires,
      Optional<Instant> revoked,
      String fingerprint) {
    public KeyRecord {
      if (id.isEmpty()) {
        throw new IllegalArgumentException("a key has an id");
      }
    }

    public boolean works(Instant now) {
      return revoked.isEmpty() && !expired(now);
    }

    /**
     * Returns true if the key expired before anybody revoked it. Its name may have been taken by
     * another key since.
     */
    public boolean expired(Instant now) {
      return expires.filter(end -> !end.isAfter(revoked.orElse(now))).isPresent();
    }
  }

  /**
   * Keys, with those that work first and then the newest first. The counts include revoked and
   * expired keys.
   */
  public record KeyList(List<KeyRecord> keys, long total, long working) {}

  public record Plans(List<PlanLimits> plans, List<PlanUser> users, long totalUsers) {}

  /**
   * The limits of a plan. {@code storageMib} is in MiB; if it is empty, the storage limit stays as
   * it was.
   */
  public record PlanLimits(
      String name, int callsPerMinute, int callsAtOnce, Optional<Integer> storageMib) {}

  public record PlanUser(String user, String plan) {}

  public record Storage(List<StorageUser> users, long totalUsers) {}

  /**
   * A user with stored memories. {@code subscription} is the subscription's state at Stripe, or
   * empty if there is none.
   */
  public record StorageUser(
      String user,
      String plan,
      @JsonProperty("storedBytes") long bytes,
      Optional<String> subscription) {}

  private record MemoryPage(List<JsonNode> memories) {}

  /** The number of memories that were added, and of those that were there already. */
  public record Added(int added, int known) {}

  /**
   * Lets a key in. The same key can be added again only with the same name, user and end; otherwise
   * this throws {@link Kind#REJECTED}.
   */
  public KeyRecord add(
      String digest, String name, String user, Optional<Instant> expires, Deadline deadline)
      throws InterruptedException {
    JsonNode body =
        Call.object()
            .put("name", name)
            .put("user", user)
            .put("digest", digest)
            .put("expires", expires.map(Instant::toString).orElse(null));
    Call call = Call.change("register the key", "POST", KEYS, body).asRepeatable().accepting(409);
    Answer answer = admin.send(call, deadline);
    if (answer.status() == 409) {
      throw new AdminException(
          Kind.REJECTED,
          "there is a key called %s already: choose another name, or end that one first: `mcpist keys revoke %s`"
              .formatted(name, name));
    }
    return AdminPath.read(answer.body(), KeyRecord.class, call.name());
  }

  public KeyList keys(int most, Deadline deadline) throws InterruptedException {
    List<KeyRecord> keys = new ArrayList<>();
    while (true) {
      String after = keys.isEmpty() ? "" : keys.getLast().id();
      String path = page(KEYS, most - keys.size(), after);
      KeyList page = admin.get("read the keys", path, KeyList.class, deadline);
      keys.addAll(page.keys());
      if (page.keys().isEmpty() || keys.size() >= Math.min(most, page.total())) {
        return new KeyList(keys, page.total(), page.working());
      }
    }
  }

  private static String page(String path, int most, String after) {
    String limited = path + "?limit=" + Math.min(most, PAGE);
    return after.isEmpty() ? limited : limited + "&after=" + Call.segment(after);
  }

  /** Only the key's digest is sent. */
  public Optional<KeyRecord> find(ApiKey key, Deadline deadline) throws InterruptedException {
    Call call = Call.get("look the key up", DIGESTS + "/" + key.digest());
    JsonNode found = admin.send(call, deadline).body().path("key");
    return found.isNull()
        ? Optional.empty()
        : Optional.of(AdminPath.read(found, KeyRecord.class, call.name()));
  }

  /** Ends a key; {@link Kind#REJECTED} where there is none. */
  public KeyRecord revoke(String key, Deadline deadline) throws InterruptedException {
    Call call =
        Call.change("revoke the key", "DELETE", KEYS + "/" + Call.segment(key)).asRepeatable();
    Answer answer =
        found(call, deadline, "there is no key called " + key + ": `mcpist keys list` shows them");
    return AdminPath.read(answer.body(), KeyRecord.class, call.name());
  }

  public Plans plans(int most, Deadline deadline) throws InterruptedException {
    List<PlanUser> users = new ArrayList<>();
    while (true) {
      String after = users.isEmpty() ? "" : users.getLast().user();
      String path = page(PLANS, most - users.size(), after);
      Plans page = admin.get("read the plans", path, Plans.class, deadline);
      users.addAll(page.users());
      if (page.users().isEmpty() || users.size() >= Math.min(most, page.totalUsers())) {
        return new Plans(page.plans(), users, page.totalUsers());
      }
    }
  }

  /** Tells of 1 to 1,000 users; all are counted. */
  public Storage storage(int most, Deadline deadline) throws InterruptedException {
    String path = page(USERS, most, "");
    return admin.get("read who has stored how much", path, Storage.class, deadline);
  }

  public void put(PlanLimits plan, Deadline deadline) throws InterruptedException {
    ObjectNode body =
        Call.object()
            .put("callsPerMinute", plan.callsPerMinute())
            .put("callsAtOnce", plan.callsAtOnce());
    plan.storageMib().ifPresent(mib -> body.put("storageMib", mib));
    String path = PLANS + "/" + Call.segment(plan.name());
    var _ = admin.send(Call.change("keep the plan", "PUT", path, body).asRepeatable(), deadline);
  }

  /** Gives a user a plan; {@link Kind#REJECTED} where there is no such plan. */
  public void put(PlanUser user, Deadline deadline) throws InterruptedException {
    JsonNode body = Call.object().put("plan", user.plan());
    String path = USERS + "/" + Call.segment(user.user());
    var _ =
        found(
            Call.change("give the user the plan", "PUT", path, body).asRepeatable(),
            deadline,
            "there is no plan called " + user.plan() + ": `mcpist plans list` shows them");
  }

  /** A page of a user's memories, those after the one of this id; none is the end. */
  public List<JsonNode> memories(String user, String after, Deadline deadline)
      throws InterruptedException {
    String path = MEMORIES + Call.segment(user) + (after.isEmpty() ? "" : "?after=" + after);
    return admin.get("read the memories", path, MemoryPage.class, deadline).memories();
  }

  /** Adds those that are not there yet; {@link Kind#REJECTED} where there is no room for them. */
  public Added add(String user, List<? extends JsonNode> memories, Deadline deadline)
      throws InterruptedException {
    ObjectNode body = Call.object();
    body.putArray("memories").addAll(memories);
    Call call =
        Call.change("store the memories", "POST", MEMORIES + Call.segment(user), body)
            .asRepeatable()
            .accepting(409);
    Answer answer = admin.send(call, deadline);
    if (answer.status() == 409) {
      throw new AdminException(
          Kind.REJECTED,
          "the plan of %1$s allows no more to be stored. `mcpist users list` shows how much it is; `mcpist plans set` and `mcpist users set %1$s --plan PLAN` allow more"
              .formatted(user));
    }
    return AdminPath.read(answer.body(), Added.class, call.name());
  }

  private Answer found(Call call, Deadline deadline, String absent) throws InterruptedException {
    try {
      return admin.ask(call, deadline);
    } catch (ApiException e) {
      throw e.status() == 404 ? new AdminException(Kind.REJECTED, absent) : AdminPath.error(e);
    }
  }
}
