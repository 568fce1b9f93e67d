package com.mcpist.pair;

import module java.base;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Rollout.HealthWait;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.pair.control.ControlSocket.Answer;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.PairStatus.HostedRelease;
import com.mcpist.pair.data.PairException;

/** An origin of the pair on this machine. Its supervisor rolls out, also once this ends. */
public record LocalPlatform(LocalPair pair, String origin) implements Platform {
  public static final String NAME = "local";

  /** Deployments know a release by an image: here that is a folder, known by its digest. */
  private static final ImageReference REPOSITORY = ImageReference.parse("localhost/mcpist-origin");

  /** Longer than reading a release of some ten megabytes takes on a machine that is busy. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

  private static final Set<String> LOOKS = Set.of("releases", "secrets");
  private static final Duration INTERVAL = Duration.ofMillis(200);

  public static ImageReference image(String digest) {
    return REPOSITORY.withDigest(digest);
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Release current(Deadline deadline) throws InterruptedException {
    return running(releases(deadline));
  }

  @Override
  public List<Release> history(int most, Deadline deadline) throws InterruptedException {
    return releases(deadline).stream().limit(most).map(LocalPlatform::release).toList();
  }

  private List<HostedRelease> releases(Deadline deadline) throws InterruptedException {
    return List.of(ask("look at", Request.of("releases", origin), HostedRelease[].class, deadline));
  }

  private Release running(List<HostedRelease> releases) {
    return releases.stream()
        .filter(HostedRelease::runs)
        .findFirst()
        .map(LocalPlatform::release)
        .orElseThrow(
            () -> error(Kind.UNAVAILABLE, "look at", "nothing runs", "Run it again in a while"));
  }

  private static Release release(HostedRelease hosted) {
    return new Release(
        hosted.id(),
        Optional.of(image(hosted.digest())),
        hosted.state(),
        hosted.told(),
        hosted.detail(),
        hosted.env());
  }

  @Override
  public List<String> preview(Wanted wanted, Deadline deadline) throws InterruptedException {
    List<HostedRelease> releases = releases(deadline);
    Release running = running(releases);
    Map<String, String> env = new HashMap<>(running.env());
    env.putAll(wanted.env());
    Release newest = release(releases.getFirst()); // It may be on its way.
    Release there = newest.state() == State.PROGRESSING ? newest : running;
    boolean good = there.state() == State.PROGRESSING || there.state() == State.HEALTHY;
    if (good
        && there.image().filter(wanted.image()::sameImage).isPresent()
        && there.env().equals(env)) {
      return List.of();
    }
    Set<String> set = new TreeSet<>(wanted.env().keySet());
    set.removeIf(name -> Objects.equals(env.get(name), running.env().get(name)));
    return List.of(
        "%s: drain it, stop its process, start %s%s"
            .formatted(
                origin, wanted.image(), set.isEmpty() ? "" : ", set " + String.join(", ", set)));
  }

  /** Secrets that nobody has stored are not asked for, as with a pair that `up` starts. */
  @Override
  public Rollout deploy(Wanted wanted, Deadline deadline) throws InterruptedException {
    String digest = wanted.image().digest().orElseThrow();
    Request request = new Request("deploy", origin, "", digest, wanted.env(), Map.of());
    return begin("deploy to", request, deadline);
  }

  @Override
  public Rollout restore(Release earlier, Deadline deadline) throws InterruptedException {
    Request request = new Request("restore", origin, earlier.id(), "", Map.of(), Map.of());
    return begin("restore", request, deadline);
  }

  @Override
  public Rollout restart(Deadline deadline) throws InterruptedException {
    return begin("restart", Request.of("redeploy", origin), deadline);
  }

  private Rollout begin(String call, Request request, Deadline deadline)
      throws InterruptedException {
    HostedRelease.Rollout begun = ask(call, request, HostedRelease.Rollout.class, deadline);
    return new LocalRollout(begun.id(), begun.unchanged(), this);
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws InterruptedException {
    String[] names = ask("look at", Request.of("secrets", origin), String[].class, deadline);
    return new TreeSet<>(List.of(names));
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    Map<String, String> revealed = new TreeMap<>();
    values.forEach((name, value) -> revealed.put(name, value.reveal()));
    Request request = Request.of("put-secrets", origin, revealed);
    Map<?, ?> told = ask("store secrets for", request, Map.class, deadline);
    Map<String, SecretChange> changes = new TreeMap<>();
    told.forEach((name, change) -> changes.put("" + name, SecretChange.valueOf("" + change)));
    return changes;
  }

  @Override
  public String logs() {
    return pair.data().resolve("logs").resolve(origin + ".log").toString();
  }

  /** Asks the supervisor, with errors as a platform's are, in which the call has this name. */
  private <T> T ask(String call, Request request, Class<T> type, Deadline deadline)
      throws InterruptedException {
    try {
      return switch (pair.ask(request, type, deadline.atMost(ANSWER_LIMIT))) {
        case Answer.Done<T>(T value) -> value;
        case Answer.Refused<T>(Kind kind, String problem, String advice) ->
            throw error(kind, call, problem, advice);
        case Answer.Unknown<T> _ -> throw unanswered(call, request, "its answer was lost");
      };
    } catch (PairException e) {
      String why = String.valueOf(e.getMessage());
      throw deadline.passed()
          ? error(
              Kind.DEADLINE,
              call,
              why,
              "Run it again, it goes on where it was, or allow it more time")
          : unanswered(call, request, why);
    }
  }

  private PlatformException unanswered(String call, Request request, String why) {
    if (!pair.isRunning()) {
      boolean alone = pair.isAlone();
      return error(
          Kind.NOT_FOUND,
          call,
          alone
              ? "the pair in " + pair.data() + " has no supervisor"
              : "no pair runs in " + pair.data(),
          alone
              ? "`mcpist up` takes it over"
              : "Start one with `mcpist up`, or name its folder with --data");
    }
    return LOOKS.contains(request.command())
        ? error(Kind.UNAVAILABLE, call, why, "It may be starting or stopping: run it again")
        : error(Kind.UNKNOWN_OUTCOME, call, why, "It may have acted: `mcpist status` tells");
  }

  private PlatformException error(Kind kind, String call, String problem, String advice) {
    return new PlatformException(kind, NAME, call + " " + origin, problem, advice);
  }

  /** A release on its way. The supervisor does it; nothing is held here. */
  private record LocalRollout(String id, boolean unchanged, LocalPlatform platform)
      implements Rollout {
    @Override
    public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
        throws InterruptedException {
      return new HealthWait(NAME, observer, deadline, INTERVAL)
          .until(
              () -> look(deadline),
              seen -> new Step(seen.id(), seen.state(), seen.told(), seen.detail()));
    }

    /** One that has ended without an error has given way to another one. */
    private Release look(Deadline deadline) throws InterruptedException {
      Release seen =
          platform.releases(deadline).stream()
              .filter(release -> release.id().equals(id))
              .findFirst()
              .map(LocalPlatform::release)
              .orElseThrow(() -> gone("not known any more"));
      if (seen.state() == State.STOPPED) {
        throw gone(seen.told());
      }
      return seen;
    }

    private PlatformException gone(String told) {
      return platform.error(
          Kind.CONFLICT,
          "wait for " + id + " on",
          "it is " + told,
          "Somebody else deploys to this pair, or has started it anew: let one of you finish"
              + " first");
    }
  }
}
