package com.mcpist.deploy.platform.cloudflare;

import module java.base;

import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.http.Call.Body;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout.HealthWait;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Worker on Cloudflare. A version is uploaded and then deployed. Every call can be made again,
 * and finishes what is unfinished.
 */
public record WorkerPlatform(WorkersApi api) implements SecretStore {
  private static final String OBSERVABILITY = "observability";

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  /** The time by which the list of versions may lag behind an upload. */
  private static final Duration LISTED = Duration.ofMinutes(1);

  public WorkerPlatform(CloudflareAccess access, String worker) {
    this(new WorkersApi(access, worker));
  }

  private record Versions(
      Optional<WorkerVersion> serving, List<WorkerVersion> list, List<String> deployedIds) {

    /**
     * Returns the newest version if it has that program. An older version with that program is not
     * used, because it has older secrets.
     */
    Optional<WorkerVersion> uploaded(String mark) {
      return newest().filter(version -> version.mark().equals(mark));
    }

    Optional<WorkerVersion> newest() {
      return list.stream().findFirst();
    }
  }

  private Optional<Versions> versions(Deadline deadline) throws InterruptedException {
    Optional<List<String>> deployed = api.deployed(deadline);
    if (deployed.isEmpty()) {
      return Optional.empty();
    }
    List<WorkerVersion> list = api.versions(deadline);
    String first = deployed.get().stream().findFirst().orElse("");
    return Optional.of(new Versions(version(list, first), list, deployed.get()));
  }

  private static Optional<WorkerVersion> version(List<WorkerVersion> versions, String id) {
    return versions.stream().filter(version -> version.id().equals(id)).findFirst();
  }

  /**
   * Returns the version that serves, or empty if there is no Worker or several versions share its
   * traffic.
   */
  public Optional<WorkerVersion> current(Deadline deadline) throws InterruptedException {
    return versions(deadline).flatMap(Versions::serving);
  }

  public boolean exists(Deadline deadline) throws InterruptedException {
    return api.deployed(deadline).isPresent();
  }

  /** Returns the version that serves and those that served before, the newest first, each once. */
  public List<WorkerVersion> history(Deadline deadline) throws InterruptedException {
    Optional<Versions> all = versions(deadline);
    return all.stream()
        .flatMap(there -> there.deployedIds().stream())
        .distinct()
        .flatMap(id -> version(all.get().list(), id).stream())
        .toList();
  }

  /** Returns the changing calls that {@link #deploy} would make now, each as a person reads it. */
  public List<String> preview(WorkerRelease wanted, Deadline deadline) throws InterruptedException {
    String mark = wanted.mark(namespace(wanted, deadline));
    Optional<Versions> versions = versions(deadline);
    List<String> calls = new ArrayList<>();
    if (versions.isEmpty()) {
      calls.add("PUT " + api.path() + ": " + wanted.release());
    } else {
      Optional<WorkerVersion> there = versions.get().uploaded(mark);
      if (there.isEmpty()) {
        calls.add("POST " + api.path() + "/versions: " + wanted.release());
      }
      if (there.isEmpty() || !there.equals(versions.get().serving())) {
        calls.add("POST " + api.path() + "/deployments: all traffic to it");
      }
    }
    Optional<Boolean> logs = wanted.bundle().observability();
    if (logs.isPresent() && (versions.isEmpty() || logsChange(logs.get(), deadline).isPresent())) {
      String kept = logs.get() ? "kept" : "not kept";
      calls.add("PATCH " + api.path() + WorkersApi.SETTINGS + ": logs are " + kept);
    }
    return calls;
  }

  /**
   * Returns the settings that make Cloudflare keep the Worker's logs, or not keep them, or empty if
   * the settings are so already. The setting belongs to no version: an upload does not change it, a
   * rollback does not revert it, and other parts of it that somebody has set stay.
   */
  private Optional<ObjectNode> logsChange(boolean kept, Deadline deadline)
      throws InterruptedException {
    ObjectNode now = VendorCalls.object(api.settings(deadline).path(OBSERVABILITY));
    if (now.path("enabled").asBoolean(false) == kept) {
      return Optional.empty();
    }
    ObjectNode change = Call.object();
    change.set(OBSERVABILITY, now.deepCopy().put("enabled", kept));
    return Optional.of(change);
  }

