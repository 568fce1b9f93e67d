package com.mcpist.cli.release;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.SiteOptions;
import com.mcpist.deploy.admin.ReleaseRecord.Action;
import com.mcpist.deploy.plan.Strategy;
import com.mcpist.deploy.release.Order;
import com.mcpist.deploy.release.Rollbacks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "rollback",
    description = {
      "Brings the release before back, or another one of `mcpist history`, and says which.",
      "",
      "It is brought out as any release is, and comes with the environment that it had where its"
          + " platform still knows it. A rollback takes back what came after that release: the next"
          + " one goes further back.",
      "",
      "With --worker it is the Worker on Cloudflare that goes back, and no origin. Its versions"
          + " have their secrets for good: where those have changed since, it is refused without"
          + " --force.",
      "",
      "With --json: as `mcpist deploy --json`."
    },
    footer = {
      "  mcpist rollback",
      "  mcpist rollback --to 1.3",
      "  mcpist rollback --origin flyio-standby",
      "  mcpist rollback --worker"
    })
public final class RollbackCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Mixin private SiteOptions where = new SiteOptions();
  @Mixin private RolloutCommand.Options rollout = new RolloutCommand.Options();

  @Option(
      names = "--to",
      paramLabel = "RELEASE",
      description = "What it was called, or how its digest begins (default: the one before).")
  private @Nullable String to;

  @Option(
      names = "--origin",
      paramLabel = "NAME",
      split = ",",
      description = "Only on this origin; several are separated by commas.")
  private List<String> origins = List.of();

  @Option(names = "--worker", description = "The Worker on Cloudflare, instead of the origins.")
  private boolean worker;

  @Override
  public Integer call() throws Exception {
    if (worker) {
      if (!origins.isEmpty()) {
        throw Failure.usage("--worker is about no origin: leave --origin out.");
      }
      return new WorkerCommand(where, rollout).rollback(Optional.ofNullable(to), PATIENCE);
    }
    return new RolloutCommand(where, rollout)
        .run(
            origins,
            (place, names) -> {
              Rollbacks rollbacks = new Rollbacks(place.site());
              Rollbacks.Earlier earlier =
                  to == null ? rollbacks.previous(names) : rollbacks.named(to);
              return new Order(
                  Action.ROLLBACK,
                  earlier.image(),
                  earlier.release(),
                  Strategy.SIMULTANEOUS,
                  names,
                  place.secrets(),
                  rollout.force,
                  true,
                  SiteOptions.caller(),
                  rollout.run(),
                  rollout.limits(PATIENCE));
            });
  }
}
