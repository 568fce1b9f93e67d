package com.mcpist.cli.release;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteOptions;
import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.config.Hosting;
import com.mcpist.deploy.config.Origin;
import com.mcpist.deploy.config.Spelling;
import com.mcpist.deploy.plan.Strategy;
import com.mcpist.deploy.release.Order;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "deploy",
    description = {
      "Brings a release to all origins, verifies it, and, where it is bad, gives every origin back"
          + " what it had.",
      "",
      "On platforms the release is an image, resolved to its digest once. On this machine it is the"
          + " build of this checkout, or an assembled program that --image names.",
      "",
      "While an origin changes, another one serves: where no other is healthy nothing is done. One"
          + " deployment at a time: whoever comes second waits for a minute, and is then told who"
          + " deploys.",
      "",
      "With --json: one object {\"release\", \"digest\", \"state\", \"changed\", \"problem\","
          + " \"origins\": [{\"name\", \"result\", \"before\", \"detail\", \"seconds\"}],"
          + " \"checks\": [{\"check\", \"subject\", \"passed\", \"expected\", \"seen\","
          + " \"advice\"}], \"calls\": {\"answered\", \"failed\", \"replayed\"}, \"warnings\"};"
          + " with --dry-run {\"image\", \"release\", \"stages\": [[origin]], \"calls\": {origin:"
          + " [call]}}.",
      "",
      "With --worker the Worker on Cloudflare is what is brought out, and no origin: the bundle"
          + " that worker/build.sh has made is uploaded as a version and deployed, and the version"
          + " before is deployed again where the edge does not answer with it or is bad. With"
          + " --json: {\"release\", \"version\", \"before\", \"state\", \"changed\", \"problem\","
          + " \"checks\", \"warnings\"}; with --dry-run {\"release\", \"calls\"}.",
      "",
      "Where nothing but an entrance fails that has never worked, as with a new certificate, it is"
          + " waited for, for 20 minutes, and nothing is given back for it.",
      "",
      "Exit code 1: the release is not what all origins run, or clients do not get to it."
    },
    footer = {
      "  mcpist deploy                                    what mcpist.yml names, or this build",
      "  mcpist deploy --image ghcr.io/me/notes:1.4 --strategy standby-first",
      "  mcpist deploy --platform ssh                     to all origins on hosts of your own",
      "  mcpist deploy --worker                           the built Worker, and no origin",
      "  mcpist deploy --dry-run                          what would be done"
    })
public final class DeployCommand implements Callable<Integer> {
  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private RolloutCommand.Options rollout = new RolloutCommand.Options();

  @Option(
      names = "--image",
      paramLabel = "REF",
      description =
          "The image, by tag or digest (default: that of mcpist.yml); on this machine, the folder"
              + " of an assembled program.")
  private @Nullable String image;

  @Option(
      names = "--release",
      paramLabel = "NAME",
      description = "What people call it (default: the image's tag with how its digest begins).")
  private @Nullable String release;

  @Option(
      names = "--strategy",
      paramLabel = "STRATEGY",
      defaultValue = "simultaneous",
      description =
          "simultaneous, or standby-first: on the last origin first, and on the others once it is"
              + " verified there (default: ${DEFAULT-VALUE}).")
  private Strategy strategy = Strategy.SIMULTANEOUS;

  @Option(
      names = "--origin",
      paramLabel = "NAME",
      split = ",",
      description = "Only to this origin; several are separated by commas.")
  private List<String> origins = List.of();

  @Option(
      names = "--platform",
      paramLabel = "NAME",
      description =
          "Only to the origins on this platform: koyeb, fly or ssh. Where mcpist.yml has none"
              + " there, there is nothing to do.")
  private @Nullable String platform;

  @Option(names = "--worker", description = "The Worker on Cloudflare, instead of the origins.")
  private boolean worker;

  @Option(
      names = "--bundle",
      paramLabel = "DIR",
      description = "With --worker: the Worker's project, built (default: worker).")
  private @Nullable Path bundle;

  @Option(names = "--no-verify", description = "Leave the verification to `mcpist verify`.")
  private boolean unverified;

  @Option(
      names = "--patience",
      paramLabel = "DURATION",
      defaultValue = "10s",
      description =
          "How long a check may fail once the origins are healthy (default: ${DEFAULT-VALUE}).")
  private Duration patience = Duration.ofSeconds(10);

  @Override
  public Integer call() throws Exception {
    if (worker) {
      return deployWorker();
    }
    if (bundle != null) {
      throw Failure.usage("--bundle belongs to --worker.");
    }
    List<String> names = platform == null ? origins : originsOn(platform);
    if (platform != null && names.isEmpty()) {
      rollout
          .aside()
          .println("mcpist.yml has no origin on " + platform + ": there is nothing to do.");
      return ExitCode.OK;
    }
    return new RolloutCommand(where, rollout)
        .run(
            names,
            (place, only) -> {
              Place.Chosen chosen = place.images().choose(Optional.ofNullable(image));
              return new Order(
                  Action.DEPLOY,
                  chosen.image(),
                  Optional.ofNullable(release).orElse(chosen.release()),
                  strategy,
                  only,
                  place.secrets(),
                  rollout.force,
                  !unverified,
                  SiteOptions.caller(),
                  rollout.run(),
                  rollout.limits(patience));
            });
  }

  /** So that a workflow's job for a platform need not know what its origins are called. */
  private List<String> originsOn(String name) throws Exception {
    if (!origins.isEmpty()) {
      throw Failure.usage("--platform says which origins: leave --origin out.");
    }
    if (!Hosting.PLATFORMS.contains(name)) {
      throw Failure.usage(
          "--platform must be %s, not \"%s\".%s"
              .formatted(
                  String.join(" or ", Hosting.PLATFORMS),
                  name,
                  Spelling.hint(name, Hosting.PLATFORMS)));
    }
    return where.deployment().origins().stream()
        .filter(origin -> origin.hosting().platform().equals(name))
        .map(Origin::name)
        .toList();
  }

  private int deployWorker() throws Exception {
    if (image != null
        || !origins.isEmpty()
        || platform != null
        || strategy != Strategy.SIMULTANEOUS) {
      throw Failure.usage(
          "--worker is about no origin: leave --image, --origin, --platform and --strategy out.");
    }
    return new WorkerCommand(where, rollout)
        .deploy(Optional.ofNullable(bundle), Optional.ofNullable(release), !unverified, patience);
  }
}