  /**
   * Changes the settings that belong to no version, and returns true if one of them had another
   * value.
   */
  private boolean settled(WorkerRelease wanted, Deadline deadline) throws InterruptedException {
    Optional<Boolean> logs = wanted.bundle().observability();
    Optional<ObjectNode> change =
        logs.isPresent() ? logsChange(logs.get(), deadline) : Optional.empty();
    if (change.isPresent()) {
      api.change(change.get(), deadline);
    }
    return change.isPresent();
  }

  /**
   * Deploys a release, and returns as soon as Cloudflare has accepted it; a version that is there
   * already is not uploaded again. Settings that belong to no version are changed first, so that a
   * change that cannot be made is known before anything serves.
   */
  public WorkerRollout deploy(WorkerRelease wanted, Deadline deadline) throws InterruptedException {
    String namespace = namespace(wanted, deadline);
    Body form = wanted.form(namespace);
    Optional<Versions> versions = versions(deadline);
    if (versions.isEmpty()) {
      api.create(form, deadline);
      boolean settings = settled(wanted, deadline);
      WorkerVersion made = listed(list -> list.stream().findFirst(), deadline);
      return new WorkerRollout(api, Optional.empty(), made, true, settings, false);
    }
    boolean settings = settled(wanted, deadline);
    String mark = wanted.mark(namespace);
    Optional<WorkerVersion> there = versions.get().uploaded(mark);
    WorkerVersion version =
        there.isPresent() ? there.get() : upload(form, mark, versions.get(), deadline);
    return deployed(versions.get(), version, wanted.message(), settings, false, deadline);
  }

  /**
   * Deploys an earlier version with the secrets that it had. Throws {@link Kind#CONFLICT} if they
   * have changed, unless forced.
   */
  public WorkerRollout restore(WorkerVersion earlier, boolean force, Deadline deadline)
      throws InterruptedException {
    Versions versions =
        versions(deadline)
            .orElseThrow(
                () ->
                    notFound(
                        Kind.NOT_FOUND,
                        "Cloudflare does not show it",
                        "Run it again; `mcpist deploy --worker` makes the Worker where there is"
                            + " none"));
    return deployed(versions, earlier, earlier.release(), false, force, deadline);
  }

  /**
   * Returns the EDGE_CONFIG of a version, or a missing node if the version has none, or none of
   * MCPist's.
   */
  public JsonNode edgeConfig(WorkerVersion version, Deadline deadline) throws InterruptedException {
    String text = api.variable(version.id(), WorkerRelease.EDGE_CONFIG, deadline).orElse("");
    try {
      return JsonMapper.shared().readTree(text);
    } catch (JacksonException _) {
      return MissingNode.getInstance();
    }
  }

  private WorkerRollout deployed(
      Versions versions,
      WorkerVersion version,
      String message,
      boolean settings,
      boolean force,
      Deadline deadline)
      throws InterruptedException {
    boolean serves = versions.serving().filter(version::equals).isPresent();
    boolean oldSecrets = !serves && api.deploy(version.id(), message, force, deadline);
    return new WorkerRollout(api, versions.serving(), version, !serves, settings, oldSecrets);
  }

  /** Returns a version that exists. Cloudflare's list may take a while to contain it. */
  private WorkerVersion listed(
      Function<List<WorkerVersion>, Optional<WorkerVersion>> which, Deadline deadline)
      throws InterruptedException {
    Deadline patience = deadline.another(deadline.atMost(LISTED));
    while (true) {
      Optional<WorkerVersion> found = which.apply(api.versions(deadline));
      if (found.isPresent()) {
        return found.get();
      }
      if (patience.passed()) {
        throw notFound(
            Kind.UNAVAILABLE,
            "it is uploaded, and Cloudflare does not list it",
            "Run it again in a while: it goes on with what is there");
      }
      patience.sleep(BETWEEN_LOOKS);
    }
  }

