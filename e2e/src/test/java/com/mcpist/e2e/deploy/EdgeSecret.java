package com.mcpist.e2e.deploy;

import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.e2e.harness.EdgeAdmin;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Where a Java edge that somebody runs has its one secret from: whoever uses its admin listener.
 */
record EdgeSecret(EdgeAdmin admin) implements SecretStore {
  static final String NAME = "GATEWAY_SECRET";

  @Override
  public Set<String> secretNames(Deadline deadline) {
    return Set.of(NAME);
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws PlatformException {
    try {
      admin.secret(NAME, Objects.requireNonNull(values.get(NAME)).reveal());
      return Map.of(NAME, SecretChange.UPDATED);
    } catch (IOException e) {
      throw new PlatformException(
          Kind.UNAVAILABLE, "edge", "store secrets", String.valueOf(e.getMessage()), "Look there");
    }
  }
}
