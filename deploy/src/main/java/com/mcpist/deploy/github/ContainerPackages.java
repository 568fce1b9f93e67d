package com.mcpist.deploy.github;

import com.mcpist.deploy.http.Answer;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.ApiErrors;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The packages of GitHub's container registry. It changes nothing. */
public final class ContainerPackages {
  /** The variable with a token that may read packages; a workflow has it. */
  public static final String TOKEN = "GITHUB_TOKEN";

  public static final String REGISTRY = "ghcr.io";

  private ContainerPackages() {}

  /**
   * The repository that a package is joined to, whose workflows may write it.
   *
   * @return as {@code owner/name}, "" where it is joined to none; empty where there is no package
   *     that the token may see
   */
  public static Optional<String> repositoryOf(
      String owner, String name, Map<String, String> environment, Time time, Deadline deadline)
      throws PlatformException, InterruptedException {
    VendorCalls calls =
        new VendorCalls(
            RepositorySecrets.client(environment, TOKEN, time),
            new ApiErrors(RepositorySecrets.NAME, TOKEN, "image"));
    // GitHub has another place for what an organization owns.
    for (String place : List.of("/users/", "/orgs/")) {
      String path = place + Call.segment(owner) + "/packages/container/" + Call.segment(name);
      Call call = RepositorySecrets.versioned(Call.get("get package " + name, path));
      Answer answer = calls.answer(call.accepting(404), deadline);
      if (answer.status() != 404) {
        return Optional.of(answer.body().path("repository").path("full_name").asString(""));
      }
    }
    return Optional.empty();
  }
}
