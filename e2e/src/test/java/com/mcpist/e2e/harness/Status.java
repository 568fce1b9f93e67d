package com.mcpist.e2e.harness;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.deploy.http.SocketHttp.Request;
import com.mcpist.deploy.http.SocketHttp.Response;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.testkit.Conditions;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What {@code ./mcpist status --json} says. */
public record Status(Edge edge, List<Origin> origins, Database database) {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** The edge. */
  public record Edge(String url, long pid) {}

  /**
   * One origin.
   *
   * @param pid absent while it is being started again
   */
  public record Origin(
      String name,
      String url,
      @Nullable Long pid,
      String state,
      boolean active,
      @Nullable String release,
      @Nullable Failure lastFailure) {

    /** The pid of an origin that runs. */
    public long runningPid() {
      return Objects.requireNonNull(pid, name + " does not run");
    }

    /** Sends a request to the origin, past the edge. */
    public Response send(Request request) throws IOException, InterruptedException {
      return SocketHttp.send(URI.create(url), request, Conditions.LIMIT);
    }
  }

  /** Why an origin left the pool last. */
  public record Failure(String at, String reason) {}

  /** The database, without its password. */
  public record Database(String url) {}

  /** From the command's output. */
  public static Status parse(String json) {
    return JSON.readValue(json, Status.class);
  }

  static Status of(PairStatus status) {
    return parse(JSON.writeValueAsString(status));
  }

  /** The origin of that name. */
  public Origin origin(String name) {
    return origins.stream().filter(o -> o.name().equals(name)).findFirst().orElseThrow();
  }

  /** The origin that serves, if one does. */
  public Optional<Origin> active() {
    return origins.stream().filter(Origin::active).findFirst();
  }
}
