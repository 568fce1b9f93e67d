package com.mcpist.pair.rollout;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Release.State;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.pair.control.HostedRelease;
import com.mcpist.pair.control.HostedRollout;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.platform.LocalImages;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.ProcessEvents;
import com.mcpist.pair.rollout.ReleaseHistory.Entry;
import com.mcpist.pair.rollout.ReleaseHistory.Phase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** One origin of the pair, and what can be asked of whoever runs it. */
public final class HostedOrigin implements AutoCloseable {
  /** What no release and no secret can set. */
  static final Set<String> RESERVED =
      Set.of("HOST", "PORT", "LISTEN_SHARED", "INSTANCE", "MCPIST_SUPERVISED");

  private static final String DIGEST = "IMAGE_DIGEST";

  private final Rollouts rollouts;
  private final LocalImages images;
  private final boolean shared;
  private final StoredSecrets secrets;

  private HostedOrigin(
      Rollouts rollouts, LocalImages images, boolean shared, StoredSecrets secrets) {
    this.rollouts = rollouts;
    this.images = images;
    this.shared = shared;
    this.secrets = secrets;
  }

  /**
   * An origin that does not run yet; its keeper starts it.
   *
   * @param first what it runs to begin with
   * @param random for the names of its processes
   * @param logs the folder of its log file
   * @throws PairException where the folder of what it runs cannot be read
   */
  public static HostedOrigin of(
      OriginBlueprint blueprint,
      OriginRelease first,
      LocalImages images,
      Turns turns,
      RandomGenerator random,
      Path logs,
      ProcessEvents processes,
      RolloutEvents events)
      throws PairException {
    StoredSecrets secrets = new StoredSecrets(blueprint.secrets());
    Rollouts.Programs programs =
        release ->
            new OriginProgram(
                blueprint.program(release),
                blueprint.shared(),
                secrets::stored,
                () -> blueprint.name() + "-" + HexFormat.of().toHexDigits(random.nextInt()));
    OriginProgram program = programs.of(first);
    Keeper keeper = new Keeper(program, logs, processes);
    Rollouts rollouts = new Rollouts(keeper, programs, first, program, turns, events);
    return new HostedOrigin(rollouts, images, blueprint.shared(), secrets);
  }

  /** Whether a new process of it starts before the old one ends. */
  public boolean overlaps() {
    return shared;
  }

  /** The origin's name. */
  public String name() {
    return keeper().name();
  }

  /** What keeps it running. */
  public Keeper keeper() {
    return rollouts.keeper();
  }

  /** The images that it runs and has run. */
  Set<String> digests() {
    return rollouts.history().digests();
  }

  /** All releases, the newest first. */
  List<HostedRelease> releases() throws InterruptedException {
    List<HostedRelease> told = new ArrayList<>();
    for (Entry entry : rollouts.history().entries()) {
      OriginRelease release = entry.release();
      ReleaseState state = ReleaseState.of(entry, rollouts.seen(release));
      told.add(
          new HostedRelease(
              release.id(),
              release.image().toString(),
              state.state().name(),
              state.told(),
              state.detail(),
              entry.phase() == Phase.RUNNING,
              release.created().toString(),
              release.env()));
    }
    return told;
  }

  /**
   * What {@link #deploy} would do now.
   *
   * @return empty where that is nothing
   */
  List<String> plan(ImageReference image, Map<String, String> env)
      throws RefusedException, InterruptedException {
    Path folder = folder(image);
    ReleaseHistory history = rollouts.history();
    OriginRelease running = history.running();
    OriginRelease wanted = changed(running, image, folder, env);
    if (history.there(wanted, isAlive(running)).isPresent()) {
      return List.of();
    }
    Set<String> differing = new TreeSet<>();
    wanted
        .env()
        .forEach(
            (variable, value) -> {
              if (!value.equals(running.env().get(variable))) {
                differing.add(variable);
              }
            });
    String how = shared ? "start %s beside the process that runs" : "stop the process, start %s";
    return List.of(
        name()
            + ": "
            + how.formatted(image)
            + (differing.isEmpty() ? "" : ", set " + String.join(", ", differing)));
  }

