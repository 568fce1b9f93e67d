package com.mcpist.pair.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * The releases of an origin since the pair was started, the newest first. Exactly one runs; at most
 * one is being started beside it.
 */
record ReleaseHistory(List<Entry> entries) {
  private static final int KEPT = 10;

  /** What has become of a release. */
  enum Phase {
    /** It is being started beside the one that runs. */
    STARTING,
    /** It is the one that is kept running, whatever its health. */
    RUNNING,
    /** It never took over. */
    FAILED,
    /** It was called off before it took over. */
    CALLED_OFF,
    /** It ran, and another one has taken over. */
    REPLACED
  }

  /**
   * A release.
   *
   * @param detail why, where it failed
   */
  record Entry(OriginRelease release, Phase phase, String detail) {
    Entry in(Phase next, String why) {
      return new Entry(release, next, why);
    }
  }

  ReleaseHistory {
    entries = List.copyOf(entries);
  }

  /** The one with which the pair was started. */
  static ReleaseHistory of(OriginRelease first) {
    return new ReleaseHistory(List.of(new Entry(first, Phase.RUNNING, "")));
  }

  OriginRelease running() {
    return in(Phase.RUNNING).orElseThrow();
  }

  Optional<OriginRelease> starting() {
    return in(Phase.STARTING);
  }

  /**
   * What is there already of a release that is wanted.
   *
   * @param alive whether the one that runs is good
   */
  Optional<OriginRelease> there(OriginRelease wanted, boolean alive) {
    return starting()
        .filter(wanted::sameAs)
        .or(() -> Optional.of(running()).filter(running -> alive && wanted.sameAs(running)));
  }

  private Optional<OriginRelease> in(Phase phase) {
    return entries.stream().filter(entry -> entry.phase() == phase).map(Entry::release).findFirst();
  }

  Optional<Entry> find(String id) {
    return entries.stream().filter(entry -> entry.release().id().equals(id)).findFirst();
  }

  /** The digests of all. */
  Set<String> digests() {
    return entries.stream().map(entry -> entry.release().digest()).collect(Collectors.toSet());
  }

  /** With one that is being started beside the one that runs; the oldest are forgotten. */
  ReleaseHistory starting(OriginRelease release) {
    List<Entry> next = new ArrayList<>();
    next.add(new Entry(release, Phase.STARTING, ""));
    for (Entry entry : entries) {
      if (next.size() < KEPT || entry.phase() == Phase.RUNNING) {
        next.add(entry);
      }
    }
    return new ReleaseHistory(next);
  }

  /** The one that is being started is the one that runs now. */
  ReleaseHistory runs(String id) {
    return map(
        entry -> {
          if (entry.release().id().equals(id)) {
            return entry.in(Phase.RUNNING, "");
          }
          return entry.phase() == Phase.RUNNING ? entry.in(Phase.REPLACED, "") : entry;
        });
  }

  /** The one that is being started does not take over. */
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
