package com.mcpist.deploy.edgeclient;

import com.mcpist.deploy.edgeclient.EdgeControl.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.ApiException.Reason;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
          refused);
    }
  }
}
