package com.mcpist.pair.platform;

import static java.util.Objects.requireNonNull;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Wanted;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.HostedRelease;
import com.mcpist.pair.control.HostedRollout;
import com.mcpist.pair.control.HostingReply;
import com.mcpist.pair.control.Request;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An origin of the pair that runs on this machine. Its supervisor rolls out, and goes on with that
 * when this process ends.
 */
public final class LocalPlatform implements Platform {
  /** The platform's name in mcpist.yml. */
  public static final String NAME = "local";

  private final String origin;
  private final Supervision supervision;
  private final SupervisorCalls calls;

  /** An origin's of a pair, whether that runs or not. */
  public LocalPlatform(String origin, Supervision supervision) {
    this.origin = origin;
    this.supervision = supervision;
    this.calls = new SupervisorCalls(origin, supervision);
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
    return releases(deadline).stream()
        .filter(HostedRelease::runs)
        .findFirst()
        .map(LocalPlatform::release)
        .orElseThrow(
            () ->
                calls.error(
                    Kind.UNAVAILABLE, "look at", "nothing runs", "Run it again in a while"));
  }

  @Override
  public List<Release> history(int most, Deadline deadline)
      throws PlatformException, InterruptedException {
    return releases(deadline).stream().limit(most).map(LocalPlatform::release).toList();
  }

  private List<HostedRelease> releases(Deadline deadline)
      throws PlatformException, InterruptedException {
    Request request = Request.of("releases", origin);
    return requireNonNull(calls.ask("look at", request, deadline).releases());
  }

  /** As deployments know it. */
  static Release release(HostedRelease hosted) {
    return new Release(
        hosted.id(),
        Optional.of(ImageReference.parse(hosted.image())),
        Release.State.valueOf(hosted.state()),
        hosted.told(),
        hosted.detail(),
        Optional.of(Instant.parse(hosted.created())),
        hosted.env());
  }

  @Override
  public List<String> preview(Wanted wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    Request request = Request.of("plan", origin, wanted.image().toString(), wanted.env());
    return requireNonNull(calls.ask("plan for", request, deadline).plan());
  }

  /** Secrets that nobody has stored are not asked for, as with a pair that `up` starts. */
  @Override
  public Rollout deploy(Wanted wanted, Deadline deadline)
      throws PlatformException, InterruptedException {
    Request request = Request.of("deploy", origin, wanted.image().toString(), wanted.env());
    return rollout("deploy to", request, deadline);
  }

  @Override
  public Rollout restore(Release earlier, Deadline deadline)
      throws PlatformException, InterruptedException {
    return rollout("restore", Request.of("restore", origin, earlier.id()), deadline);
  }

  @Override
  public Rollout restart(Deadline deadline) throws PlatformException, InterruptedException {
    return rollout("restart", Request.of("redeploy", origin), deadline);
  }

  private Rollout rollout(String call, Request request, Deadline deadline)
      throws PlatformException, InterruptedException {
    HostedRollout begun = requireNonNull(calls.ask(call, request, deadline).rollout());
    return new LocalRollout(calls, begun.id(), begun.unchanged());
  }

  @Override
  public Optional<Cordon> cordon() {
    // The edge keeps requests away: `mcpist drain`.
    return Optional.empty();
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws PlatformException, InterruptedException {
    HostingReply reply = calls.ask("look at", Request.of("secrets", origin), deadline);
    return new TreeSet<>(requireNonNull(reply.secretNames()));
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws PlatformException, InterruptedException {
    Map<String, String> revealed = new TreeMap<>();
    values.forEach((name, value) -> revealed.put(name, value.reveal()));
    Request request = Request.putSecrets(origin, revealed);
    Map<String, SecretChange> changes = new TreeMap<>();
    requireNonNull(calls.ask("store secrets for", request, deadline).secretChanges())
        .forEach((name, change) -> changes.put(name, SecretChange.valueOf(change)));
    return changes;
  }

  @Override
  public String logs() {
    return supervision.data().resolve("logs").resolve(origin + ".log").toString();
  }
}
