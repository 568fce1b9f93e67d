package com.mcpist.cli.site;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.config.Mounts;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.pair.data.KeptVariables;
import com.mcpist.pair.data.PairException;

/** The variables to which mounts.json refers: without one that is required nothing is changed. */
public final class MountVariables {
  private static final Duration LOOK = Duration.ofSeconds(20);
  private static final String HERE = "Set NAME in the environment, or write ${NAME:-default}";
  private static final String IN_PRODUCTION =
      "In mcpist.yml, list it under secrets (NAME: [origins]) and set it in GitHub, or under env"
          + " of each origin";

  private MountVariables() {}

  /** Those of this command's environment, and those kept for the pair of a data folder. */
  public static Map<String, String> here(Mounts mounts, Path data) throws PairException {
    return here(mounts, data, Map.of());
  }

  /** The same, with values that count more. */
  public static Map<String, String> here(Mounts mounts, Path data, Map<String, String> values)
      throws PairException {
    Map<String, String> all = new KeptVariables(data).with(System.getenv());
    all.putAll(values);
    Map<String, String> variables = mounts.variables(all);
    mounts.require(variables.keySet(), HERE);
    return variables;
  }

  /** Sees that those origins, or all, will have them; those of a pair get them from here. */
  public static void prepare(SiteCommand where, Place place, Set<String> origins, boolean preview)
      throws Exception {
    Mounts mounts = place.deployment().mounts();
    List<Target> targets =
        place.site().targets().stream()
            .filter(target -> origins.isEmpty() || origins.contains(target.name()))
            .toList();
    Deadline deadline = Deadline.in(LOOK, Time.system());
    if (!where.isLocal()) {
      for (Origin origin : place.deployment().origins()) {
        Set<String> named = new TreeSet<>(origin.env().keySet());
        named.addAll(place.deployment().secretsFor(SecretTarget.ORIGINS));
        mounts.require(named, IN_PRODUCTION);
      }
      for (Target target : targets) {
        checkStored(mounts, target, deadline);
      }
      return;
    }
    Map<String, String> kept = new KeptVariables(where.pair().data()).with(System.getenv());
    Map<String, Secret> values = new TreeMap<>();
    mounts.variables(kept).forEach((name, value) -> values.put(name, Secret.of(value)));
    for (Target target : targets) {
      Platform platform = target.platform().orElseThrow();
      Set<String> known = new TreeSet<>(platform.secretNames(deadline));
      known.addAll(values.keySet());
      mounts.require(known, HERE);
      if (!preview && !values.isEmpty()) {
        var _ = platform.putSecrets(values, deadline);
      }
    }
  }

  private static void checkStored(Mounts mounts, Target target, Deadline deadline)
      throws Failure, InterruptedException {
    Set<String> missing = mounts.required();
    missing.removeAll(target.env().keySet());
    if (target.platform().isPresent() && !missing.isEmpty()) {
      missing.removeAll(target.platform().get().secretNames(deadline));
      if (!missing.isEmpty()) {
        throw Failure.failed(
            "%s has no %s, to which mounts.json refers: `mcpist secrets sync` brings it there."
                .formatted(target.name(), String.join(" and no ", missing)));
      }
    }
  }
}
