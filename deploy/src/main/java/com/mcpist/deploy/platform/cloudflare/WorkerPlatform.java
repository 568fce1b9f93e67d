package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Body;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.cloudflare.WorkerRollout.Done;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * The Worker on Cloudflare: versions are uploaded, and one of them is deployed. Every call can
 * simply be made again: it finishes what is unfinished and changes nothing where all is done.
 */
public final class WorkerPlatform {
  /** How often is looked whether an upload whose answer is lost has acted. */
  private static final int LOOKS = 3;

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  /** How long the list of versions may lag behind an upload. */
  private static final Duration LISTED = Duration.ofMinutes(1);

  private final WorkersApi api;

  /** One Worker. */
  public WorkerPlatform(CloudflareAccess access, String worker) {
    this.api = new WorkersApi(access, worker);
  }

  /**
   * What serves.
   *
   * @param deployed empty where several versions share the traffic
   * @param versions all that there are, the newest first
   * @param earlier ids of what has been deployed, the newest first, with what serves
   */
  private record Standing(
      Optional<WorkerVersion> deployed, List<WorkerVersion> versions, List<String> earlier) {
    Optional<WorkerVersion> newest() {
      return versions.stream().findFirst();
    }
  }

  private Optional<Standing> standing(Deadline deadline)
      throws PlatformException, InterruptedException {
    Optional<List<String>> deployed = api.deployed(deadline);
    if (deployed.isEmpty()) {
      return Optional.empty();
    }
    List<WorkerVersion> versions = api.versions(deadline);
    String first = deployed.get().stream().findFirst().orElse("");
    return Optional.of(new Standing(version(versions, first), versions, deployed.get()));
  }

  private static Optional<WorkerVersion> version(List<WorkerVersion> versions, String id) {
    return versions.stream().filter(version -> version.id().equals(id)).findFirst();
  }

  /** What serves; empty where there is no Worker, or several versions share its traffic. */
  public Optional<WorkerVersion> current(Deadline deadline)
      throws PlatformException, InterruptedException {
    return standing(deadline).flatMap(Standing::deployed);
  }

  /** Whether there is a Worker at all. */
  public boolean exists(Deadline deadline) throws PlatformException, InterruptedException {
    return api.deployed(deadline).isPresent();
  }

  /** What serves and what served before, the newest first, each once. */
  public List<WorkerVersion> history(Deadline deadline)
      throws PlatformException, InterruptedException {
    Optional<Standing> standing = standing(deadline);
    List<WorkerVersion> history = new ArrayList<>();
    for (String id : standing.map(Standing::earlier).orElse(List.of())) {
      standing
          .flatMap(there -> version(there.versions(), id))
          .filter(version -> !history.contains(version))
          .ifPresent(history::add);
    }
    return history;
  }

  /**
   * The changing calls that {@link #deploy} would make now, each as a person reads it. Changes
   * nothing.
   */
  public List<String> preview(WorkerRelease wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    String namespace = namespace(wanted, deadline);
    Optional<Standing> standing = standing(deadline);
    if (standing.isEmpty()) {
      List<String> making = new ArrayList<>(List.of("PUT " + api.path() + ": " + wanted.release()));
      observability(wanted).map(WorkerObservability::told).ifPresent(making::add);
      return making;
    }
    List<String> calls = new ArrayList<>();
    Optional<WorkerVersion> there = uploaded(standing.get(), wanted.mark(namespace));
    if (there.isEmpty()) {
      calls.add("POST " + api.path() + "/versions: " + wanted.release());
    }
    if (there.isEmpty() || !there.equals(standing.get().deployed())) {
      calls.add("POST " + api.path() + "/deployments: all traffic to it");
    }
    Optional<WorkerObservability> logs = observability(wanted);
    if (logs.isPresent() && logs.get().change(deadline).isPresent()) {
      calls.add(logs.get().told());
    }
    return calls;
  }

  private Optional<WorkerObservability> observability(WorkerRelease wanted) {
    return wanted.bundle().observability().map(on -> new WorkerObservability(api, on));
  }

  private boolean settled(WorkerRelease wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    Optional<WorkerObservability> logs = observability(wanted);
    return logs.isPresent() && logs.get().apply(deadline);
  }

