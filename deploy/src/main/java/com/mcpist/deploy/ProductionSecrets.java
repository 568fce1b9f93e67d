package com.mcpist.deploy;

import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.github.RepositorySecrets;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.platform.fly.FlyPlatform;
import com.mcpist.deploy.platform.koyeb.KoyebPlatform;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.SecretQuery;
import com.mcpist.deploy.secrets.SecretSite;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * @param settling how long a Worker's last calls may take that were begun with an earlier secret
 */
public record ProductionSecrets(ProductionSite production, Duration settling) {
  private static final String WORKER = "worker";
  private static final Map<String, String> TOKENS =
      Map.of(KoyebPlatform.NAME, KoyebPlatform.TOKEN, FlyPlatform.NAME, FlyPlatform.TOKEN);

  /**
   * @param edge where clients connect, where that is not the deployment's domain
   */
  public SecretSite site(Optional<URI> edge) throws DeployException, PlatformException {
    Deployment deployment = production.deployment();
    Site site = production.site(_ -> true, edge);
    Access access =
        production
            .access()
            .orElseThrow(
                () ->
                    new DeployException(
                        "ADMIN_TOKEN is not set: without it nobody tells which secrets it has"));
    List<Program> programs = new ArrayList<>(worker(edge).stream().toList());
    for (Target target : site.targets().reversed()) {
      programs.add(
          new Program(
              target.name(),
              target.platform().orElseThrow(),
              new SecretQuery(target.client().url(), SecretQuery.AT_ORIGIN, site.time()),
              deployment.secretsFor(SecretTarget.ORIGINS),
              Set.of(),
              Optional.of(target),
              () -> {}));
    }
    return new SecretSite(site, production.edgeControl(edge), programs, access, this::isGood);
  }

  /** A platform's token is good where the platform tells what runs there. */
  private boolean isGood(String name, Secret value, Deadline deadline)
      throws PlatformException, InterruptedException {
    Map<String, String> environment = new HashMap<>(production.environment());
    environment.put(name, value.reveal());
    Platforms platforms =
        new Platforms(environment, production.platforms().who(), production.time());
    boolean tried = false;
    for (Origin origin : production.deployment().origins()) {
      Optional<Platform> platform = platforms.of(origin);
      if (platform.isPresent() && name.equals(TOKENS.get(platform.get().name()))) {
        var _ = platform.get().current(deadline);
        tried = true;
      }
    }
    Optional<CloudflareSite> cloudflare = CloudflareSite.of(production.deployment(), platforms);
    if (cloudflare.isPresent() && name.equals(CloudflareAccess.TOKEN)) {
      var _ = cloudflare.get().worker().secretNames(deadline);
      tried = true;
    }
    return tried;
  }

  private Optional<Program> worker(Optional<URI> edge) throws PlatformException {
    Deployment deployment = production.deployment();
    Optional<CloudflareSite> cloudflare = production.cloudflare();
    Optional<URI> admin = production.workerAddress(edge);
    Set<String> names = deployment.secretsFor(SecretTarget.WORKER);
    if (cloudflare.isEmpty() || admin.isEmpty() || names.isEmpty()) {
      return Optional.empty();
    }
    Time time = production.time();
    return Optional.of(
        new Program(
            WORKER,
            cloudflare.get().worker(),
            new SecretQuery(admin.get(), SecretQuery.AT_EDGE, time),
            names,
            Set.of(),
            Optional.empty(),
            () -> time.sleep(settling)));
  }

  public SourceWriter writer() throws PlatformException {
    return new SourceWriter.GitHub(
        RepositorySecrets.of(production.environment(), production.time()));
  }

  public Source source() {
    return new Source(production.environment());
  }

  public Set<String> ofWorkflows() {
    return production.deployment().secretsFor(SecretTarget.CI);
  }
}
