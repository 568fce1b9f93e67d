package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.time.Deadline;

public record Rollbacks(Site site) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int MOST = 100;
  private static final int SHOWN = 10;

  public record Earlier(ImageReference image, String release) {
    String digest() {
      return image.digest().orElse("");
    }

    String told() {
      return release + " (" + ImageReference.brief(digest()) + ")";
    }

    /**
     * Checks that a rollback to this release would still be chosen.
     *
     * @param now the release that is chosen now
     * @throws DeployException if it is another one
     */
    public void requireStill(Earlier now) {
      if (!equals(now)) {
        throw new DeployException(
            "another deployment has ended meanwhile: the rollback was to bring "
                + told()
                + ", and would bring "
                + now.told()
                + " now");
      }
    }
  }

  public Earlier previous(Set<String> only) throws InterruptedException {
    Set<String> running = running(only);
    Optional<List<ReleaseRecord>> records = recordsIfAny();
    if (records.isEmpty()) {
      return remembered(only, running);
    }
    return called(
        below(standing(records.get()), running)
            .orElseThrow(
                DeployException.because(
                    "no release is known but the one that runs. `mcpist history` shows them;"
                        + " `mcpist deploy --image` deploys any")));
  }

  /** The one under the topmost that runs; where none of them does, the topmost. */
  static Optional<Earlier> below(List<Earlier> standing, Set<String> running) {
    for (int i = 0; i < standing.size(); i++) {
      if (running.contains(standing.get(i).digest())) {
        return standing.stream().skip(i + 1L).findFirst();
      }
    }
    return standing.stream().findFirst();
  }

  private Earlier remembered(Set<String> only, Set<String> running) throws InterruptedException {
    return recall(only, earlier -> !running.contains(earlier.digest()))
        .orElseThrow(
            DeployException.because(
                "no origin answers, and their platforms remember no other release:"
                    + " `mcpist deploy --force --image` deploys any"));
  }

  private Optional<Earlier> recall(Set<String> only, Predicate<Earlier> which)
      throws InterruptedException {
    for (Target target : site.targets()) {
      if (target.platform().isPresent() && (only.isEmpty() || only.contains(target.name()))) {
        Optional<Earlier> found = history(target).stream().filter(which).findFirst();
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private List<Earlier> history(Target target) throws InterruptedException {
    List<Earlier> history = new ArrayList<>();
    try {
      for (Release release : target.runner().history(SHOWN, Deadline.in(LIMIT, site.time()))) {
        if (release.image().flatMap(ImageReference::digest).isPresent()) {
          ImageReference image = release.image().get();
          String digest = ImageReference.brief(image.digest().orElseThrow());
          history.add(new Earlier(image, release.env().getOrDefault("RELEASE", digest)));
        }
      }
    } catch (PlatformException _) {
      return List.of();
    }
    return history;
  }

  /** What ran before the first deployment is in no record: its platform may know its name. */
  private Earlier called(Earlier earlier) throws InterruptedException {
    if (!earlier.release().equals(ImageReference.brief(earlier.digest()))) {
      return earlier;
    }
    return recall(Set.of(), known -> known.image().sameImage(earlier.image()))
        .map(known -> new Earlier(earlier.image(), known.release()))
        .orElse(earlier);
  }

  public Earlier lastGood(Optional<String> bad) throws InterruptedException {
    Optional<List<ReleaseRecord>> records = recordsIfAny();
    if (records.isEmpty()) {
      return remembered(Set.of(), bad.isPresent() ? Set.of(bad.get()) : running(Set.of()));
    }
    return called(
        standing(records.get()).stream()
            .filter(earlier -> bad.isEmpty() || !earlier.image().digest().equals(bad))
            .findFirst()
            .orElseThrow(
                DeployException.because(
                    "no release is known that was good: nothing can come back")));
  }

  public Earlier named(String name) throws InterruptedException {
    List<Earlier> known = known(records());
    String hex = name.startsWith("sha256:") ? name.substring("sha256:".length()) : name;
    Predicate<Earlier> begins = earlier -> earlier.digest().startsWith("sha256:" + hex);
    List<Earlier> found =
        Stream.<Predicate<Earlier>>of(
                earlier -> earlier.release().equals(name),
                // One that was deployed by a tag is called by that and its digest.
                earlier -> earlier.release().startsWith(name + "-"),
                earlier -> hex.length() >= 4 && begins.test(earlier))
            .map(which -> known.stream().filter(which).toList())
            .filter(some -> !some.isEmpty())
            .findFirst()
            .orElse(List.of());
    if (found.isEmpty()) {
      throw new DeployException(
          "there is no release \""
              + name
              + "\". The last ones: "
              + known.stream().limit(SHOWN).map(Earlier::told).collect(Collectors.joining(", ")));
    }
    if (found.size() > 1 && begins.test(found.getFirst())) {
      throw new DeployException(
          "several releases begin with \"" + name + "\": name more of the digest");
    }
    return found.getFirst();
  }

  private static List<Earlier> known(List<ReleaseRecord> records) {
    Map<String, Earlier> known = new LinkedHashMap<>();
    for (ReleaseRecord record : records) {
      if (record.state() == State.SUCCEEDED) {
        known.putIfAbsent(record.digest(), earlier(record));
      }
    }
    first(records).forEach(earlier -> known.putIfAbsent(earlier.digest(), earlier));
    return List.copyOf(known.values());
  }

  /** The last first. A rollback takes away all after what it brought back: the next goes on. */
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

  private List<ReleaseRecord> records() throws InterruptedException {
    return recordsIfAny()
        .orElseThrow(
            DeployException.because("no origin answers: they know what the releases are called"));
  }

  private Optional<List<ReleaseRecord>> recordsIfAny() throws InterruptedException {
    AdminPath admin = site.admin("the origins know the releases");
    try {
      return Optional.of(admin.releases(MOST, Deadline.in(LIMIT, site.time())));
    } catch (AdminException e) {
      if (e.kind() == AdminException.Kind.UNAVAILABLE) {
        return Optional.empty();
      }
      throw new DeployException(String.valueOf(e.getMessage()), e);
    }
  }

  /** What their platforms say that they run, and, where those do not, they themselves. */
  private Set<String> running(Set<String> only) throws InterruptedException {
    Set<String> running = new TreeSet<>();
    for (Target target : site.targets()) {
      if (only.isEmpty() || only.contains(target.name())) {
        running.add(running(target));
      }
    }
    running.remove("");
    return running;
  }

  private String running(Target target) throws InterruptedException {
    Deadline deadline = Deadline.in(LIMIT, site.time());
    try {
      if (target.platform().isPresent()) {
        Optional<String> digest =
            target.platform().get().current(deadline).image().flatMap(ImageReference::digest);
        if (digest.isPresent()) {
          return digest.get();
        }
      }
    } catch (PlatformException _) {
      // It may answer itself.
    }
    return target.client().health(Optional.of(site.gateway()), deadline).digest();
  }
}
