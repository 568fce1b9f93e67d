package com.mcpist.deploy.github;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.ApiErrors;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;

/**
 * From what happened to a call of GitHub's to what a person is told: which permission is missing,
 * since GitHub says "not found" also of what a token may not see.
 *
 * @param repository as {@code owner/name}
 * @param environment whether the secrets may be an environment's
 */
record GitHubErrors(String repository, boolean environment) {

  /** The error for a person. */
  PlatformException of(ApiException e) {
    if (e.reason() != ApiException.Reason.STATUS || e.rateLimited()) {
      return others(e);
    }
    return switch (e.status()) {
      case 403 -> error(Kind.UNAUTHORIZED, e, "The token in " + RepositorySecrets.TOKEN + needs());
      case 404 ->
          error(
              Kind.NOT_FOUND,
              e,
              "Either "
                  + RepositorySecrets.REPOSITORY
                  + " is wrong, or the token in "
                  + RepositorySecrets.TOKEN
                  + " may not see it: it"
                  + needs());
      case 301, 302, 307, 308 ->
          error(
              Kind.NOT_FOUND,
              e,
              "The repository has another name now: correct " + RepositorySecrets.REPOSITORY);
      default -> others(e);
    };
  }

  private String needs() {
    return environment
        ? " needs the repository permissions \"Secrets: Read and write\" and \"Environments: Read"
            + " and write\" for "
            + repository
        : " needs the repository permission \"Secrets: Read and write\" for " + repository;
  }

  private static PlatformException error(Kind kind, ApiException e, String advice) {
    return new PlatformException(
        kind, RepositorySecrets.NAME, e.call().name(), String.valueOf(e.getMessage()), advice);
  }

  private static PlatformException others(ApiException e) {
    return new ApiErrors(
            RepositorySecrets.NAME, RepositorySecrets.TOKEN, RepositorySecrets.REPOSITORY)
        .of(e);
  }
}
