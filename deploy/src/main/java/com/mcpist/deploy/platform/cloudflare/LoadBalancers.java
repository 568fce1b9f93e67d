package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.time.Deadline;

/**
 * The load balancers of a zone.
 *
 * @param zone the zone's id
 */
public record LoadBalancers(CloudflareAccess access, String zone) {
  /** Whether there is one of that host name. */
  public boolean has(String name, Deadline deadline)
      throws PlatformException, InterruptedException {
    return new LoadBalancerApi(access, zone, name).found(deadline).isPresent();
  }
}
