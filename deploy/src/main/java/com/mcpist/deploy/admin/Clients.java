package com.mcpist.deploy.admin;

import com.mcpist.deploy.admin.AdminException.Kind;
import com.mcpist.deploy.http.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.keys.ApiKey;
import com.mcpist.deploy.time.Deadline;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Who may call and how often, as the origins' admin path has it. Every call may be made twice. */
public final class Clients {
  private static final String KEYS = "/api/admin/keys";
  private static final String DIGESTS = "/api/admin/digests";
  private static final String PLANS = "/api/admin/plans";
  private static final String USERS = "/api/admin/users";

  /** How many keys or users an origin tells of at once. */
  private static final int PAGE = 1000;

  private final AdminPath admin;

  /** By that path. */
  public Clients(AdminPath admin) {
    this.admin = admin;
  }

  /**
   * Lets a client in that has the key. The same key is let in twice by the same words only.
   *
   * @param digest the key's
   * @param user whom it makes the caller
   * @param expires empty: never
   * @throws AdminException {@link Kind#REJECTED} where another key has the name, or the key is
   *     there under another one, or was
   */
  public KeyRecord add(
      String digest, String name, String user, Optional<Instant> expires, Deadline deadline)
      throws AdminException, InterruptedException {
    JsonNode body =
        JsonMapper.shared()
            .createObjectNode()
            .put("name", name)
            .put("user", user)
            .put("digest", digest)
            .put("expires", expires.map(Instant::toString).orElse(null));
    Call call = Call.change("register the key", "POST", KEYS, body).asRepeatable().accepting(409);
    Answer answer = admin.send(call, deadline);
    if (answer.status() == 409) {
      throw new AdminException(
          Kind.REJECTED,
          "there is a key called "
              + name
              + " already: choose another name, or end that one first: `mcpist keys revoke "
              + name
              + "`");
    }
    return AdminPath.read(() -> KeyRecord.of(answer.body()), call.name());
  }

  /**
   * The keys: those that work first, then the newest, with those that are revoked.
   *
   * @param most how many of them, one at least; all are counted
   * @param now when it is decided which work, where an origin does not say it
   */
  public KeyList keys(int most, Instant now, Deadline deadline)
      throws AdminException, InterruptedException {
    List<KeyRecord> keys = new ArrayList<>();
    while (true) {
      String after = keys.isEmpty() ? "" : "&after=" + Call.segment(keys.getLast().id());
      Call call =
          Call.get("read the keys", KEYS + "?limit=" + Math.min(most - keys.size(), PAGE) + after);
      JsonNode body = admin.send(call, deadline).body();
      KeyList page = AdminPath.read(() -> KeyList.of(body, now), call.name());
      keys.addAll(page.keys());
      if (page.keys().isEmpty() || keys.size() >= Math.min(most, page.total())) {
        return new KeyList(keys, page.total(), page.working());
      }
    }
  }

  /** What is known of a key that was found somewhere. Only its digest is sent. */
  public Optional<KeyRecord> find(ApiKey key, Deadline deadline)
      throws AdminException, InterruptedException {
    Call call = Call.get("look the key up", DIGESTS + "/" + key.digest());
    JsonNode body = admin.send(call, deadline).body();
    if (body.path("key").isNull()) {
      return Optional.empty();
    }
    return Optional.of(AdminPath.read(() -> KeyRecord.of(body.path("key")), call.name()));
  }

  /**
   * Ends a key.
   *
   * @param key its name or its id
   * @throws AdminException {@link Kind#REJECTED} where there is none
   */
  public KeyRecord revoke(String key, Deadline deadline)
      throws AdminException, InterruptedException {
    Call call =
        Call.change("revoke the key", "DELETE", KEYS + "/" + Call.segment(key)).asRepeatable();
    Answer answer =
        found(call, deadline, "there is no key called " + key + ": `mcpist keys list` shows them");
    return AdminPath.read(() -> KeyRecord.of(answer.body()), call.name());
  }

  /**
   * The plans, and who has which.
   *
   * @param most how many users, one at least; all are counted
   */
  public Plans plans(int most, Deadline deadline) throws AdminException, InterruptedException {
    List<Plans.Holder> users = new ArrayList<>();
    while (true) {
      String after = users.isEmpty() ? "" : "&after=" + Call.segment(users.getLast().user());
      Call call =
          Call.get(
              "read the plans", PLANS + "?limit=" + Math.min(most - users.size(), PAGE) + after);
      Plans page = Plans.of(admin.send(call, deadline).body());
      users.addAll(page.users());
      if (page.users().isEmpty() || users.size() >= Math.min(most, page.totalUsers())) {
        return new Plans(page.plans(), users, page.totalUsers());
      }
    }
  }

  /**
   * Who has stored how much.
   *
   * @param most how many users, 1 to 1,000; all are counted
   */
  public Storage storage(int most, Deadline deadline) throws AdminException, InterruptedException {
    Call call = Call.get("read who has stored how much", USERS + "?limit=" + most);
    return Storage.of(admin.send(call, deadline).body());
  }

  /** Makes a plan, or changes it. */
  public void put(Plans.Plan plan, Deadline deadline) throws AdminException, InterruptedException {
    ObjectNode body =
        JsonMapper.shared()
            .createObjectNode()
            .put("callsPerMinute", plan.callsPerMinute())
            .put("callsAtOnce", plan.callsAtOnce());
    plan.storageMib().ifPresent(mib -> body.put("storageMib", mib));
    String path = PLANS + "/" + Call.segment(plan.name());
    var _ = admin.send(Call.change("keep the plan", "PUT", path, body).asRepeatable(), deadline);
  }

  /**
   * Gives a user a plan.
   *
   * @throws AdminException {@link Kind#REJECTED} where there is no such plan
   */
  public void put(Plans.Holder holder, Deadline deadline)
      throws AdminException, InterruptedException {
    JsonNode body = JsonMapper.shared().createObjectNode().put("plan", holder.plan());
    String path = USERS + "/" + Call.segment(holder.user());
    var _ =
        found(
            Call.change("give the user the plan", "PUT", path, body).asRepeatable(),
            deadline,
            "there is no plan called " + holder.plan() + ": `mcpist plans list` shows them");
  }

  private Answer found(Call call, Deadline deadline, String absent)
      throws AdminException, InterruptedException {
    try {
      return admin.ask(call, deadline);
    } catch (ApiException e) {
      if (e.status() == 404) {
        throw new AdminException(Kind.REJECTED, absent);
      }
      throw AdminPath.error(e);
    }
  }
}
