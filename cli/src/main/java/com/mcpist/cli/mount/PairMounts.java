package com.mcpist.cli.mount;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.console.Progress;
import com.mcpist.cli.site.MountVariables;
import com.mcpist.cli.site.Place;
import com.mcpist.cli.site.SiteCommand;
import com.mcpist.deploy.admin.AdminPath.ReleaseRecord.Action;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeStatus.Calls;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Order.Strategy;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;

/** The pair that runs on this machine, and the release to which mounts are brought. */
record PairMounts(SiteCommand where, ImageReference image, String release) {
  private static final Duration LOOK = Duration.ofSeconds(20);
  private static final Order.Limits LIMITS =
      new Order.Limits(Duration.ofMinutes(5), Duration.ofSeconds(10), Duration.ofMinutes(1));

  /** Refuses to take away what nobody has named: the pair may be that of another folder. */
  static PairMounts of(SiteCommand where, Mounts wanted, Set<String> removed) throws Exception {
    Place place = Place.open(where, Place.ALL);
    List<Release> releases = new ArrayList<>();
    for (Target target : place.site().targets()) {
      releases.add(target.platform().orElseThrow().current(Deadline.in(LOOK, Time.system())));
    }
    Release first = releases.getFirst();
    if (releases.stream().map(Release::image).distinct().count() > 1) {
      throw Failure.failed(
          "the origins run different releases: `mcpist deploy` brings them to one.");
    }
    Set<String> lost = new TreeSet<>();
    for (Release release : releases) {
      String text = release.env().getOrDefault(Mounts.VARIABLE, "");
      lost.addAll(text.isEmpty() ? Set.of() : Mounts.parse(Mounts.VARIABLE, text).names());
    }
    lost.removeAll(wanted.names());
    lost.removeAll(removed);
    if (!lost.isEmpty()) {
      throw Failure.usage(
          "the pair that runs mounts %s, and this mounts.json does not: is it another folder's? --file names it, and --data another pair."
              .formatted(String.join(", ", lost)));
    }
    return new PairMounts(
        where,
        first.image().orElseThrow(),
        first.env().getOrDefault("RELEASE", SiteCommand.App.release()));
  }

  /** Restarts the origins with what mounts.json has now; what it tells is for a person. */
  String bring(Progress progress) throws Exception {
    Place place = Place.open(where, Place.ALL);
    MountVariables.prepare(where, place, Set.of(), false);
    Outcome outcome =
        place
            .deployer(progress)
            .deploy(
                new Order(
                    Action.DEPLOY,
                    image,
                    release,
                    Strategy.STANDBY_FIRST,
                    Set.of(),
                    Set.of(),
                    new Order.Terms(false, true, SiteCommand.caller(), Optional.empty(), LIMITS)));
    progress.done();
    if (!outcome.passed()) {
      throw Failure.failed(
          Failure.sentence(
              outcome.result() instanceof Outcome.Result.Returned(String why)
                  ? "the pair has the mounts again that it had: " + why
                  : outcome.problem()));
    }
    outcome.warnings().forEach(progress::line);
    return "The origins run with it." + outcome.calls().map(PairMounts::told).orElse("");
  }

  private static String told(Calls calls) {
    return " Meanwhile clients made %s calls: %s failed."
        .formatted(calls.answered(), calls.failed());
  }
}
