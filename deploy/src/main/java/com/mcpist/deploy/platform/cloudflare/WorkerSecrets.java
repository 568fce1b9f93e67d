package com.mcpist.deploy.platform.cloudflare;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The Worker's secrets. A new value takes effect at once: storing one makes a version with it and
 * deploys that, so nothing need be restarted.
 *
 * <p>Cloudflare takes a secret only while the Worker's latest version is the deployed one ({@link
 * PlatformException.Kind#CONFLICT} otherwise), and returns no values: one that was the same counts
 * as updated.
 */
public final class WorkerSecrets implements SecretStore {
  private final WorkersApi api;

  public WorkerSecrets(CloudflareAccess access, String worker) {
    this.api = new WorkersApi(access, worker);
  }

  public String name() {
    return CloudflareAccess.NAME;
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws PlatformException, InterruptedException {
    return api.secrets(deadline);
  }

  /** {@inheritDoc} Made again after a failure it finishes. */
  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws PlatformException, InterruptedException {
    Set<String> there = api.secrets(deadline);
    Map<String, SecretChange> changes = new TreeMap<>();
    for (Map.Entry<String, Secret> entry : new TreeMap<>(values).entrySet()) {
      api.putSecret(entry.getKey(), entry.getValue(), deadline);
      changes.put(
          entry.getKey(),
          there.contains(entry.getKey()) ? SecretChange.UPDATED : SecretChange.CREATED);
    }
    return changes;
  }

  /**
   * Removes a secret.
   *
   * @return whether there was one
   */
  public boolean deleteSecret(String name, Deadline deadline)
      throws PlatformException, InterruptedException {
    return api.deleteSecret(name, deadline);
  }
}