  /**
   * Uploads a version and deploys it; returns as soon as Cloudflare has taken that up. What is
   * there already is not sent again. Settings that no version has are made so before anything else,
   * so that what cannot be done is known before anything serves.
   */
  public WorkerRollout deploy(WorkerRelease wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    String namespace = namespace(wanted, deadline);
    Body form = wanted.form(namespace);
    Optional<Standing> standing = standing(deadline);
    if (standing.isEmpty()) {
      api.create(form, deadline);
      boolean settings = settled(wanted, deadline);
      Done done = new Done(true, settings, false);
      WorkerVersion made = listed(versions -> versions.stream().findFirst(), deadline);
      return new WorkerRollout(api, Optional.empty(), made, done);
    }
    boolean settings = settled(wanted, deadline);
    String mark = wanted.mark(namespace);
    Optional<WorkerVersion> there = uploaded(standing.get(), mark);
    WorkerVersion version =
        there.isPresent() ? there.get() : upload(form, mark, standing.get(), deadline);
    return deployed(standing.get(), version, wanted.message(), settings, false, deadline);
  }

  /**
   * Deploys an earlier version again, with the secrets that it had.
   *
   * @param force also where the secrets have changed since
   * @throws PlatformException {@link Kind#CONFLICT} where they have, and it is not forced
   */
  public WorkerRollout restore(WorkerVersion earlier, boolean force, Deadline deadline)
      throws PlatformException, InterruptedException {
    Standing standing = standing(deadline).orElseThrow(this::noWorker);
    return deployed(standing, earlier, earlier.release(), false, force, deadline);
  }

  /**
   * What a version reads from EDGE_CONFIG; nothing where it has none, or was uploaded by somebody
   * else and cannot be read.
   */
  public JsonNode edgeConfig(WorkerVersion version, Deadline deadline)
      throws PlatformException, InterruptedException {
    String text = api.variable(version.id(), WorkerRelease.EDGE_CONFIG, deadline).orElse("");
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException _) {
      return MissingNode.getInstance();
    }
  }

  private WorkerRollout deployed(
      Standing standing,
      WorkerVersion version,
      String message,
      boolean settings,
      boolean force,
      Deadline deadline)
      throws PlatformException, InterruptedException {
    boolean serves = standing.deployed().filter(version::equals).isPresent();
    boolean oldSecrets = !serves && api.deploy(version.id(), message, force, deadline);
    Done done = new Done(!serves, settings, oldSecrets);
    return new WorkerRollout(api, standing.deployed(), version, done);
  }

  /** Finds a version that is there: Cloudflare's list may take a while until it has it. */
  private WorkerVersion listed(
      Function<List<WorkerVersion>, Optional<WorkerVersion>> which, Deadline deadline)
      throws PlatformException, InterruptedException {
    Deadline patience = deadline.another(deadline.atMost(LISTED));
    while (true) {
      Optional<WorkerVersion> found = which.apply(api.versions(deadline));
      if (found.isPresent()) {
        return found.get();
      }
      if (patience.passed()) {
        throw notListed();
      }
      patience.sleep(BETWEEN_LOOKS);
    }
  }

  private String namespace(WorkerRelease wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    return api.namespace(wanted.state(), deadline)
        .orElseThrow(
            () ->
                new PlatformException(
                    Kind.NOT_FOUND,
                    CloudflareAccess.NAME,
                    "find the KV namespace",
                    "the account has none with the title " + wanted.state(),
                    "Make it with Terraform first, as terraform/README.md says"));
  }

  /** The newest version, where it has that program: an older one has older secrets. */
  private static Optional<WorkerVersion> uploaded(Standing standing, String mark) {
    return standing.newest().filter(version -> version.mark().equals(mark));
  }

  /** Sends it once. Where nobody knows whether it has acted, a new version tells. */
  private WorkerVersion upload(Body form, String mark, Standing before, Deadline deadline)
      throws PlatformException, InterruptedException {
    try {
      String id = api.upload(form, deadline);
      return listed(versions -> version(versions, id), deadline);
    } catch (ApiException e) {
      for (int look = 0; look < LOOKS && e.mayHaveActed(); look++) {
        Optional<WorkerVersion> newest = api.versions(deadline).stream().findFirst();
        boolean made = newest.filter(version -> version.mark().equals(mark)).isPresent();
        if (made && !newest.equals(before.newest())) {
          return newest.orElseThrow();
        }
        deadline.sleep(BETWEEN_LOOKS);
      }
      throw api.errors().notActed(e);
    }
  }

  private PlatformException notListed() {
    return new PlatformException(
        Kind.UNAVAILABLE,
        CloudflareAccess.NAME,
        "find the Worker's version",
        "it is uploaded, and Cloudflare does not list it",
        "Run it again in a while: it goes on with what is there");
  }

  private PlatformException noWorker() {
    return new PlatformException(
        Kind.NOT_FOUND,
        CloudflareAccess.NAME,
        "find the Worker's version",
        "Cloudflare does not show it",
        "Run it again; `mcpist deploy --worker` makes the Worker where there is none");
  }
}