  /** Begins to roll out an image, with these variables besides those that it has. */
  HostedRollout deploy(ImageReference image, Map<String, String> env)
      throws RefusedException, InterruptedException {
    Path folder = folder(image);
    keepWhatRuns();
    return roll(running -> changed(running, image, folder, env));
  }

  /** A build that `up` started may be gone when it is to come back. */
  private void keepWhatRuns() throws RefusedException {
    Path running = rollouts.history().running().folder();
    try {
      if (!images.has(running)) {
        images.store(running);
      }
    } catch (PairException e) {
      throw new RefusedException(
          Kind.REJECTED,
          String.valueOf(e.getMessage()),
          "What runs now could not come back later: mend that first");
    }
  }

  /** Begins to go back to a release with the variables that it had. */
  HostedRollout restore(String id) throws RefusedException, InterruptedException {
    OriginRelease earlier =
        rollouts
            .history()
            .find(id)
            .map(Entry::release)
            .orElseThrow(
                () ->
                    new RefusedException(
                        Kind.NOT_FOUND,
                        "there was no release " + id + " since this pair was started",
                        "Deploy its image by its digest"));
    Path folder = folder(earlier.image());
    return roll(_ -> renewed(earlier, folder));
  }

  /** Begins to start the release that runs once more, with the secrets as they are now. */
  HostedRollout redeploy() throws RefusedException {
    return rollouts.begin(running -> renewed(running, running.folder()), Rollouts.Wish.AGAIN);
  }

  /** Calls a release off that has not taken over. */
  boolean callOff(String id) {
    return rollouts.callOff(id);
  }

  Set<String> secretNames() {
    return secrets.names();
  }

  /** Stores secrets; processes have them from their next start on. */
  Map<String, SecretChange> putSecrets(Map<String, String> values) throws RefusedException {
    return secrets.put(values, RESERVED);
  }

  private HostedRollout roll(UnaryOperator<OriginRelease> change)
      throws RefusedException, InterruptedException {
    boolean alive = isAlive(rollouts.history().running());
    return rollouts.begin(change, alive ? Rollouts.Wish.UNLESS_THERE : Rollouts.Wish.UNLESS_COMING);
  }

  /** One that hangs or crashes is started again also where it is what is wanted. */
  private boolean isAlive(OriginRelease running) throws InterruptedException {
    Entry entry = new Entry(running, Phase.RUNNING, "");
    State state = ReleaseState.of(entry, rollouts.seen(running)).state();
    return state == State.HEALTHY || state == State.PROGRESSING;
  }

  private static OriginRelease changed(
      OriginRelease running, ImageReference image, Path folder, Map<String, String> env) {
    Map<String, String> variables = new TreeMap<>(running.env());
    variables.put(DIGEST, image.digest().orElseThrow());
    variables.putAll(env);
    return new OriginRelease(id(), image, folder, variables, Instant.now());
  }

  private static OriginRelease renewed(OriginRelease release, Path folder) {
    return new OriginRelease(id(), release.image(), folder, release.env(), Instant.now());
  }

  /** A new release's: also another one than before this pair was started. */
  public static String id() {
    return UUID.randomUUID().toString();
  }

  /** Where an image is: it may be the build that the pair was started with, which is not stored. */
  private Path folder(ImageReference image) throws RefusedException {
    ImageReference ours = LocalImages.REPOSITORY;
    if (!image.registry().equals(ours.registry())
        || !image.repository().equals(ours.repository())
        || image.digest().isEmpty()) {
      throw new RefusedException(
          Kind.REJECTED,
          "this machine runs no " + image,
          "A pair that `mcpist up` runs takes images of " + ours + ", by digest");
    }
    String digest = image.digest().get();
    Optional<OriginRelease> known =
        rollouts.history().entries().stream()
            .map(Entry::release)
            .filter(release -> release.digest().equals(digest))
            .findFirst();
    try {
      if (known.isEmpty()) {
        return images.folder(digest);
      }
      LocalImages.check(known.get().folder(), digest);
      return known.get().folder();
    } catch (PairException e) {
      throw new RefusedException(
          Kind.REJECTED,
          String.valueOf(e.getMessage()),
          "Deploy that build again: mcpist deploy --image FOLDER");
    }
  }

  /** No rollout goes on any more. */
  @Override
  public void close() {
    rollouts.close();
  }
}
