package com.mcpist.deploy.secrets;

import com.mcpist.deploy.admin.Access;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.release.Site;
import java.util.List;
import java.util.Optional;

/**
 * A deployment, as its secrets are looked after.
 *
 * @param edge tells which origins get calls; empty where it cannot be asked
 * @param holders who has secrets: the edge first, then the origins in the reverse of the order in
 *     which the edge prefers them, so that the one that serves is changed last
 * @param access what is shown there, by the source of the secrets
 * @param trial of what only the workflows use
 */
public record SecretSite(
    Site site,
    Optional<? extends EdgeControl> edge,
    List<Holder> holders,
    Access access,
    Trial trial) {
  /** As given. */
  public SecretSite {
    holders = List.copyOf(holders);
  }
}
