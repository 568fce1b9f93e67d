package com.mcpist.cli;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminPath.LockHolder;
import com.mcpist.deploy.edgeclient.EdgeException;
import com.mcpist.deploy.edgeclient.EdgeStatus;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.originclient.OriginClient.Health;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.release.Concurrently;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * How a deployment on platforms is.
 *
 * @param worker the Worker in front; empty where the edge is another
 * @param edge what the edge sees; empty where it is not asked or does not answer
 * @param lock who deploys at this moment
 */
record ProductionStatus(
    String url,
    Optional<WorkerRow> worker,
    List<Row> rows,
    Optional<EdgeStatus> edge,
    Optional<LockHolder> lock) {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final List<String> HEAD =
      List.of("", "ORIGIN", "EDGE", "PLATFORM", "HEALTH", "RELEASE", "DIGEST");

  /** One origin: what its platform says, and what it says itself. */
  record Row(String name, String url, String platform, String platformSays, Health health) {}

  /**
   * The Worker on Cloudflare.
   *
   * @param version what serves; empty where that is not known
   * @param problem why it is not; else empty
   */
  record WorkerRow(Optional<WorkerVersion> version, String problem) {
    static WorkerRow of(CloudflareSite site) throws InterruptedException {
      try {
        Optional<WorkerVersion> version = site.worker().current(limit());
        return new WorkerRow(version, version.isEmpty() ? "no version has all traffic" : "");
      } catch (PlatformException e) {
        return new WorkerRow(Optional.empty(), String.valueOf(e.getMessage()));
      }
    }

    String told() {
      return version.map(WorkerVersion::toString).orElse(problem);
    }
  }

  /** Asks platforms, origins and edge. */
  static ProductionStatus of(Place place, Optional<CloudflareSite> cloudflare)
      throws InterruptedException {
    Optional<WorkerRow> worker = Optional.empty();
    if (cloudflare.isPresent()) {
      worker = Optional.of(WorkerRow.of(cloudflare.get()));
    }
    List<Row> rows =
        Concurrently.each(
            place.site().targets(), RuntimeException.class, target -> row(place, target));
    return new ProductionStatus(
        place.site().edge().map(edge -> edge.client().url().toString()).orElse(""),
        worker,
        rows,
        edge(place, limit()),
        lock(place, limit()));
  }

  /** Each has its own time: a platform that hangs says nothing of the others. */
  private static Row row(Place place, Target target) throws InterruptedException {
    Health health = target.client().health(Optional.of(place.site().gateway()), limit());
    return new Row(
        target.name(),
        target.client().url().toString(),
        target.platform().map(p -> p.name()).orElse(""),
        platform(target, limit()),
        health);
  }

  private static Deadline limit() {
    return Deadline.in(LIMIT, Time.system());
  }

  private static String platform(Target target, Deadline deadline) throws InterruptedException {
    if (target.platform().isEmpty()) {
      return "";
    }
    try {
      Release release = target.platform().get().current(deadline);
      return release.told() + (release.detail().isEmpty() ? "" : " (" + release.detail() + ")");
    } catch (PlatformException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static Optional<EdgeStatus> edge(Place place, Deadline deadline)
      throws InterruptedException {
    if (place.edge().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(place.edge().get().status(deadline));
    } catch (EdgeException _) {
      return Optional.empty();
    }
  }

  private static Optional<LockHolder> lock(Place place, Deadline deadline)
      throws InterruptedException {
    if (place.site().admin().isEmpty()) {
      return Optional.empty();
    }
    try {
      return place.site().admin().get().holder(deadline);
    } catch (AdminException _) {
      return Optional.empty();
    }
  }

  String text(Terminal terminal) {
    List<List<String>> cells = new ArrayList<>();
    cells.add(HEAD);
    for (Row row : rows) {
      Optional<EdgeStatus.Seen> seen = edge.flatMap(status -> status.origin(row.name()));
      boolean active = seen.filter(EdgeStatus.Seen::active).isPresent();
      cells.add(
          List.of(
              active ? (terminal.unicode() ? "▶" : ">") : "",
              row.name(),
              seen.map(EdgeStatus.Seen::state).orElse("-"),
              row.platformSays().isEmpty() ? "-" : row.platform() + ": " + row.platformSays(),
              row.health().told(),
              orDash(row.health().release()),
              orDash(ImageReference.brief(row.health().digest()))));
    }
    return "Edge  "
        + (url.isEmpty() ? "mcpist.yml has no domain" : url + "/mcp")
        + worker.map(row -> "\nWorker  " + row.told()).orElse("")
        + "\n\n"
        + TextTable.render(cells, HEAD.size(), (column, cell) -> cell)
        + lock.map(
                holder -> "\n" + holder.told(Time.system().wall()) + " deploys at this moment.\n")
            .orElse("");
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  String json() {
    ObjectNode json = JsonMapper.shared().createObjectNode();
    json.putObject("edge").put("url", url);
    if (worker.isPresent()) {
      json.putObject("worker")
          .put("release", worker.get().version().map(WorkerVersion::release).orElse(null))
          .put("version", worker.get().version().map(WorkerVersion::id).orElse(null))
          .put("problem", worker.get().problem());
    } else {
      json.putNull("worker");
    }
    ArrayNode origins = json.putArray("origins");
    for (Row row : rows) {
      Optional<EdgeStatus.Seen> seen = edge.flatMap(status -> status.origin(row.name()));
      origins
          .addObject()
          .put("name", row.name())
          .put("url", row.url())
          .put("platform", row.platform())
          .put("platformState", row.platformSays())
          .put("healthy", row.health().ok())
          .put("state", seen.map(EdgeStatus.Seen::state).orElse(null))
          .put("active", seen.map(EdgeStatus.Seen::active).orElse(null))
          .put("release", row.health().release())
          .put("digest", row.health().digest())
          .put("lastFailure", seen.flatMap(EdgeStatus.Seen::lastFailure).orElse(null));
    }
    if (lock.isPresent()) {
      json.putObject("lock")
          .put("owner", lock.get().owner())
          .put("purpose", lock.get().purpose())
          .put("since", lock.get().since().toString())
          .put("expires", lock.get().expires().toString());
    } else {
      json.putNull("lock");
    }
    return json.toString();
  }
}
