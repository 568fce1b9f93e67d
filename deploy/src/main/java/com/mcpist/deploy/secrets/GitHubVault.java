package com.mcpist.deploy.secrets;

import com.mcpist.deploy.github.RepositorySecrets;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import java.util.Optional;

/**
 * GitHub's secrets. Their values are read from the environment, since GitHub returns none, and
 * written by its interface.
 */
public final class GitHubVault implements Vault {
  private final Source source;
  private final RepositorySecrets github;

  /**
   * Of a repository.
   *
   * @param source what the workflow has of it
   */
  public GitHubVault(Source source, RepositorySecrets github) {
    this.source = source;
    this.github = github;
  }

  @Override
  public String told() {
    return "GitHub";
  }

  @Override
  public Optional<Secret> current(String name) throws SecretsException {
    return source.find(name);
  }

  @Override
  public Optional<Secret> next(String name) throws SecretsException {
    return source.find(Source.next(name));
  }

  /** One that is there, and that this workflow does not have, may be in use somewhere already. */
  @Override
  public void storeNext(String name, Secret value, Deadline deadline)
      throws SecretsException, InterruptedException {
    String next = Source.next(name);
    try {
      if (github.names(deadline).contains(next)) {
        throw new SecretsException(
            ("GitHub has a %s, and this environment has not: hand it on in the workflow, so that"
                    + " the rotation that it is of can be finished. Delete it there only if nobody"
                    + " runs with it: mcpist secrets check")
                .formatted(next));
      }
      github.put(next, name, value, deadline);
    } catch (PlatformException e) {
      throw new SecretsException(e.getMessage(), e);
    }
  }

  @Override
  public void promote(String name, Secret value, Deadline deadline)
      throws SecretsException, InterruptedException {
    try {
      github.put(name, name, value, deadline);
    } catch (PlatformException e) {
      throw new SecretsException(e.getMessage(), e);
    }
  }

  @Override
  public void forgetNext(String name, Deadline deadline)
      throws SecretsException, InterruptedException {
    try {
      github.delete(Source.next(name), deadline);
    } catch (PlatformException e) {
      throw new SecretsException(e.getMessage(), e);
    }
  }
}