  private String namespace(WorkerRelease wanted, Deadline deadline) throws InterruptedException {
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

  /**
   * Uploads a version. If the outcome of the upload is unknown, a new version in the list shows
   * that it has acted.
   */
  private WorkerVersion upload(Body form, String mark, Versions before, Deadline deadline)
      throws InterruptedException {
    String id =
        api.calls()
            .once(
                () -> api.upload(form, deadline),
                () ->
                    api.versions(deadline).stream()
                        .limit(1)
                        .filter(newest -> newest.mark().equals(mark))
                        .filter(newest -> !Optional.of(newest).equals(before.newest()))
                        .map(WorkerVersion::id)
                        .findFirst(),
                deadline);
    return listed(list -> version(list, id), deadline);
  }

  private static PlatformException notFound(Kind kind, String problem, String advice) {
    return new PlatformException(
        kind, CloudflareAccess.NAME, "find the Worker's version", problem, advice);
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws InterruptedException {
    return api.secrets(deadline);
  }

  /**
   * {@inheritDoc} A new value takes effect at once: storing one makes a version with it and deploys
   * that version, so no restart is needed. Cloudflare accepts a secret only while the Worker's
   * latest version is the deployed one, otherwise this throws {@link Kind#CONFLICT}. Cloudflare
   * returns no values, so an unchanged value counts as updated. If the call is made again after a
   * failure, it finishes.
   */
  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    Set<String> there = api.secrets(deadline);
    Map<String, SecretChange> changes = new TreeMap<>();
    for (Map.Entry<String, Secret> entry : new TreeMap<>(values).entrySet()) {
      String name = entry.getKey();
      api.putSecret(name, entry.getValue(), deadline);
      changes.put(name, there.contains(name) ? SecretChange.UPDATED : SecretChange.CREATED);
    }
    return changes;
  }

  /**
   * A deployment of a version. {@code oldSecrets} is true if the version has brought back secrets
   * that have been changed since.
   */
  public record WorkerRollout(
      WorkersApi api,
      Optional<WorkerVersion> before,
      WorkerVersion version,
      boolean deployed,
      boolean settings,
      boolean oldSecrets) {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    public boolean unchanged() {
      return !deployed && !settings;
    }

    /**
     * Returns the version that served before and can be brought back, or empty if nothing was
     * deployed.
     */
    public Optional<WorkerVersion> wayBack() {
      return deployed ? before : Optional.empty();
    }

    /**
     * Waits until the version is deployed. Throws {@link Kind#CONFLICT} if somebody else deploys
     * another version.
     */
    public void awaitDeployed(Consumer<Step> observer, Deadline deadline)
        throws InterruptedException {
      var _ =
          new HealthWait(CloudflareAccess.NAME, observer, deadline, INTERVAL)
              .until(() -> look(deadline), this::step);
    }

    private String look(Deadline deadline) throws InterruptedException {
      List<String> deployed = api.deployed(deadline).orElse(List.of());
      String serving = deployed.stream().findFirst().orElse("");
      boolean old = before.filter(version -> version.id().equals(serving)).isPresent();
      if (!serving.isEmpty() && !serving.equals(version.id()) && !old && before.isPresent()) {
        throw new PlatformException(
            Kind.CONFLICT,
            CloudflareAccess.NAME,
            "wait for " + version,
            "version " + serving + " has been deployed instead",
            "Somebody else deploys this Worker: let one of you finish first");
      }
      return serving;
    }

    private Step step(String serving) {
      boolean there = serving.equals(version.id());
      return new Step(
          version.toString(),
          there ? State.HEALTHY : State.PROGRESSING,
          there ? "deployed" : "not deployed yet",
          there || serving.isEmpty() ? "" : "version " + serving + " serves");
    }
  }
}
