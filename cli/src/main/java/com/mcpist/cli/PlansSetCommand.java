package com.mcpist.cli;

import com.mcpist.deploy.admin.Clients.PlanLimits;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a plan, or changes it. */
@Command(
    name = "set",
    description = {
      "Makes a plan, or changes the one of that name for everybody who has it. A plan stays for"
          + " ever: one that nobody has any more does nothing."
    },
    footer = {
      "",
      "Example:",
      "  mcpist plans set team --calls-per-minute 1200 --calls-at-once 100 --storage-mib 500"
    })
final class PlansSetCommand implements Callable<Integer> {
  private static final int MOST_PER_MINUTE = 1_000_000;
  private static final int MOST_AT_ONCE = 10_000;
  private static final int MOST_MIB = 1_000_000;

  @Mixin private SiteOptions where = new SiteOptions();

  @Parameters(
      paramLabel = "NAME",
      description = "The plan: 1 to 63 lower-case letters, digits, hyphens and underscores.")
  private String name = "";

  @Option(
      names = "--calls-per-minute",
      paramLabel = "N",
      required = true,
      description = "How many calls of a user an origin takes in a minute, 1 to " + MOST_PER_MINUTE)
  private int callsPerMinute;

  @Option(
      names = "--calls-at-once",
      paramLabel = "N",
      required = true,
      description = "How many it works at for a user at the same time, 1 to " + MOST_AT_ONCE)
  private int callsAtOnce;

  @Option(
      names = "--storage-mib",
      paramLabel = "N",
      description =
          "How many MiB a user may store, with what is kept of calls, 1 to "
              + MOST_MIB
              + "; without it as it was, and 100 of a new plan.")
  private @Nullable Integer storageMib;

  @Override
  public Integer call() throws Exception {
    PlanNames.check("NAME", name);
    between("--calls-per-minute", callsPerMinute, MOST_PER_MINUTE);
    between("--calls-at-once", callsAtOnce, MOST_AT_ONCE);
    if (storageMib != null) {
      between("--storage-mib", storageMib, MOST_MIB);
    }
    PlanLimits plan =
        new PlanLimits(name, callsPerMinute, callsAtOnce, Optional.ofNullable(storageMib));
    ClientsPlace.open(where).clients().put(plan, ClientsPlace.deadline());
    System.out.println(
        "The plan "
            + name
            + ": "
            + callsPerMinute
            + " calls a minute, "
            + callsAtOnce
            + " at once"
            + (storageMib == null ? "." : ", " + storageMib + " MiB."));
    return ExitCode.OK;
  }

  private static void between(String option, int value, int most) throws Failure {
    if (value < 1 || value > most) {
      throw Failure.usage(option + " must be 1 to " + most + ", not " + value);
    }
  }
}
