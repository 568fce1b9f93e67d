package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.pair.control.PairStatus.HostedRelease;
import com.mcpist.pair.data.Releases.Stored;
import org.jspecify.annotations.Nullable;

/** The releases of an origin since `up`, newest first: one runs, at most one is to replace it. */
record ReleaseHistory(List<Entry> entries) {
  /** A restart is one, too. */
  private static final int KEPT = 30;

  /** So often must a process die before it counts as one that never gets ready. */
  private static final int DEATHS = 3;

  /** Its variables that are neither secret nor the supervisor's; its secrets come back with it. */
  record OriginRelease(
      String id,
      Stored stored,
      Map<String, String> env,
      Map<String, String> secrets,
      Instant created) {
    /** The variables in alphabetical order. */
    OriginRelease {
      env = Collections.unmodifiableMap(new TreeMap<>(env));
      secrets = Map.copyOf(secrets);
    }

    /** A new one: also another than before this pair was started. */
    static OriginRelease of(Stored stored, Map<String, String> env, Map<String, String> secrets) {
      return new OriginRelease(UUID.randomUUID().toString(), stored, env, secrets, Instant.now());
    }

    boolean sameAs(OriginRelease other) {
      return stored.equals(other.stored) && env.equals(other.env);
    }

    String digest() {
      return stored.digest();
    }

    String name() {
      return env.getOrDefault("RELEASE", id);
    }

    /** Never the secrets. */
    @Override
    public String toString() {
      return "OriginRelease[" + id + " of " + digest() + "]";
    }
  }

  enum Phase {
    STARTING,
    /** It is the one that is kept running, whatever its health. */
    RUNNING,
    /** It was bad, and the one before came back. */
    FAILED,
    /** Another one was wanted before it was there. */
    CALLED_OFF,
    /** It ran, and another one has its place. */
    REPLACED
  }

  /** Whether a process is healthy, how many died since one steadily was, and how the last did. */
  record Seen(boolean ready, int deaths, String lastExit) {}

  /** A release; the detail says why it failed. */
  record Entry(OriginRelease release, Phase phase, String detail) {
    Entry in(Phase next, String why) {
      return new Entry(release, next, why);
    }

    /** For whoever waits for it; nothing is seen while another one is on its way into its place. */
    HostedRelease told(@Nullable Seen seen) {
      return switch (phase) {
        case STARTING -> told(State.PROGRESSING, "starting", "");
        case RUNNING -> running(seen);
        case FAILED -> told(State.FAILED, "failed", detail);
        case CALLED_OFF -> told(State.STOPPED, "called off", "");
        case REPLACED -> told(State.STOPPED, "replaced", "");
      };
    }

    private HostedRelease running(@Nullable Seen seen) {
      if (seen == null) {
        return told(State.PROGRESSING, "giving way", "another release is starting");
      }
      if (seen.ready()) {
        return told(State.HEALTHY, "running", "");
      }
      if (seen.deaths() >= DEATHS) {
        return told(
            State.FAILED, "crashing", "died " + seen.deaths() + " times, last " + seen.lastExit());
      }
      return seen.deaths() > 0
          ? told(State.UNHEALTHY, "died", seen.lastExit())
          : told(State.UNHEALTHY, "not ready", "its health check does not pass");
    }

    private HostedRelease told(State state, String word, String why) {
      return new HostedRelease(
          release.id(),
          release.digest(),
          state,
          word,
          why,
          phase == Phase.RUNNING,
          release.created(),
          release.env());
    }
  }

  static ReleaseHistory of(OriginRelease first) {
    return new ReleaseHistory(List.of(new Entry(first, Phase.RUNNING, "")));
  }

  OriginRelease running() {
    return entries.stream()
        .filter(entry -> entry.phase() == Phase.RUNNING)
        .findFirst()
        .orElseThrow()
        .release();
  }

  Optional<OriginRelease> onItsWay() {
    return entries.stream()
        .filter(entry -> entry.phase() == Phase.STARTING)
        .findFirst()
        .map(Entry::release);
  }

  Optional<Entry> find(String id) {
    return entries.stream().filter(entry -> entry.release().id().equals(id)).findFirst();
  }

  Set<String> digests() {
    return entries.stream().map(entry -> entry.release().digest()).collect(Collectors.toSet());
  }

  /** With another one on its way, in the place of any that is; the oldest are forgotten. */
  ReleaseHistory starting(OriginRelease release) {
    List<Entry> next = new ArrayList<>();
    next.add(new Entry(release, Phase.STARTING, ""));
    for (Entry entry : entries) {
      if (entry.release().id().equals(release.id())) {
        continue; // An earlier supervisor was about it.
      }
      if (next.size() < KEPT || entry.phase() == Phase.RUNNING) {
        next.add(entry.phase() == Phase.STARTING ? entry.in(Phase.CALLED_OFF, "") : entry);
      }
    }
    return new ReleaseHistory(List.copyOf(next));
  }

  ReleaseHistory runs(String id) {
    return map(
        entry ->
            entry.release().id().equals(id)
                ? entry.in(Phase.RUNNING, "")
                : entry.phase() == Phase.RUNNING ? entry.in(Phase.REPLACED, "") : entry);
  }

  ReleaseHistory ended(String id, Phase how, String why) {
    return map(
        entry ->
            entry.release().id().equals(id) && entry.phase() == Phase.STARTING
                ? entry.in(how, why)
                : entry);
  }

  private ReleaseHistory map(UnaryOperator<Entry> change) {
    return new ReleaseHistory(entries.stream().map(change).toList());
  }
}
