package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.admin.AdminPath.Event;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.pair.control.ControlSocket.Request;
import com.mcpist.pair.control.PairStatus.HostedRelease;
import com.mcpist.pair.control.PrivateFolders;
import com.mcpist.pair.data.PairException;
import com.mcpist.pair.data.Releases;
import com.mcpist.pair.data.Releases.Stored;
import com.mcpist.pair.process.AdoptedProcess;
import com.mcpist.pair.process.Keeper;
import com.mcpist.pair.process.Keeper.Start;
import com.mcpist.pair.process.Orphans;
import com.mcpist.pair.process.Orphans.Orphan;
import com.mcpist.pair.supervisor.PairRecord.OriginRecord;
import com.mcpist.pair.supervisor.ReleaseHistory.Entry;
import com.mcpist.pair.supervisor.ReleaseHistory.OriginRelease;
import com.mcpist.pair.supervisor.ReleaseHistory.Phase;
import com.mcpist.pair.supervisor.ReleaseHistory.Seen;
import org.jspecify.annotations.Nullable;

/**
 * One origin of the pair, and what can be asked of whoever runs it. It puts one release in
 * another's place: the edge sends the origin nothing, its process finishes its calls and ends, the
 * next one starts, and once that is healthy it gets calls again. A release that is bad gives way to
 * the one before. A rollout goes to its end whoever asked for it; what is wanted later takes the
 * place of what is not done.
 */
final class HostedOrigin {
  /** What no release and no secret can set. */
  private static final Set<String> RESERVED =
      Set.of("HOST", "PORT", "SOCKET", "INSTANCE", "MCPIST_SUPERVISED", PrivateFolders.VARIABLE);

  private static final Pattern SECRET_NAME = Pattern.compile("[A-Z][A-Z0-9_]*");

  /** A release that is to run; who asked hears of the steps and of the end. */
  private record Wanted(
      OriginRelease release, Consumer<String> step, CompletableFuture<Start> end, Instant since) {
    HostedRelease.Rollout begun() {
      return new HostedRelease.Rollout(release.id(), false);
    }
  }

  private final OriginBlueprint blueprint;
  private final Releases releases;
  final Keeper keeper;
  private final OriginClient client;
  private final Traffic traffic;
  private final Consumer<String> notices;
  private final PairEvents events;
  private final Runnable changed;

  /** They count more than those that the supervisor sets. */
  private final ConcurrentMap<String, String> storedSecrets;

  /** Written under the lock, as the next. */
  private volatile ReleaseHistory history;

  /** Null where nothing else is to run than what does. */
  private volatile @Nullable Wanted wanted;

  /** Guarded by the lock: whether a thread is at work. */
  private boolean rolling;

  /**
   * An origin that does not run yet; its keeper, which starts it, has the same notices. A change of
   * its releases is told at once, so that it is noted down.
   */
  HostedOrigin(
      OriginBlueprint blueprint,
      OriginRecord known,
      Releases releases,
      Traffic traffic,
      Path logs,
      Consumer<String> notices,
      PairEvents events,
      Runnable changed) {
    this.blueprint = blueprint;
    this.releases = releases;
    this.storedSecrets = new ConcurrentHashMap<>(known.secrets());
    this.history = known.history();
    this.keeper = new Keeper(blueprint.program(history.running()), logs, notices, events::died);
    this.client = new OriginClient(blueprint.socket(), List.of(), Time.system());
    this.traffic = traffic;
    this.notices = notices;
    this.events = events;
    this.changed = changed;
  }

  /**
   * Starts it, or goes on with the newest process that an earlier supervisor has left, of whichever
   * release: the edge may use it. None beside it can, since they have one socket.
   */
  void start(List<Orphan> orphans) throws InterruptedException {
    List<Orphan> own = orphans.stream().filter(o -> o.program().equals(name())).toList();
    Orphans.end(own.stream().skip(1).toList());
    keeper.start(own.stream().limit(1).map(o -> new AdoptedProcess(o.process())).toList());
  }

  /** Rolls out what an earlier supervisor was about to, unless another release is wanted by now. */
  synchronized void goOn() {
    if (wanted == null) {
      history.onItsWay().ifPresent(next -> want(next, _ -> {}));
    }
  }

