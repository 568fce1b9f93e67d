package com.mcpist.deploy.secrets;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.Running.State;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Asks a program that runs which values it has. A question is asked once: who waits asks again. */
public final class Challenge {
  /** Where an origin is asked. */
  public static final String AT_ORIGIN = "/api/admin/secrets";

  /** Where an edge is asked, below its admin interface. */
  public static final String AT_EDGE = "/secrets";

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final URI base;
  private final String path;
  private final Optional<Secret> ownToken;
  private final Time time;

  /**
   * Of one program.
   *
   * @param base what the path is below
   */
  public Challenge(URI base, String path, Time time) {
    this(base, path, Optional.empty(), time);
  }

  private Challenge(URI base, String path, Optional<Secret> ownToken, Time time) {
    this.base = base;
    this.path = path;
    this.ownToken = ownToken;
    this.time = time;
  }

  /** The same, where the program has an admin token of its own. */
  public Challenge by(Secret token) {
    return new Challenge(base, path, Optional.of(token), time);
  }

  /**
   * Asks.
   *
   * @param accesses what is shown, one after the other until one lets in
   * @param names of the secrets that are asked for
   */
  Running ask(List<Access> accesses, Collection<String> names, Deadline deadline)
      throws InterruptedException {
    Running last = Running.not(State.SILENT, "it was not asked");
    for (Access given : accesses) {
      Access access = new Access(given.gateway(), ownToken.orElse(given.token()));
      last = ask(access, accesses, names, deadline);
      if (last.answered() || last.state() == State.SILENT) {
        return last;
      }
    }
    return last;
  }

  private Running ask(Access access, List<Access> all, Collection<String> names, Deadline deadline)
      throws InterruptedException {
    List<Secret> hidden =
        Stream.concat(all.stream(), Stream.of(access)).flatMap(Access::secrets).distinct().toList();
    ApiClient client =
        new ApiClient(base, Optional.of(access.authorization()), hidden, TIMEOUT, time).once();
    String nonce = Proof.nonce();
    ObjectNode body = JsonMapper.shared().createObjectNode().put("nonce", nonce);
    names.forEach(body.putArray("names")::add);
    Call call =
        Call.change("ask for its secrets", "POST", path, body)
            .asRepeatable()
            .with("X-Gateway-Secret", access.gateway().reveal())
            .hiding(hidden);
    try {
      return answered(nonce, client.send(call, deadline).body());
    } catch (ApiException e) {
      return refused(e);
    }
  }

  private static Running answered(String nonce, JsonNode body) {
    Map<String, String> proofs = new TreeMap<>();
    body.path("proofs")
        .properties()
        .forEach(proof -> proofs.put(proof.getKey(), proof.getValue().asString("")));
    Set<String> names = new TreeSet<>();
    body.path("names").forEach(name -> names.add(name.asString("")));
    return new Running(State.ANSWERED, nonce, proofs, names, "");
  }

  private static Running refused(ApiException e) {
    String message = String.valueOf(e.getMessage());
    if (e.reason() == Reason.STATUS) {
      switch (e.status()) {
        case 403:
          return Running.not(State.OTHER_GATEWAY_SECRET, "it has another GATEWAY_SECRET");
        case 401:
          return Running.not(State.OTHER_ADMIN_TOKEN, "it has another ADMIN_TOKEN");
        case 404:
          return Running.not(
              State.OTHER_ADMIN_TOKEN, "it has no ADMIN_TOKEN, or is of a release without secrets");
        default:
          break;
      }
    }
    return Running.not(State.SILENT, message);
  }
}
