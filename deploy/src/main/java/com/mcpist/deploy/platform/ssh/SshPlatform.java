package com.mcpist.deploy.platform.ssh;

import module java.base;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.image.Registries;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Rollout.HealthWait;
import com.mcpist.deploy.platform.ssh.HostState.HostFacts;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;

public record SshPlatform(String origin, SshHost host, Registries registries, Time time)
    implements Platform {
  public static final String NAME = "ssh";

  private static final Duration INTERVAL = Duration.ofMillis(500);
  private static final Duration CALL_OFF_LIMIT = Duration.ofSeconds(20);

  public static SshPlatform of(
      String origin, HostedApp app, Map<String, String> environment, Time time) {
    return new SshPlatform(
        origin, new SshHost(app, environment), new Registries(environment, time), time);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Release current(Deadline deadline) throws InterruptedException {
    return host.look(deadline).current();
  }

  @Override
  public List<Release> history(int most, Deadline deadline) throws InterruptedException {
    return host.look(deadline).history().stream().limit(most).toList();
  }

  @Override
  public List<String> preview(Wanted wanted, Deadline deadline) throws InterruptedException {
    HostState state = host.look(deadline);
    if (runs(state, wanted.image(), wanted.env())) {
      return List.of();
    }
    HostedApp app = host.app();
    String engine = "on " + app.host() + ": " + state.engine();
    String beside = app.app() + "-next";
    String variables = String.join(", ", new TreeSet<>(wanted.env().keySet()));
    return List.of(
        engine + " pull " + wanted.image(),
        "%s run %s on %s:%d, with %s, until it is healthy"
            .formatted(engine, beside, app.address(), app.port() + 1, variables),
        "%s stop %s %s".formatted(engine, beside, app.app()),
        "%s run %s on %s:%d".formatted(engine, app.app(), app.address(), app.port()));
  }

  /** All secrets that are stored are the origin's. */
  @Override
  public Rollout deploy(Wanted wanted, Deadline deadline) throws InterruptedException {
    HostState state = host.look(deadline);
    if (runs(state, wanted.image(), wanted.env())) {
      return there(state);
    }
    Map<String, String> env = new HashMap<>(state.current().env());
    env.putAll(wanted.env());
    return begin(wanted.image(), env, deadline);
  }

  @Override
  public Rollout restore(Release earlier, Deadline deadline) throws InterruptedException {
    ImageReference image =
        earlier
            .image()
            .orElseThrow(
                () -> refused("restore", "nothing ran before", "Deploy an image by its name"));
    HostState state = host.look(deadline);
    if (runs(state, image, earlier.env()) && state.current().env().equals(earlier.env())) {
      return there(state);
    }
    return begin(image, earlier.env(), deadline);
  }

  @Override
  public Rollout restart(Deadline deadline) throws InterruptedException {
    Release now = host.look(deadline).current();
    ImageReference image =
        now.image()
            .orElseThrow(
                () -> refused("restart", "nothing runs there yet", "Deploy once: mcpist deploy"));
    return begin(image, now.env(), deadline);
  }

  private PlatformException refused(String call, String problem, String advice) {
    return new PlatformException(
        Kind.NOT_FOUND,
        NAME,
        call + " " + host.app().app(),
        host.app().host() + ": " + problem,
        advice);
  }

  private static boolean runs(HostState state, ImageReference image, Map<String, String> env) {
    return state
        .serving()
        .filter(serving -> serving.state().status().equals("running"))
        .filter(serving -> serving.image().filter(image::equals).isPresent())
        .filter(serving -> serving.release().has(image, env))
        .isPresent();
  }

  private Rollout there(HostState state) {
    return new OnItsWay(state.serving().orElseThrow().release(), true);
  }

  private Rollout begin(ImageReference image, Map<String, String> env, Deadline deadline)
      throws InterruptedException {
    HostState.HostRelease release = HostState.HostRelease.of(image, env, time.wall());
    host.tryOut(release, registries.login(image), deadline);
    return new OnItsWay(release, false);
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws InterruptedException {
    return host.look(deadline).secrets();
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    return host.putSecrets(values, deadline);
  }

  @Override
  public String logs() {
    return host.logs(host.app().app());
  }

  @Override
  public List<Remark> remarks(Deadline deadline) throws InterruptedException {
    return HostFacts.of(host.facts(deadline)).remarks(host.app());
  }

  /** Runs beside the one that serves until it is healthy: nothing of that is touched before. */
  private final class OnItsWay implements Rollout {
    private final HostState.HostRelease release;
    private final boolean unchanged;

    private boolean proven;

    /** Whether it may have taken over: from then on it is not called off. */
    private volatile boolean taking;

    OnItsWay(HostState.HostRelease release, boolean unchanged) {
      this.release = release;
      this.unchanged = unchanged;
      this.taking = unchanged;
    }

    @Override
    public boolean unchanged() {
      return unchanged;
    }

    @Override
    public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
        throws InterruptedException {
      String logs = host.logs(host.app().app() + "-next");
      HostState.Serving serving =
          new HealthWait(NAME, observer, deadline, INTERVAL)
              .until(() -> look(deadline), seen -> seen.state().step(logs))
              .serving()
              .orElseThrow();
      if (!serving.runs(release)) {
        throw new PlatformException(
            Kind.FAILED,
            NAME,
            "wait for " + release.id(),
            "%s runs %s, and not %s"
                .formatted(host.engine(), serving.image().orElseThrow(), release.image()),
            "Somebody has changed the container by hand: deploy again");
      }
      return serving.told();
    }

    private SshHost.Seen look(Deadline deadline) throws InterruptedException {
      if (proven) {
        taking = true;
        return host.takeOver(release, deadline);
      }
      SshHost.Seen seen = host.watch(release.id(), deadline);
      proven = seen.state().healthy() && !seen.state().serving();
      taking |= seen.state().serving();
      return seen;
    }

    /** Nobody asks it to take over any more. On its own thread: the caller's may be interrupted. */
    @Override
    public void close() {
      if (!taking && !release.id().isEmpty()) {
        Rollout.awaitAll(List.of(Thread.ofVirtual().start(this::end)));
      }
    }

    private void end() {
      try {
        host.callOff(release.id(), Deadline.in(CALL_OFF_LIMIT, time));
      } catch (PlatformException | InterruptedException _) {
        // What went wrong before is what matters; the next deployment ends it.
      }
    }
  }
}