  OriginRecord record() {
    return new OriginRecord(name(), Map.copyOf(storedSecrets), history);
  }

  String name() {
    return blueprint.name();
  }

  URI socket() {
    return blueprint.socket();
  }

  /** What is wrong with it, as is seen here and as it tells whoever has the secret; or empty. */
  List<String> problems(Secret secret, Deadline deadline) throws InterruptedException {
    List<String> found = new ArrayList<>(List.of(keeper.trouble()));
    List<String> told = client.health(Optional.of(secret), deadline).problems();
    told.forEach(problem -> found.add(name() + ": " + problem));
    return found;
  }

  List<HostedRelease> releases() throws InterruptedException {
    Seen seen =
        wanted == null ? new Seen(keeper.isReady(), keeper.deaths(), keeper.lastExit()) : null;
    return history.entries().stream().map(entry -> entry.told(seen)).toList();
  }

  Set<String> digests() {
    return history.digests();
  }

  /** The names of the secrets that it is given at `up`, and of those stored since. */
  Set<String> secretNames() {
    Set<String> names = new TreeSet<>(blueprint.secrets().keySet());
    names.addAll(storedSecrets.keySet());
    return names;
  }

  /** Stores secrets; a process has them from the next release or restart on. */
  Map<String, SecretChange> putSecrets(Map<String, String> values) throws PairException {
    for (String name : values.keySet()) {
      if (!SECRET_NAME.matcher(name).matches() || RESERVED.contains(name)) {
        throw new PairException(
            Kind.REJECTED,
            name + " cannot be the name of a secret here",
            "Use A-Z, 0-9 and _, and none of " + new TreeSet<>(RESERVED));
      }
    }
    Map<String, SecretChange> changes = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          String earlier = storedSecrets.put(name, value);
          String before = earlier == null ? blueprint.secrets().get(name) : earlier;
          SecretChange changed =
              value.equals(before) ? SecretChange.UNCHANGED : SecretChange.UPDATED;
          changes.put(name, before == null ? SecretChange.CREATED : changed);
        });
    return changes;
  }

  /** Begins to roll out a release, with these variables besides those that it has. */
  HostedRelease.Rollout deploy(Request request) throws PairException, InterruptedException {
    for (String name : request.env().keySet()) {
      if (RESERVED.contains(name)) {
        throw new PairException(
            Kind.REJECTED, name + " is set by whoever runs the origin", "Leave it out");
      }
    }
    Stored stored = stored(request.digest());
    return begin(
        running -> {
          Map<String, String> env = new TreeMap<>(running.env());
          env.putAll(request.env());
          return OriginRelease.of(stored, env, storedSecrets);
        });
  }

  /** Begins to go back to a release with the variables that it had. */
  HostedRelease.Rollout restore(String id) throws PairException, InterruptedException {
    OriginRelease earlier = history.find(id).map(Entry::release).orElse(null);
    if (earlier == null) {
      throw new PairException(
          Kind.NOT_FOUND,
          "there was no release " + id + " since this pair was started",
          "Deploy it by its digest");
    }
    Stored stored = stored(earlier.digest());
    return begin(_ -> OriginRelease.of(stored, earlier.env(), storedSecrets));
  }

  private Stored stored(String digest) throws PairException {
    try {
      return new Stored(digest, releases.folder(digest));
    } catch (PairException e) {
      throw new PairException(
          Kind.REJECTED,
          String.valueOf(e.getMessage()),
          "Deploy that build again: mcpist deploy --image FOLDER");
    }
  }

  /** Begins to start the release that runs once more, with the secrets as they are now. */
  HostedRelease.Rollout redeploy() {
    return again(_ -> {}).begun();
  }

  /** The same, and returns when it is done; a PairException where it does not get healthy again. */
  void restart(Consumer<String> step) throws PairException, InterruptedException {
    try {
      switch (again(step).end().get()) {
        case Start.Ready() -> {}
        case Start.Failed(String why) -> throw new PairException(why);
        case Start.CalledOff() ->
            throw new PairException("another release of " + name() + " has come in between");
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private synchronized Wanted again(Consumer<String> step) {
    OriginRelease running = history.running();
    return want(OriginRelease.of(running.stored(), running.env(), storedSecrets), step);
  }

  /** Begins a change of the release that runs, unless its result is on its way or runs well. */
  private HostedRelease.Rollout begin(UnaryOperator<OriginRelease> change)
      throws InterruptedException {
    OriginRelease seen = history.running();
    boolean ready = keeper.isReady();
    synchronized (this) {
      OriginRelease running = history.running();
      OriginRelease next = change.apply(running);
      Wanted coming = wanted;
      boolean well = ready && running.equals(seen);
      OriginRelease there = coming != null ? coming.release() : well ? running : null;
      return there != null && next.sameAs(there)
          ? new HostedRelease.Rollout(there.id(), true)
          : want(next, _ -> {}).begun();
    }
  }

  private synchronized Wanted want(OriginRelease next, Consumer<String> step) {
    if (wanted != null) {
      wanted.end().complete(new Start.CalledOff());
    }
    Wanted now = new Wanted(next, step, new CompletableFuture<>(), Instant.now());
    wanted = now;
    history = history.starting(next);
    if (!rolling) {
      rolling = true;
      Thread.ofVirtual().name("rollout-" + name()).start(this::roll);
    }
    return now;
  }

  private void roll() {
    Traffic.Drain drain = traffic.new Drain(name());
    try {
      traffic.turn.take(name() + " is being rolled out");
      try {
        for (Wanted next = next(); next != null; next = next()) {
          roll(next, drain);
        }
      } finally {
        traffic.turn.giveBack();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized @Nullable Wanted next() {
    rolling = wanted != null;
    return wanted;
  }

  private void roll(Wanted next, Traffic.Drain drain) throws InterruptedException {
    changed.run();
    try {
      drain.take(next.step());
    } catch (PairException e) {
      end(next, new Start.Failed(String.valueOf(e.getMessage()))); // Nothing has been changed.
      return;
    }
    Start start = bring(next, next.release(), drain);
    if (start instanceof Start.Failed && isWanted(next) && !isAsBefore(next.release())) {
      // The edge sends it nothing, drained or not healthy.
      if (bring(next, history.running(), drain) instanceof Start.Failed(String why)) {
        notices.accept(name() + " could not be restored to its earlier release: " + why);
      }
    }
    if (isWanted(next)) {
      drain.giveBack();
      end(next, start);
    }
  }

  private Start bring(Wanted next, OriginRelease release, Traffic.Drain drain)
      throws InterruptedException {
    next.step().accept("Restarting " + name());
    Start start =
        keeper.replace(
            blueprint.program(release),
            blueprint.finishLimit(),
            blueprint.readyLimit(),
            () -> !isWanted(next));
    if (start instanceof Start.Ready) {
      drain.giveBack();
      next.step().accept("Waiting until the edge finds " + name() + " healthy");
      start = traffic.awaitHealthy(name(), () -> !isWanted(next));
    }
    return start;
  }

  private boolean isWanted(Wanted next) {
    return next.equals(wanted);
  }

  /** Then there is nothing to go back to: it is only started again, and again. */
  private boolean isAsBefore(OriginRelease release) {
    OriginRelease running = history.running();
    return release.sameAs(running) && release.secrets().equals(running.secrets());
  }

  private void end(Wanted ended, Start start) {
    String id = ended.release().id();
    synchronized (this) {
      if (!isWanted(ended)) {
        return; // It was called off, and that is told.
      }
      wanted = null;
      history =
          switch (start) {
            case Start.Ready() -> history.runs(id);
            case Start.Failed(String why) -> history.ended(id, Phase.FAILED, why);
            case Start.CalledOff() -> history.ended(id, Phase.CALLED_OFF, "");
          };
    }
    changed.run();
    String release = ended.release().name();
    switch (start) {
      case Start.Ready() -> tell(ended, name() + " runs release " + release);
      case Start.Failed(String why) ->
          tell(ended, name() + " stays without release " + release + ": " + why);
      case Start.CalledOff() -> {}
    }
    ended.end().complete(start);
  }

  private void tell(Wanted ended, String what) {
    notices.accept(what);
    events.add(Event.since(ended.since(), "restart", Optional.of(name()), what));
  }
}
