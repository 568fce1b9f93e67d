package com.mcpist.deploy.release;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.Mounting;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.deploy.verify.Verifier;
import com.mcpist.deploy.verify.Verifier.Subject;

/** Without an edge where there is no place yet that clients connect to. */
public record Site(
    String service,
    List<Target> targets,
    Optional<Entrance> edge,
    Secret gateway,
    Optional<AdminPath> admin,
    Time time) {

  public Target target(String name) {
    return targets.stream().filter(target -> target.name().equals(name)).findFirst().orElseThrow();
  }

  public List<String> names() {
    return targets.stream().map(Target::name).toList();
  }

  AdminPath admin(String consequence) {
    return admin.orElseThrow(DeployException.because("ADMIN_TOKEN is not set: " + consequence));
  }

  public Verifier verifier(Collection<String> origins) {
    return new Verifier(
        targets.stream()
            .filter(target -> origins.contains(target.name()))
            .map(target -> new Subject(target.name(), target.client()))
            .toList(),
        edge,
        gateway,
        targets.stream().anyMatch(Target::mounts) ? admin.map(Mounting::new) : Optional.empty());
  }

  /** What is wrong with the mounts of an origin; nothing where it has none, or does not tell. */
  public List<String> mountProblems(Target target, Deadline deadline) throws InterruptedException {
    return admin.isPresent() && target.mounts()
        ? new Mounting(admin.get()).problems(target.client().url(), deadline)
        : List.of();
  }

  /** Without a platform it is only asked; the repository is where its platform pulls from. */
  public record Target(
      String name,
      boolean overlaps,
      Optional<Platform> platform,
      OriginClient client,
      Optional<ImageReference> repository,
      Map<String, String> env) {

    Platform runner() {
      return platform.orElseThrow(() -> new IllegalStateException(name + " is not deployed to"));
    }

    boolean mounts() {
      return env.containsKey(Mounts.VARIABLE);
    }

    Map<String, String> wantedEnv(String release, String digest) {
      Map<String, String> wanted = new TreeMap<>(env);
      wanted.put("RELEASE", release);
      wanted.put("IMAGE_DIGEST", digest);
      return wanted;
    }

    public ImageReference pulled(ImageReference image) {
      return repository.map(image::in).orElse(image);
    }
  }
}
