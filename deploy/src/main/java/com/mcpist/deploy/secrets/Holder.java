package com.mcpist.deploy.secrets;

import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.release.Target;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A program that has secrets, and where it has them from.
 *
 * @param name an origin's, or "worker" or "edge"
 * @param store where its values are stored
 * @param challenge asks it which ones it has
 * @param names of the secrets that belong to it
 * @param others of those that it has from elsewhere: nobody compares them
 * @param origin the origin that it is, which must start again for new values; empty for an edge,
 *     which has them by itself
 * @param retirement how to wait until no process with the values before sends anything
 */
public record Holder(
    String name,
    SecretStore store,
    Challenge challenge,
    Set<String> names,
    Set<String> others,
    Optional<Target> origin,
    Retirement retirement) {
  /** As given, in alphabetical order. */
  public Holder {
    names = java.util.Collections.unmodifiableSet(new TreeSet<>(names));
    others = Set.copyOf(others);
  }

  /** Waits for what still runs with values that have been replaced. */
  @FunctionalInterface
  public interface Retirement {
    /** Returns when it is over. */
    void await() throws InterruptedException, SecretsException;
  }
}
