package com.mcpist.deploy.release;

import com.mcpist.deploy.edgeclient.EdgeConfig;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.LoadBalancers;
import com.mcpist.deploy.time.Deadline;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Whether there is what a version of the Worker sends its calls to. Where there is no such load
 * balancer, the first attempt of every call would fail.
 *
 * @param balancers empty where they cannot be asked
 */
record WorkerTarget(Optional<LoadBalancers> balancers, Watcher watcher) {
  /**
   * Looks for it.
   *
   * @param config what the version reads from EDGE_CONFIG
   * @param force whether it goes on without, and only says so
   * @throws DeployException where it is not there
   */
  void check(JsonNode config, boolean force, Deadline deadline)
      throws DeployException, PlatformException, InterruptedException {
    Optional<String> host = EdgeConfig.balancerOf(config);
    if (host.isEmpty()) {
      return;
    }
    if (balancers.isEmpty()) {
      watcher.note(
          "Whether there is a load balancer "
              + host.get()
              + " has not been looked at: CLOUDFLARE_ZONE_ID is not set.");
      return;
    }
    if (balancers.get().has(host.get(), deadline)) {
      return;
    }
    String problem =
        "this version of the Worker sends its calls to the load balancer "
            + host.get()
            + ", and the zone has none of that name";
    if (!force) {
      throw new DeployException(
          problem
              + ". Make it first: terraform apply (docs/operations/cloudflare.md). With --force it"
              + " goes out all the same");
    }
    watcher.note("With --force all the same: " + problem + ".");
  }
}
