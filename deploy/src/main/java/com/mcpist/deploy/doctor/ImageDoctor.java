package com.mcpist.deploy.doctor;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.AdminException;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.State;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.doctor.Doctor.Diagnosis;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.image.Registries;
import com.mcpist.deploy.image.Registries.ImageException;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.secrets.RepositorySecrets;
import com.mcpist.deploy.secrets.RepositorySecrets.ContainerPackages;

/** Whether the image is there, can be pulled and written, and runs as deployed. */
record ImageDoctor(Doctor doctor) {
  private static final String SUBJECT = "image";
  private static final String PACKAGE = "image, who may write it";
  private static final int LATEST = 50;

  private static final String VARIABLE = "IMAGE_DIGEST";

  void examine(List<Diagnosis> found) throws InterruptedException {
    Optional<ImageReference> image = doctor.deployment().image();
    if (image.isEmpty()) {
      found.add(
          Diagnosis.weak(
              SUBJECT,
              "mcpist.yml names none",
              "Name it there, or give it each time: mcpist deploy --image …"));
      return;
    }
    Registries registries = new Registries(doctor.environment(), doctor.time());
    try {
      ImageReference there = registries.resolve(image.get(), doctor.limit());
      found.add(Diagnosis.good(SUBJECT, there.toString()));
      pulled(image.get(), registries, found);
    } catch (ImageException e) {
      found.add(Diagnosis.failed(SUBJECT, e));
    }
    if (image.get().registry().equals(ContainerPackages.REGISTRY)) {
      found.add(written(image.get()));
    }
  }

  private void pulled(ImageReference image, Registries registries, List<Diagnosis> found)
      throws InterruptedException {
    try {
      if (registries.isPublic(image, doctor.limit())) {
        return;
      }
    } catch (ImageException e) {
      found.add(
          Diagnosis.weak(
              SUBJECT, "whether it is public is not known: " + e.getMessage(), "Run it again"));
      return;
    }
    for (Origin origin : doctor.deployment().origins()) {
      boolean byPlatform =
          origin.hosting() instanceof Hosting.Koyeb || origin.hosting() instanceof Hosting.Fly;
      if (byPlatform && origin.image().isEmpty()) {
        found.add(pulled(origin));
      }
    }
  }

  /** What the image's own registry shows to nobody must be pulled by somebody it knows. */
  private Diagnosis pulled(Origin origin) throws InterruptedException {
    String subject = origin.name() + ", pulling the image";
    try {
      Optional<String> secret =
          doctor.platforms().of(origin).orElseThrow().registrySecret(doctor.limit());
      return secret.isPresent()
          ? Diagnosis.good(subject, "it is private; by the registry secret " + secret.get())
          : Diagnosis.bad(
              subject, "it is private, and nothing is shown to its registry", mend(origin));
    } catch (PlatformException e) {
      return Diagnosis.failed(subject, e);
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

  Diagnosis written(ImageReference image) throws InterruptedException {
    String[] parts = image.repository().split("/", 2);
    if (!doctor.environment().containsKey(ContainerPackages.TOKEN) || parts.length < 2) {
      return Diagnosis.weak(
          PACKAGE,
          "not known: " + ContainerPackages.TOKEN + " is not set",
          "Set it to a token that may read packages, as `gh auth token` prints one");
    }
    try {
      return ContainerPackages.repositoryOf(
              parts[0], parts[1], doctor.environment(), doctor.time(), doctor.limit())
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

  private Diagnosis written(String joined) {
    if (joined.isEmpty()) {
      return Diagnosis.weak(
          PACKAGE,
          "the package is joined to no repository, so no workflow may write it by itself",
          "Under Package settings, Manage Actions access, add the repository with the role Write");
    }
    String here = doctor.environment().getOrDefault(RepositorySecrets.REPOSITORY, joined);
    return joined.equalsIgnoreCase(here)
        ? Diagnosis.good(PACKAGE, "the workflows of " + joined)
        : Diagnosis.bad(
            PACKAGE,
            "the workflows of " + joined + ", and these are of " + here,
            "Under Package settings, Manage Actions access, add " + here + " with the role Write");
  }

  /** Somebody may have changed it past MCPist, or the platform made another digest of it. */
  void digests(Optional<AdminPath> admin, List<Diagnosis> found) throws InterruptedException {
    List<ReleaseRecord> records = List.of();
    try {
      records = admin.isPresent() ? admin.get().releases(LATEST, doctor.limit()) : records;
    } catch (AdminException _) {
      // The variable is used instead.
    }
    if (records.stream().findFirst().filter(one -> one.state() == State.RUNNING).isPresent()) {
      return; // It is about to be another one.
    }
    for (Origin origin : doctor.deployment().origins()) {
      if (!(origin.hosting() instanceof Hosting.Local)) {
        try {
          Platform platform = doctor.platforms().of(origin).orElseThrow();
          Release now = platform.current(doctor.limit());
          digest(
                  origin.name(),
                  deployed(origin.name(), now, records),
                  now.image().flatMap(ImageReference::digest),
                  platform.pulled(doctor.limit()))
              .ifPresent(found::add);
        } catch (PlatformException _) {
          // The platform's own check reports it.
        }
      }
    }
  }

  private static Optional<String> deployed(
      String origin, Release now, List<ReleaseRecord> records) {
    return records.stream()
        .filter(record -> record.state() == State.SUCCEEDED)
        .filter(record -> record.origins().stream().anyMatch(part -> part.name().equals(origin)))
        .map(ReleaseRecord::digest)
        .findFirst()
        .or(() -> Optional.ofNullable(now.env().get(VARIABLE)))
        .filter(ImageReference::isDigest);
  }

  private static Optional<Diagnosis> digest(
      String origin, Optional<String> deployed, Optional<String> runs, Optional<String> pulled) {
    String subject = origin + ", digest";
    if (deployed.isEmpty() || runs.isEmpty()) {
      return Optional.empty();
    }
    String wanted = ImageReference.brief(deployed.get());
    if (!runs.equals(deployed)) {
      return Optional.of(
          Diagnosis.bad(
              subject,
              ImageReference.brief(runs.get()) + " runs, and " + wanted + " was deployed",
              "Somebody has changed it past MCPist: `mcpist deploy` brings all origins to one"
                  + " release"));
    }
    if (pulled.isPresent() && !pulled.equals(deployed)) {
      return Optional.of(
          Diagnosis.weak(
              subject,
              "its platform has made %s of %s, which was deployed"
                  .formatted(ImageReference.brief(pulled.get()), wanted),
              "An index of several images is resolved there: push one image, for linux/amd64 alone"
                  + " (docker build --provenance=false), so that what runs has the digest that was"
                  + " deployed"));
    }
    return Optional.of(Diagnosis.good(subject, wanted + ", as deployed"));
  }
}
