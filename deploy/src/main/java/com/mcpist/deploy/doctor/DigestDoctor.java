package com.mcpist.deploy.doctor;

import com.mcpist.deploy.Platforms;
import com.mcpist.deploy.admin.AdminException;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.ReleaseRecord;
import com.mcpist.deploy.admin.ReleaseRecord.State;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.config.Origin;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Release;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Examines whether what each platform runs is what was deployed there, by its digest: somebody may
 * have changed it past MCPist, or the platform may have made another digest of it.
 *
 * @param admin where the releases are kept; empty where nobody answers
 */
record DigestDoctor(
    Deployment deployment, Platforms platforms, Optional<AdminPath> admin, Time time) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int LATEST = 50;

  /** By it an origin itself tells which image it is. */
  private static final String VARIABLE = "IMAGE_DIGEST";

  void examine(List<Diagnosis> found) throws InterruptedException {
    List<ReleaseRecord> records = records();
    if (records.stream().findFirst().filter(one -> one.state() == State.RUNNING).isPresent()) {
      return; // It is about to be another one.
    }
    for (Origin origin : deployment.origins()) {
      if (!(origin.hosting() instanceof Hosting.Local)) {
        try {
          Platform platform = platforms.of(origin).orElseThrow();
          Release now = platform.current(limit());
          diagnosis(
                  origin.name(),
                  deployed(origin.name(), now, records),
                  now,
                  platform.pulled(limit()))
              .ifPresent(found::add);
        } catch (PlatformException _) {
          // It is told where the platform is looked at.
        }
      }
    }
  }

  private List<ReleaseRecord> records() throws InterruptedException {
    try {
      return admin.isPresent() ? admin.get().releases(LATEST, limit()) : List.of();
    } catch (AdminException _) {
      return List.of();
    }
  }

  /** What was brought there last, by the records, or by the variable that was brought with it. */
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

  /** Empty where nothing is known that could be compared. */
  static Optional<Diagnosis> diagnosis(
      String origin, Optional<String> deployed, Release now, Optional<String> pulled) {
    String subject = origin + ", digest";
    Optional<String> runs = now.image().flatMap(ImageReference::digest);
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
              "its platform has made "
                  + ImageReference.brief(pulled.get())
                  + " of "
                  + wanted
                  + ", which was deployed",
              "An index of several images is resolved there: push one image, for linux/amd64 alone"
                  + " (docker build --provenance=false), so that what runs has the digest that was"
                  + " deployed"));
    }
    return Optional.of(Diagnosis.good(subject, wanted + ", as deployed"));
  }

  private Deadline limit() {
    return Deadline.in(LIMIT, time);
  }
}
