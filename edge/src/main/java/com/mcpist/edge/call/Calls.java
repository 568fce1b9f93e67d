package com.mcpist.edge.call;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;
import com.mcpist.edge.gate.Gate;
import com.mcpist.edge.gate.HostNames;
import com.mcpist.edge.gate.Rejection;
import com.mcpist.edge.gate.Rejection.Refusal;
import com.mcpist.edge.gate.RequestCheck;
import com.mcpist.edge.gate.Route;
import com.mcpist.edge.gate.auth.Caller;
import com.mcpist.edge.listen.ClientConnection;
import com.mcpist.edge.listen.ProxyServer;
import com.mcpist.edge.pool.Origins;
import com.mcpist.edge.time.TimeLimits;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Supplier;

/** All calls of an edge. What becomes of a request is in {@link OnLoop#handle}. */
public final class Calls {
  private final ProxyConfig config;
  private final RequestCheck check;
  private final Gate gate;
  private final Origins origins;
  private final Supplier<String> gatewaySecret;
  private final HeldBody.Budget budget;
  private final CallCounts.Counter counter = new CallCounts.Counter();

  /**
   * None yet.
   *
   * @param names by which the edge may be asked
   * @param gate who gets in
   * @param gatewaySecret the value of X-Gateway-Secret to send, asked for at every attempt
   */
  public Calls(
      ProxyConfig config,
      HostNames names,
      Gate gate,
      Origins origins,
      Supplier<String> gatewaySecret) {
    this.config = config;
    this.check = new RequestCheck(config.maxBodyBytes(), names);
    this.gate = gate;
    this.origins = origins;
    this.gatewaySecret = gatewaySecret;
    this.budget = new HeldBody.Budget(config.replayBufferBytes());
  }

  /** How they have ended; from any thread. */
  public CallCounts counts() {
    return counter.counts();
  }

  /** Those of one event loop; called on it. */
  public ProxyServer.Handler onLoop(Context context, TimeLimits time) {
    return new OnLoop(context, time)::handle;
  }

  private final class OnLoop {
    private final NoArgGenerator ids = Generators.timeBasedEpochRandomGenerator();
    private final Intake.Means intakes;
    private final Call.Means calls;

    OnLoop(Context context, TimeLimits time) {
      Upstream upstream = new Upstream(context.owner(), config);
      Attempt.Means attempts = new Attempt.Means(config, time, origins, upstream, gatewaySecret);
      ToolCatalog catalog = new ToolCatalog(attempts, this::newId);
      this.calls = new Call.Means(context.owner(), attempts, catalog, budget, counter);
      this.intakes =
          new Intake.Means(context, time, gate, check, budget, config.clients().bodyMillis());
    }

    /** Unguessable, since whoever knows it can ask for the call's result. */
    private String newId() {
      return ids.generate().toString();
    }

    void handle(ClientConnection connection, HttpServerRequest request) {
      Client client = new Client(connection, request, gate::challengeOfOrigin);
      if (request.decoderResult().isFailure()) {
        Rejection rejection = Rejection.of(request.decoderResult().cause());
        Refusal refusal = gate.address(request).orElseGet(() -> Refusal.of(rejection));
        client.reject(refusal, Route.NOT_FOUND, true, newId());
        return;
      }
      Route route = Route.of(request.method(), request.uri());
      new Intake(intakes, client, route, result -> takenIn(client, route, result)).begin();
    }

    private void takenIn(Client client, Route route, Intake.Result result) {
      switch (result) {
        case Intake.Result.Refused(Refusal refusal, boolean bodyLeft) -> {
          client.reject(refusal, route, bodyLeft, newId());
          if (refusal.rejection() == Rejection.OVERLOADED && route != Route.HEALTH) {
            counter.answered(true, 0);
          }
        }
        case Intake.Result.Taken _ when route == Route.METADATA && gate.asks() ->
            gate.metadata()
                .ifPresentOrElse(
                    client::metadata,
                    () -> client.reject(Refusal.of(Rejection.NOT_FOUND), route, false, newId()));
        case Intake.Result.Taken(Caller caller, HeldBody body) -> {
          CallHeaders headers = new CallHeaders(client.request().headers(), route, caller, newId());
          new Call(calls, client, route, headers, body).start();
        }
      }
    }
  }
}
