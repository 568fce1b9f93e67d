package com.mcpist.deploy.release;

import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.ReleaseRecord;
import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.origin.Health;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds the release that is to come back. */
public record Rollbacks(Site site) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int MOST = 100;
  private static final int SHOWN = 10;

  /**
   * A release that has run.
   *
   * @param release as people called it
   */
  public record Earlier(ImageReference image, String release) {
    String told() {
      return release + " (" + ImageReference.brief(image.digest().orElse("")) + ")";
    }
  }

  /**
   * The release before the one that runs.
   *
   * @param only the origins that it is for; empty: all
   * @throws DeployException where none is known
   */
  public Earlier previous(Set<String> only) throws DeployException, InterruptedException {
    Set<String> running = running(only);
    Earlier earlier =
        standing(records()).stream()
            .filter(one -> !running.contains(one.image().digest().orElse("")))
            .findFirst()
            .orElseThrow(
                () ->
                    new DeployException(
                        "no release is known but the one that runs. `mcpist history` shows them;"
                            + " `mcpist deploy --image` deploys any"));
    return called(earlier);
  }

  /** What ran before the first deployment is in no record: its platform may know its name. */
  private Earlier called(Earlier earlier) throws InterruptedException {
    if (!earlier.release().equals(ImageReference.brief(earlier.image().digest().orElse("")))) {
      return earlier;
    }
    Deadline deadline = Deadline.in(LIMIT, site.time());
    for (Target target : site.targets()) {
      try {
        Optional<String> name =
            target.platform().isEmpty()
                ? Optional.empty()
                : target.platform().get().history(SHOWN, deadline).stream()
                    .filter(
                        release -> release.image().filter(earlier.image()::sameImage).isPresent())
                    .flatMap(release -> Optional.ofNullable(release.env().get("RELEASE")).stream())
                    .findFirst();
        if (name.isPresent()) {
          return new Earlier(earlier.image(), name.get());
        }
      } catch (PlatformException _) {
        // Its digest is a name, too.
      }
    }
    return earlier;
  }

  /**
   * The last release that was good, whatever runs now: half of a deployment may have gone out.
   *
   * @param bad the digest that it must not be
   * @throws DeployException where none is known
   */
  public Earlier lastGood(Optional<String> bad) throws DeployException, InterruptedException {
    return standing(records()).stream()
        .filter(earlier -> bad.isEmpty() || !earlier.image().digest().equals(bad))
        .findFirst()
        .orElseThrow(
            () -> new DeployException("no release is known that was good: nothing can come back"));
  }

  /**
   * The release of that name.
   *
   * @param name as it was called, or how its digest begins
   * @throws DeployException where there is none, or several begin so
   */
  public Earlier named(String name) throws DeployException, InterruptedException {
    List<Earlier> known = known(records());
    String hex = name.startsWith("sha256:") ? name.substring("sha256:".length()) : name;
    Predicate<Earlier> called = earlier -> earlier.release().equals(name);
    Predicate<Earlier> begins =
        earlier -> earlier.image().digest().orElse("").startsWith("sha256:" + hex);
    List<Earlier> found = known.stream().filter(called).toList();
    if (found.isEmpty() && hex.length() >= 4) {
      found = known.stream().filter(begins).toList();
    }
    if (found.isEmpty()) {
      throw new DeployException(
          "there is no release \""
              + name
              + "\". The last ones: "
              + known.stream().limit(SHOWN).map(Earlier::told).collect(Collectors.joining(", ")));
    }
    if (found.size() > 1 && !called.test(found.getFirst())) {
      throw new DeployException(
          "several releases begin with \"" + name + "\": name more of the digest");
    }
    return found.getFirst();
  }

  /** All releases that were good, the one deployed last first, each image once. */
  private static List<Earlier> known(List<ReleaseRecord> records) {
    Map<String, Earlier> known = new LinkedHashMap<>();
    for (ReleaseRecord record : records) {
      if (record.state() == State.SUCCEEDED) {
        known.putIfAbsent(record.digest(), earlier(record));
      }
    }
    first(records)
        .forEach(earlier -> known.putIfAbsent(earlier.image().digest().orElse(""), earlier));
    return List.copyOf(known.values());
  }

  /**
   * Those that still stand, the last first: a rollback takes away all that came after the release
   * that it brought back, so that the next one goes further back and not to what was bad.
   */
  static List<Earlier> standing(List<ReleaseRecord> records) {
    List<Earlier> standing = new ArrayList<>(first(records));
    for (ReleaseRecord record : records.reversed()) {
      if (record.state() != State.SUCCEEDED) {
        continue;
      }
      Earlier deployed = earlier(record);
      int place = standing.stream().map(Earlier::image).toList().indexOf(deployed.image());
      if (place >= 0 && record.action() == Action.ROLLBACK) {
        standing.subList(place + 1, standing.size()).clear();
      } else {
        standing.removeIf(earlier -> earlier.image().sameImage(deployed.image()));
        standing.add(deployed);
      }
    }
    return standing.reversed();
  }

  private static Earlier earlier(ReleaseRecord record) {
    return new Earlier(ImageReference.parse(record.image()), record.release());
  }

  /** What ran before the first deployment that is recorded: it has no record of its own. */
  private static List<Earlier> first(List<ReleaseRecord> records) {
    if (records.isEmpty()) {
      return List.of();
    }
    ReleaseRecord first = records.getLast();
    ImageReference image = ImageReference.parse(first.image());
    return first.origins().stream()
        .map(ReleaseRecord.Part::before)
        .filter(ImageReference::isDigest)
        .distinct()
        .map(before -> new Earlier(image.withDigest(before), ImageReference.brief(before)))
        .toList();
  }

  private List<ReleaseRecord> records() throws DeployException, InterruptedException {
    try {
      return site.admin()
          .orElseThrow(
              () -> new DeployException("ADMIN_TOKEN is not set: the origins know the releases"))
          .releases(MOST, Deadline.in(LIMIT, site.time()));
    } catch (AdminException e) {
      throw new DeployException(String.valueOf(e.getMessage()), e);
    }
  }

  private Set<String> running(Set<String> only) throws InterruptedException {
    Set<String> running = new TreeSet<>();
    Deadline deadline = Deadline.in(LIMIT, site.time());
    for (Target target : site.targets()) {
      if (only.isEmpty() || only.contains(target.name())) {
        Health health = target.client().health(Optional.of(site.gateway()), deadline);
        running.add(health.digest());
      }
    }
    return running;
  }
}
