package com.mcpist.deploy.edgeclient;

import module java.base;

import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Problems;
import tools.jackson.databind.JsonNode;

public interface EdgeControl {
  EdgeStatus status(Deadline deadline) throws InterruptedException;

  /** Sends an origin no new calls; refused where no healthy origin would be left. */
  EdgeStatus drain(String origin, Deadline deadline) throws InterruptedException;

  /** Sends an origin calls again, once it is healthy: until the deadline that is waited for. */
  EdgeStatus undrain(String origin, Deadline deadline) throws InterruptedException;

  /** What an edge tells; empty where there is none, or it cannot be asked. */
  static Optional<EdgeStatus> ask(Optional<? extends EdgeControl> edge, Deadline deadline)
      throws InterruptedException {
    try {
      return edge.isEmpty() ? Optional.empty() : Optional.of(edge.get().status(deadline));
    } catch (EdgeException _) {
      return Optional.empty();
    }
  }

  /** The edge does not do it. The message is one line for a person, without a secret. */
  public static final class EdgeException extends RuntimeException {
    private final boolean refused;
    private final boolean answered;

    /** Creates an exception about an edge that has answered. */
    public EdgeException(String message, boolean refused) {
      this(message, refused, true);
    }

    EdgeException(String message, boolean refused, boolean answered) {
      super(message);
      this.refused = refused;
      this.answered = answered;
    }

    /** Whether it answers, and will not: no healthy origin would be left. */
    public boolean refused() {
      return refused;
    }

    /** Returns false if the edge gave no HTTP answer at all. */
    public boolean answered() {
      return answered;
    }
  }

  /**
   * A load balancer, and the Worker before it, which sends calls past it where an attempt has
   * failed: what is drained must be so at both. Where the second of them fails, the first has
   * changed; the same command again finishes it.
   */
  public record BothEdges(EdgeControl balancer, EdgeControl worker) implements EdgeControl {
    @Override
    public EdgeStatus status(Deadline deadline) throws InterruptedException {
      return balancer.status(deadline);
    }

    /** The Worker first: it knows at once, and refuses where no healthy origin would be left. */
    @Override
    public EdgeStatus drain(String origin, Deadline deadline) throws InterruptedException {
      var _ = worker.drain(origin, deadline);
      try {
        return balancer.drain(origin, deadline);
      } catch (EdgeException e) {
        throw half(e, "the Worker sends " + origin + " no calls, and the load balancer still does");
      }
    }

    /** The load balancer first: it waits until the origin is healthy. */
    @Override
    public EdgeStatus undrain(String origin, Deadline deadline) throws InterruptedException {
      EdgeStatus status = balancer.undrain(origin, deadline);
      try {
        var _ = worker.undrain(origin, deadline);
      } catch (EdgeException e) {
        throw half(e, "the load balancer has " + origin + " in again, and the Worker does not");
      }
      return status;
    }

    private static EdgeException half(EdgeException e, String state) {
      String problem = String.valueOf(e.getMessage()).replaceAll("\\.$", "");
      return new EdgeException(
          problem + ". Now " + state + ": run it again", e.refused(), e.answered());
    }
  }

  /** The calls are those since it started; the tick is the cron trigger's. */
  public record EdgeStatus(
      List<Seen> origins,
      Optional<Calls> calls,
      Optional<String> release,
      Optional<Tick> lastTick,
      List<String> problems) {
    /** The state is healthy, suspect, unhealthy or drained. */
    public record Seen(
        String name, String state, boolean active, String release, Optional<String> lastFailure) {}

    /** A run of the cron trigger; {@code at} is in ISO 8601, UTC. */
    public record Tick(String at, String release) {
      public String told() {
        return "it has last run as " + release + ", at " + at;
      }
    }

    /** {@code answered} with any answer; failed: with an error of the origin's or the edge's. */
    public record Calls(long answered, long failed, long replayed) {
      /** Returns the calls since {@code before}; all calls if the edge has started anew. */
      public Calls since(Calls before) {
        return answered < before.answered
            ? this
            : new Calls(
                answered - before.answered, failed - before.failed, replayed - before.replayed);
      }
    }

    public Optional<Seen> origin(String name) {
      return origins.stream().filter(origin -> origin.name().equals(name)).findFirst();
    }

    static EdgeStatus of(JsonNode json) {
      List<Seen> origins = new ArrayList<>();
      for (JsonNode origin : json.path("origins")) {
        origins.add(
            new Seen(
                origin.path("name").asString(""),
                origin.path("state").asString(""),
                origin.path("active").asBoolean(false),
                origin.path("release").asString(""),
                object(origin, "lastFailure")
                    .map(
                        it -> it.path("reason").asString("") + ", " + it.path("at").asString(""))));
      }
      return new EdgeStatus(
          origins,
          object(json, "calls")
              .map(
                  it ->
                      new Calls(
                          it.path("answered").asLong(0),
                          it.path("failed").asLong(0),
                          it.path("replayed").asLong(0))),
          Optional.of(json.path("release").asString("")).filter(name -> !name.isEmpty()),
          object(json, "cron")
              .map(it -> new Tick(it.path("at").asString(""), it.path("release").asString(""))),
          Problems.of(json));
    }

    private static Optional<JsonNode> object(JsonNode json, String key) {
      return Optional.of(json.path(key)).filter(JsonNode::isObject);
    }
  }

  public record EdgeAdmin(ApiClient client) implements EdgeControl {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    public EdgeAdmin(URI base, Secret token, Time time) {
      Secret header = Secret.of("Bearer " + token.reveal());
      this(new ApiClient(base, Optional.of(header), List.of(token), TIMEOUT, time));
    }

    @Override
    public EdgeStatus status(Deadline deadline) throws InterruptedException {
      return send(Call.get("ask the edge", "/status"), deadline);
    }

    @Override
    public EdgeStatus drain(String origin, Deadline deadline) throws InterruptedException {
      return change("drain", origin, deadline);
    }

    @Override
    public EdgeStatus undrain(String origin, Deadline deadline) throws InterruptedException {
      return change("undrain", origin, deadline);
    }

    private EdgeStatus change(String verb, String origin, Deadline deadline)
        throws InterruptedException {
      String path = "/origins/" + Call.segment(origin) + "/" + verb;
      return send(Call.change(verb + " " + origin, "POST", path).asRepeatable(), deadline);
    }

    private EdgeStatus send(Call call, Deadline deadline) throws InterruptedException {
      try {
        return EdgeStatus.of(client.send(call, deadline).body());
      } catch (ApiException e) {
        boolean refused = e.reason() == Reason.STATUS && e.status() == 409;
        String advice = e.status() == 401 ? ". Check the edge's admin token" : "";
        throw new EdgeException(
            call.name()
                + ": "
                + (refused ? "no healthy origin would be left" : e.getMessage() + advice),
            refused,
            e.answered());
      }
    }
  }
}
