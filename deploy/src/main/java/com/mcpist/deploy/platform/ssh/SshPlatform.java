package com.mcpist.deploy.platform.ssh;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.image.Registries;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Wanted;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A container on a host with podman or docker, by the person's ssh. */
public final class SshPlatform implements Platform {
  /** The platform's name in mcpist.yml. */
  public static final String NAME = "ssh";

  private final String origin;
  private final SshHost host;
  private final Registries registries;
  private final Time time;

  private SshPlatform(String origin, SshHost host, Registries registries, Time time) {
    this.origin = origin;
    this.host = host;
    this.registries = registries;
    this.time = time;
  }

  /**
   * One origin's. Nothing is asked yet.
   *
   * @param origin the origin's name in mcpist.yml
   * @param environment what ssh is run with, and REGISTRY_USER and REGISTRY_TOKEN, as {@link
   *     Registries} has them
   */
  public static SshPlatform of(
      String origin, HostedApp app, Map<String, String> environment, Time time) {
    return new SshPlatform(
        origin, new SshHost(app, environment), new Registries(environment, time), time);
  }

  @Override
  public String origin() {
    return origin;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Release current(Deadline deadline) throws PlatformException, InterruptedException {
    return host.look(deadline).current();
  }

  @Override
  public List<Release> history(int most, Deadline deadline)
      throws PlatformException, InterruptedException {
    return host.look(deadline).history().stream().limit(most).toList();
  }

  @Override
  public List<String> preview(Wanted wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    Sight sight = host.look(deadline);
    if (runs(sight, wanted.image(), wanted.env())) {
      return List.of();
    }
    HostedApp app = host.app();
    String engine = "on " + app.host() + ": " + sight.engine();
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
  public Rollout deploy(Wanted wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    Sight sight = host.look(deadline);
    if (runs(sight, wanted.image(), wanted.env())) {
      return there(sight);
    }
    Map<String, String> env = new HashMap<>(sight.current().env());
    env.putAll(wanted.env());
    return begin(wanted.image(), env, deadline);
  }

  @Override
  public Rollout restore(Release earlier, Deadline deadline)
      throws PlatformException, InterruptedException {
    ImageReference image =
        earlier
            .image()
            .orElseThrow(
                () -> refused("restore", "nothing ran before", "Deploy an image by its name"));
    Sight sight = host.look(deadline);
    if (runs(sight, image, earlier.env()) && sight.current().env().equals(earlier.env())) {
      return there(sight);
    }
    return begin(image, earlier.env(), deadline);
  }

  @Override
  public Rollout restart(Deadline deadline) throws PlatformException, InterruptedException {
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

  private static boolean runs(Sight sight, ImageReference image, Map<String, String> env) {
    return sight
        .serving()
        .filter(serving -> serving.state().status().equals("running"))
        .filter(serving -> serving.image().filter(image::equals).isPresent())
        .filter(serving -> serving.release().has(image, env))
        .isPresent();
  }

  private Rollout there(Sight sight) {
    return new SshRollout(host, sight.serving().orElseThrow().release(), true, time);
  }

  private Rollout begin(ImageReference image, Map<String, String> env, Deadline deadline)
      throws PlatformException, InterruptedException {
    HostRelease release = HostRelease.of(image, env, time.wall());
    host.tryOut(release, registries.login(image), deadline);
    return new SshRollout(host, release, false, time);
  }

  @Override
  public Optional<Cordon> cordon() {
    // The edge keeps requests away: `mcpist drain`.
    return Optional.empty();
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws PlatformException, InterruptedException {
    return host.look(deadline).secrets();
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws PlatformException, InterruptedException {
    return host.putSecrets(values, deadline);
  }

  @Override
  public String logs() {
    return host.logs(host.app().app());
  }

  @Override
  public List<Remark> remarks(Deadline deadline) throws PlatformException, InterruptedException {
    return HostFacts.of(host.facts(deadline)).remarks(host.app());
  }
}
