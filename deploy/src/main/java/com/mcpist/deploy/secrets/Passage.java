package com.mcpist.deploy.secrets;

import com.mcpist.deploy.originclient.OriginClient.Tools;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Target;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks whether calls go through to each origin, and through the edge.
 *
 * @param gateway what origins are asked with
 * @param rotated whether it is the gateway secret that is rotated
 */
record Passage(Site site, Secret gateway, boolean rotated, Watcher watcher) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int FORBIDDEN = 403;

  /**
   * Waits until they do.
   *
   * @param old a gateway secret that must let nobody in any more
   * @throws SecretsException where they do not after a while, saying which
   */
  void await(Optional<Secret> old) throws SecretsException, InterruptedException {
    Deadline deadline = Deadline.in(PATIENCE, site.time());
    Optional<Secret> closed = old.filter(_ -> rotated);
    while (true) {
      List<String> problems = problems(closed, deadline.another(LOOK));
      if (problems.isEmpty()) {
        return;
      }
      watcher.note("Not yet: " + String.join("; ", problems));
      if (deadline.passed()) {
        throw new SecretsException(
            String.join("; ", problems)
                + ". Nothing is lost: see what is wrong by `mcpist verify`, and run it again");
      }
      deadline.sleep(PAUSE);
    }
  }

  private List<String> problems(Optional<Secret> closed, Deadline deadline)
      throws InterruptedException {
    List<String> problems = new ArrayList<>();
    for (Target origin : site.targets()) {
      add(problems, origin.name(), origin.client().tools(Optional.of(gateway), deadline));
      if (closed.isPresent()) {
        int status = origin.client().status("/mcp", closed, deadline);
        if (status != FORBIDDEN) {
          problems.add(origin.name() + " answers the old gateway secret with " + status);
        }
      }
    }
    if (site.edge().isPresent()) {
      site.edge().get().blocked(deadline).ifPresent(problems::add);
    }
    return problems;
  }

  private static void add(List<String> problems, String name, Tools tools) {
    if (!tools.problem().isEmpty()) {
      problems.add(name + ": " + tools.problem());
    }
  }
}
