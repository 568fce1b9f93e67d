package com.mcpist.deploy.doctor;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.config.Origin;
import com.mcpist.deploy.github.ContainerPackages;
import com.mcpist.deploy.github.RepositorySecrets;
import com.mcpist.deploy.image.ImageException;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.image.Registries;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Examines the image: whether it is there, whether each platform can pull it, and whether the
 * workflow may write its package. It changes nothing.
 *
 * @param environment where credentials for the registry are
 */
record ImageDoctor(
    Deployment deployment, Map<String, String> environment, Platforms platforms, Time time) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String SUBJECT = "image";
  private static final String PACKAGE = "image, who may write it";
  private static final String SEE = "See what the message says";

  ImageDoctor {
    environment = Map.copyOf(environment);
  }

  void examine(List<Diagnosis> found) throws InterruptedException {
    Optional<ImageReference> image = deployment.image();
    if (image.isEmpty()) {
      found.add(
          Diagnosis.weak(
              SUBJECT,
              "mcpist.yml names none",
              "Name it there, or give it each time: mcpist deploy --image …"));
      return;
    }
    Registries registries = new Registries(environment, time);
    try {
      ImageReference there = registries.resolve(image.get(), limit());
      found.add(Diagnosis.good(SUBJECT, there.toString()));
      pulled(image.get(), registries, found);
    } catch (ImageException e) {
      found.add(Diagnosis.bad(SUBJECT, String.valueOf(e.getMessage()), SEE));
    }
    if (image.get().registry().equals(ContainerPackages.REGISTRY)) {
      found.add(written(image.get()));
    }
  }

  private void pulled(ImageReference image, Registries registries, List<Diagnosis> found)
      throws InterruptedException {
    try {
      if (registries.isPublic(image, limit())) {
        return;
      }
    } catch (ImageException e) {
      found.add(
          Diagnosis.weak(
              SUBJECT, "whether it is public is not known: " + e.getMessage(), "Run it again"));
      return;
    }
    for (Origin origin : deployment.origins()) {
      pulled(origin, found);
    }
  }

  /** What the image's own registry shows to nobody must be pulled by somebody it knows. */
  private void pulled(Origin origin, List<Diagnosis> found) throws InterruptedException {
    if (origin.image().isPresent() || origin.hosting() instanceof Hosting.Local) {
      return;
    }
    String subject = origin.name() + ", pulling the image";
    try {
      Optional<String> secret = platforms.of(origin).orElseThrow().registrySecret(limit());
      found.add(
          secret.isPresent()
              ? Diagnosis.good(subject, "it is private; by the registry secret " + secret.get())
              : Diagnosis.bad(
                  subject, "it is private, and nothing is shown to its registry", mend(origin)));
    } catch (PlatformException e) {
      found.add(Diagnosis.bad(subject, String.valueOf(e.getMessage()), SEE));
    }
  }

  private static String mend(Origin origin) {
    return origin.hosting() instanceof Hosting.Fly fly
        ? "Make the package public, or name the copy that the workflow makes: image:"
            + " registry.fly.io/"
            + fly.app()
            + " under this origin in mcpist.yml"
        : "Make the package public, or store a registry secret on the platform and name it in the"
            + " service (docs/operations/first-deployment.md)";
  }

  /** Whether the workflow may write a package of GitHub's registry. */
  Diagnosis written(ImageReference image) throws InterruptedException {
    String[] parts = image.repository().split("/", 2);
    if (!environment.containsKey(ContainerPackages.TOKEN) || parts.length < 2) {
      return Diagnosis.weak(
          PACKAGE,
          "not known: " + ContainerPackages.TOKEN + " is not set",
          "Set it to a token that may read packages, as `gh auth token` prints one");
    }
    try {
      return ContainerPackages.of(environment, time)
          .find(parts[0], parts[1], limit())
          .map(this::written)
          .orElseGet(
              () ->
                  Diagnosis.weak(
                      PACKAGE,
                      "not known: the token may not see the package, or it is not there yet",
                      "The first push makes it"));
    } catch (PlatformException e) {
      return Diagnosis.weak(
          PACKAGE,
          "not known: " + e.getMessage(),
          "The token in " + ContainerPackages.TOKEN + " needs the scope read:packages");
    }
  }

  private Diagnosis written(ContainerPackages.ContainerPackage there) {
    if (there.repository().isEmpty()) {
      return Diagnosis.weak(
          PACKAGE,
          "the package is joined to no repository, so no workflow may write it by itself",
          "Under Package settings, Manage Actions access, add the repository with the role Write");
    }
    String joined = there.repository().get();
    String here = environment.getOrDefault(RepositorySecrets.REPOSITORY, joined);
    return joined.equalsIgnoreCase(here)
        ? Diagnosis.good(PACKAGE, "the workflows of " + joined)
        : Diagnosis.bad(
            PACKAGE,
            "the workflows of " + joined + ", and these are of " + here,
            "Under Package settings, Manage Actions access, add " + here + " with the role Write");
  }

  private Deadline limit() {
    return Deadline.in(LIMIT, time);
  }

  /** The environment without values, since some are secrets. */
  @Override
  public String toString() {
    return "ImageDoctor";
  }
}
