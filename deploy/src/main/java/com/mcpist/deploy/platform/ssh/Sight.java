package com.mcpist.deploy.platform.ssh;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.platform.Release.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What there is on a host.
 *
 * @param engine podman or docker
 * @param serving what serves; empty where nothing does
 * @param secrets the names of those that are stored
 * @param kept what has served, the newest first
 */
record Sight(
    String engine, Optional<Serving> serving, Set<String> secrets, List<HostRelease> kept) {

  /**
   * What serves.
   *
   * @param digests of the image that its container really has
   */
  record Serving(HostRelease release, ContainerState state, List<String> digests) {

    /** What runs, by the engine's own word: the release's name only where it is that. */
    Optional<ImageReference> image() {
      ImageReference named = release.image();
      if (digests.contains(named.digest().orElse(""))) {
        return Optional.of(named);
      }
      return digests.stream().findFirst().map(named::withDigest);
    }

    /** Whether it is that release, as far as the engine says. */
    boolean runs(HostRelease wanted) {
      return image().isEmpty() || image().equals(Optional.of(wanted.image()));
    }

    Release told() {
      return new Release(
          release.id(),
          image(),
          state.meaning(),
          state.status(),
          state.detail(),
          Optional.of(release.created()),
          release.env());
    }
  }

  static Sight of(Answers answers) {
    List<HostRelease> kept =
        new ArrayList<>(
            answers.all("release").stream().flatMap(t -> HostRelease.parse(t).stream()).toList());
    kept.sort(Comparator.comparing(HostRelease::id).reversed());
    return new Sight(
        answers.one("engine").orElse("podman"),
        serving(answers),
        new TreeSet<>(answers.all("secret")),
        List.copyOf(kept));
  }

  /** What serves; empty where nothing does. */
  static Optional<Serving> serving(Answers answers) {
    return answers
        .one("serves")
        .flatMap(HostRelease::parse)
        .flatMap(
            release ->
                answers
                    .one("container")
                    .map(ContainerState::parse)
                    .map(state -> new Serving(release, state, digests(answers.one("digests")))));
  }

  private static List<String> digests(Optional<String> json) {
    List<String> digests = new ArrayList<>();
    if (json.isPresent() && json.get().startsWith("[")) {
      for (JsonNode name : JsonMapper.shared().readTree(json.get())) {
        String digest = name.asString("").replaceFirst("^.*@", "");
        if (ImageReference.isDigest(digest)) {
          digests.add(digest);
        }
      }
    }
    return digests;
  }

  /** What runs; where nothing does, a release that is none. */
  Release current() {
    return serving
        .map(Serving::told)
        .orElseGet(
            () ->
                new Release(
                    "",
                    Optional.empty(),
                    State.STOPPED,
                    "not deployed",
                    "",
                    Optional.empty(),
                    Map.of()));
  }

  /** What serves and what has served. */
  List<Release> history() {
    List<Release> all = new ArrayList<>(serving.map(Serving::told).stream().toList());
    for (HostRelease release : kept) {
      if (all.isEmpty() || !all.getFirst().id().equals(release.id())) {
        all.add(
            new Release(
                release.id(),
                Optional.of(release.image()),
                State.STOPPED,
                "replaced",
                "",
                Optional.of(release.created()),
                release.env()));
      }
    }
    return all;
  }
}
