package com.mcpist.cli;

import com.mcpist.deploy.CloudflareSite;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.WorkerDeployer;
import com.mcpist.deploy.platform.cloudflare.WorkerRelease;
import com.mcpist.deploy.platform.cloudflare.WorkerVersion;
import com.mcpist.deploy.release.Outcome;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ExitCode;

/** Brings the Worker out or back, instead of the origins. */
record WorkerCommand(SiteOptions where, RolloutOptions options) {
  private static final Duration LOOK = Duration.ofMinutes(1);

  /**
   * The built Worker.
   *
   * @param folder its project; empty: worker/ beside mcpist.yml
   * @param name what people call it; empty: how its digest begins
   */
  int deploy(Optional<Path> folder, Optional<String> name, boolean verify, Duration patience)
      throws Exception {
    Path project =
        Main.callersFolder().resolve(folder.orElse(Path.of("worker"))).toAbsolutePath().normalize();
    WorkerRelease.Bundle bundle = WorkerRelease.Bundle.read(project);
    WorkerRelease release = cloudflare().release(bundle, name.orElseGet(bundle::name));
    return run(
        deployer ->
            new WorkerReport.Preview(
                release.release(), deployer.preview(release, options.force(), look())),
        deployer -> deployer.deploy(release, options.terms(verify, patience)));
  }

  /**
   * An earlier version.
   *
   * @param to which; empty: the one before
   */
  int rollback(Optional<String> to, Duration patience) throws Exception {
    return run(
        deployer -> {
          WorkerVersion earlier = deployer.earlier(to, look());
          String call = "deploy " + earlier + ", with the secrets that it had";
          return new WorkerReport.Preview(earlier.toString(), List.of(call));
        },
        deployer -> deployer.rollback(to, options.terms(true, patience)));
  }

  private interface Looking {
    WorkerReport.Preview look(WorkerDeployer deployer) throws Exception;
  }

  private interface Doing {
    Outcome done(WorkerDeployer deployer) throws Exception;
  }

  private int run(Looking looking, Doing doing) throws Exception {
    Terminal terminal = Terminal.detect();
    PrintStream out = options.json() ? System.err : System.out;
    try (Interruption _ = Interruption.ofThisThread();
        Progress progress = new Progress(terminal, out)) {
      WorkerDeployer deployer = deployer(new RolloutProgress(progress, terminal.animated()));
      if (options.preview()) {
        progress.step("Looking at what serves");
        WorkerReport.Preview preview = looking.look(deployer);
        progress.done();
        System.out.print(options.json() ? preview.json() + "\n" : preview.text());
        System.out.flush();
        return ExitCode.OK;
      }
      Outcome outcome = doing.done(deployer);
      progress.done();
      System.out.print(
          options.json()
              ? WorkerReport.json(outcome) + "\n"
              : WorkerReport.text(outcome, terminal));
      System.out.flush();
      return outcome.passed() ? ExitCode.OK : ExitCode.SOFTWARE;
    }
  }

  private WorkerDeployer deployer(RolloutProgress watcher) throws Exception {
    Place place = Place.open(where, Place.NOBODY).place();
    ProductionSite production = where.production();
    return new WorkerDeployer(
        place.site(),
        cloudflare().worker(),
        production.workerAdmin(where.edge()),
        cloudflare().balancers(),
        place.announcements(),
        watcher);
  }

  private CloudflareSite cloudflare() throws Exception {
    if (where.isLocal()) {
      throw Failure.usage("the pair on this machine has no Worker.");
    }
    return where
        .production()
        .cloudflare()
        .orElseThrow(
            () ->
                Failure.usage(
                    "mcpist.yml has no section cloudflare: there is no Worker. It needs account"
                        + " and worker there."));
  }

  private static Deadline look() {
    return Deadline.in(LOOK, Time.system());
  }
}
