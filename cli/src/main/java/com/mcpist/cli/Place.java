package com.mcpist.cli;

import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.SecretTarget;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.image.Registries;
import com.mcpist.deploy.notify.Notifier;
import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.release.Deployer;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.time.Time;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Where a command works: a site, with what else there is of it.
 *
 * @param edge what chooses the origin, where it can be asked
 * @param environment where the webhook's address is
 */
record Place(
    Deployment deployment,
    Site site,
    Optional<? extends EdgeControl> edge,
    Map<String, String> environment) {
  /** Every origin may be changed. */
  static final Predicate<String> ALL = name -> true;

  /** None is: no platform is asked, and no token of one needed. */
  static final Predicate<String> NOBODY = name -> false;

  Place {
    environment = Map.copyOf(environment);
  }

  /**
   * A place in use.
   *
   * @param images where its releases come from
   */
  record Opened(Place place, Images images) {}

  /**
   * Opens the place that a command is about.
   *
   * @param deployed which origins it may change
   */
  static Opened open(SiteOptions where, Predicate<String> deployed) throws Exception {
    return where.isLocal() ? LocalPlace.open(where) : production(where, deployed);
  }

  private static Opened production(SiteOptions where, Predicate<String> deployed) throws Exception {
    ProductionSite production = where.production();
    Deployment deployment = production.deployment();
    Place place =
        new Place(
            deployment,
            production.site(deployed, where.edge()),
            production.edgeControl(where.edge()),
            System.getenv());
    return new Opened(
        place, new RegistryImages(deployment, new Registries(System.getenv(), Time.system())));
  }

  Deployer deployer(Watcher watcher) {
    return new Deployer(site, edge, announcements(), watcher);
  }

  /** Tells people, where mcpist.yml names a webhook. */
  Announcements announcements() {
    Time time = Time.system();
    return new Announcements(
        site.service(),
        site.admin(),
        deployment.notifications().webhook().map(name -> new Notifier(name, environment, time)),
        workflow(),
        time);
  }

  /** The names of the origins' secrets. */
  Set<String> secrets() {
    return deployment.secretsFor(SecretTarget.ORIGINS);
  }

  /** The page of the workflow's run, where this is one. */
  private Optional<URI> workflow() {
    String server = environment.get("GITHUB_SERVER_URL");
    String repository = environment.get("GITHUB_REPOSITORY");
    String run = environment.get("GITHUB_RUN_ID");
    return server == null || repository == null || run == null
        ? Optional.empty()
        : Optional.of(URI.create(server + "/" + repository + "/actions/runs/" + run));
  }

  /** The environment without values, since some are secrets. */
  @Override
  public String toString() {
    return "Place[" + site.service() + "]";
  }
}
