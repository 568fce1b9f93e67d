package com.mcpist.deploy.github;

import com.mcpist.deploy.http.Answer;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.ApiAddress;
import com.mcpist.deploy.platform.ApiErrors;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Token;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The packages of GitHub's container registry. It changes nothing. */
public final class ContainerPackages {
  /** The variable with a token that may read packages; a workflow has it. */
  public static final String TOKEN = "GITHUB_TOKEN";

  /** The registry that they are in. */
  public static final String REGISTRY = "ghcr.io";

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  private final VendorCalls calls;

  /**
   * A package.
   *
   * @param repository which repository it is joined to, whose workflows may write it, as {@code
   *     owner/name}; empty where it is joined to none
   */
  public record ContainerPackage(Optional<String> repository) {}

  private ContainerPackages(VendorCalls calls) {
    this.calls = calls;
  }

  /**
   * As the environment says.
   *
   * @throws PlatformException where the token is not set or is none
   */
  public static ContainerPackages of(Map<String, String> environment, Time time)
      throws PlatformException {
    Token token =
        Token.fromEnvironment(RepositorySecrets.NAME, environment, TOKEN, text -> "Bearer " + text);
    URI address =
        ApiAddress.of(
            RepositorySecrets.NAME, environment, RepositorySecrets.ADDRESS, RepositorySecrets.API);
    ApiClient client =
        new ApiClient(address, Optional.of(token.header()), token.hidden(), TIMEOUT, time);
    ApiErrors errors = new ApiErrors(RepositorySecrets.NAME, TOKEN, "image");
    return new ContainerPackages(new VendorCalls(client, errors));
  }

  /**
   * A package by its name.
   *
   * @param owner a person or an organization
   * @return empty where there is none that the token may see
   */
  public Optional<ContainerPackage> find(String owner, String name, Deadline deadline)
      throws PlatformException, InterruptedException {
    // GitHub has another place for what an organization owns.
    for (String place : List.of("/users/", "/orgs/")) {
      String path = place + Call.segment(owner) + "/packages/container/" + Call.segment(name);
      Call call = RepositorySecrets.versioned(Call.get("get package " + name, path));
      Answer answer = calls.answer(call.accepting(404), deadline);
      if (answer.status() != 404) {
        String repository = answer.body().path("repository").path("full_name").asString("");
        return Optional.of(
            new ContainerPackage(Optional.of(repository).filter(full -> !full.isEmpty())));
      }
    }
    return Optional.empty();
  }
}
