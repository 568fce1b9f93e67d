package com.mcpist.cli.site;

import module java.base;

import com.mcpist.cli.console.Failure;
import com.mcpist.cli.site.SiteCommand.App;
import com.mcpist.deploy.ProductionSite;
import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.image.Registries;
import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.release.Announcements.Notifier;
import com.mcpist.deploy.release.Deployer;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;
import com.mcpist.pair.LocalPair;
import com.mcpist.pair.LocalPlatform;
import com.mcpist.pair.control.PairStatus;
import com.mcpist.pair.control.PairStatus.PairAccess;

/** Where a command works: a site, what chooses its origin, and where its releases come from. */
public record Place(
    Deployment deployment, Site site, Optional<? extends EdgeControl> edge, Images images) {
  public static final Predicate<String> ALL = name -> true;

  /** None is: no platform is asked, and no token of one needed. */
  public static final Predicate<String> NOBODY = name -> false;

  private static final Duration REGISTRY_LIMIT = Duration.ofSeconds(30);

  public interface Images {
    /** An image that is to be deployed, as it was asked for; empty: whatever is usual. */
    Chosen choose(Optional<String> named) throws Exception;
  }

  public record Chosen(ImageReference image, String release) {}

  /** Opens the place that a command is about, which may change those origins. */
  public static Place open(SiteCommand where, Predicate<String> changed) throws Exception {
    return where.isLocal() ? onThisMachine(where) : inProduction(where, changed);
  }

  private static Place inProduction(SiteCommand where, Predicate<String> changed) throws Exception {
    ProductionSite production = where.production();
    Deployment deployment = production.deployment();
    Registries registries = new Registries(System.getenv(), Time.system());
    return new Place(
        deployment,
        production.site(changed, where.edge()),
        production.edgeControl(where.edge()),
        named -> chooseImage(deployment, registries, named));
  }

  /** A tag is resolved to its digest once, for all origins. */
  private static Chosen chooseImage(
      Deployment deployment, Registries registries, Optional<String> named) throws Exception {
    ImageReference image =
        named.isPresent()
            ? parsed(named.get())
            : deployment
                .image()
                .orElseThrow(
                    () -> Failure.usage("mcpist.yml names no image: give one by --image."));
    ImageReference resolved = registries.resolve(image, Deadline.in(REGISTRY_LIMIT, Time.system()));
    String digest = ImageReference.brief(resolved.digest().orElseThrow());
    return new Chosen(resolved, image.tag().map(tag -> tag + "-" + digest).orElse(digest));
  }

  private static ImageReference parsed(String text) throws Failure {
    try {
      return ImageReference.parse(text);
    } catch (IllegalArgumentException e) {
      throw Failure.usage("--image: " + e.getMessage() + ".");
    }
  }

  private static Place onThisMachine(SiteCommand where) throws Exception {
    if (where.edge().isPresent()) {
      throw Failure.usage(
          "--edge is for a deployment on platforms: the pair has an edge of its own.");
    }
    LocalPair pair = where.pair();
    PairAccess access = where.pairAccess();
    Deployment deployment = where.deployment();
    return new Place(
        deployment,
        pairSite(deployment, pair, access, where.pairStatus()),
        Optional.of(new EdgeAdmin(access.edgeAdmin(), access.edgeAdminToken(), Time.system())),
        named -> chooseBuild(pair, named));
  }

  private static Site pairSite(
      Deployment deployment, LocalPair pair, PairAccess access, PairStatus status) {
    Time time = Time.system();
    List<Secret> hidden = List.of(access.gatewaySecret(), access.adminToken());
    List<Target> targets =
        status.origins().stream()
            .map(
                origin ->
                    new Target(
                        origin.name(),
                        false,
                        Optional.of(new LocalPlatform(pair, origin.name())),
                        new OriginClient(URI.create(origin.url()), hidden, time),
                        Optional.empty(),
                        deployment.mounts().env()))
            .toList();
    List<URI> urls = targets.stream().map(target -> target.client().url()).toList();
    return new Site(
        deployment.service(),
        targets,
        Optional.of(
            new Entrance(new OriginClient(access.edge(), hidden, time), access.admission())),
        access.gatewaySecret(),
        Optional.of(
            new AdminPath(
                urls, List.of(new Access(access.gatewaySecret(), access.adminToken())), time)),
        time);
  }

  /** This build, or another one: stored, so that it can come back when the build is gone. */
  private static Chosen chooseBuild(LocalPair pair, Optional<String> named) throws Exception {
    Path origin = named.isPresent() ? assembled(named.get()) : App.folder().resolve("origin");
    String digest = pair.releases().store(origin).digest();
    return new Chosen(
        LocalPlatform.image(digest),
        named.isPresent() ? ImageReference.brief(digest) : App.release());
  }

  private static Path assembled(String text) throws Failure {
    try {
      Path given = Path.of(text).toAbsolutePath().normalize();
      Path inside = given.resolve("origin");
      Path folder = Files.isDirectory(inside) ? inside : given;
      if (Files.isDirectory(folder)) {
        return folder;
      }
    } catch (InvalidPathException _) {
      // Said below.
    }
    throw Failure.usage(
        "--image: on this machine it is the folder of an assembled program, and there is no folder "
            + text
            + ".");
  }

  public Deployer deployer(Watcher watcher) {
    return new Deployer(site, edge, announcements(), watcher);
  }

  /** Where the origins keep what they keep, which is what a message says. */
  public AdminPath admin(String kept) throws Failure {
    return site.admin().orElseThrow(() -> Failure.usage("ADMIN_TOKEN is not set: " + kept));
  }

  /** Tells people, where mcpist.yml names a webhook. */
  public Announcements announcements() {
    Time time = Time.system();
    return new Announcements(
        site.service(),
        site.admin(),
        deployment.notifications().webhook().map(name -> new Notifier(name, System.getenv(), time)),
        workflowRun(),
        time);
  }

  private static Optional<URI> workflowRun() {
    String server = System.getenv("GITHUB_SERVER_URL");
    String repository = System.getenv("GITHUB_REPOSITORY");
    String run = System.getenv("GITHUB_RUN_ID");
    return server == null || repository == null || run == null
        ? Optional.empty()
        : Optional.of(URI.create(server + "/" + repository + "/actions/runs/" + run));
  }

  public Set<String> secrets() {
    return deployment.secretsFor(SecretTarget.ORIGINS);
  }
}
