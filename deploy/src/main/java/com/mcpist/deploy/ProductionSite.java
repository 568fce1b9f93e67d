package com.mcpist.deploy;

import module java.base;

import com.mcpist.deploy.admin.AdminPath;
import com.mcpist.deploy.admin.AdminPath.Access;
import com.mcpist.deploy.config.Auth.Admission;
import com.mcpist.deploy.config.Deployment;
import com.mcpist.deploy.config.Deployment.Origin;
import com.mcpist.deploy.config.Deployment.SecretTarget;
import com.mcpist.deploy.edgeclient.EdgeControl;
import com.mcpist.deploy.edgeclient.EdgeControl.BothEdges;
import com.mcpist.deploy.edgeclient.EdgeControl.EdgeAdmin;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess;
import com.mcpist.deploy.platform.cloudflare.CloudflareAccess.CloudflareAccount;
import com.mcpist.deploy.platform.fly.FlyPlatform;
import com.mcpist.deploy.platform.koyeb.KoyebPlatform;
import com.mcpist.deploy.release.Announcements;
import com.mcpist.deploy.release.DeployException;
import com.mcpist.deploy.release.Site;
import com.mcpist.deploy.release.Site.Target;
import com.mcpist.deploy.release.Watcher;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.secrets.RepositorySecrets;
import com.mcpist.deploy.secrets.SecretAges;
import com.mcpist.deploy.secrets.SecretQuery;
import com.mcpist.deploy.secrets.SecretSite;
import com.mcpist.deploy.secrets.SecretSite.Program;
import com.mcpist.deploy.secrets.Source;
import com.mcpist.deploy.secrets.Source.SourceWriter;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import com.mcpist.deploy.verify.Entrance;
import com.mcpist.deploy.verify.OriginClient;

/**
 * A deployment on platforms, reached with its secrets, the platforms' tokens, EDGE_ADMIN_URL and
 * EDGE_ADMIN_TOKEN.
 */
public record ProductionSite(
    Deployment deployment, Map<String, String> environment, Platforms platforms, Time time) {

  /** The path at which the Worker answers its operator. */
  private static final String WORKER_ADMIN = "/api/edge";

  private static final String EDGE_ADMIN_URL = "EDGE_ADMIN_URL";
  private static final String EDGE_ADMIN_TOKEN = "EDGE_ADMIN_TOKEN";

  /**
   * Opens the site. Only the origins to be changed need their platforms' tokens. A given {@code
   * edge} replaces the deployment's domain.
   */
  public Site site(Predicate<String> changed, Optional<URI> edge) {
    Secret gateway =
        secret(Source.GATEWAY_SECRET)
            .orElseThrow(
                DeployException.because(
                    "GATEWAY_SECRET is not set: the origins answer nobody without it"));
    Optional<Secret> admin = secret(Source.ADMIN_TOKEN);
    List<Secret> hidden = new ArrayList<>(List.of(gateway));
    admin.ifPresent(hidden::add);
    List<Target> targets =
        deployment.origins().stream()
            .map(
                origin ->
                    new Target(
                        origin.name(),
                        origin.hosting().overlaps(),
                        changed.test(origin.name()) ? platforms.of(origin) : Optional.empty(),
                        new OriginClient(url(origin), hidden, time),
                        origin.image(),
                        deployment.envOf(origin)))
            .toList();
    Admission admission = Admission.of(deployment.authInProduction());
    Optional<Entrance> entry =
        edge.or(() -> deployment.domain().map(domain -> URI.create("https://" + domain)))
            .map(url -> new Entrance(new OriginClient(url, hidden, time), admission));
    List<URI> urls = targets.stream().map(target -> target.client().url()).toList();
    return new Site(
        deployment.service(),
        targets,
        entry,
        gateway,
        admin.map(token -> new AdminPath(urls, List.of(new Access(gateway, token)), time)),
        time);
  }

  /** Returns the access to the admin path, or empty if the environment has no admin token. */
  public Optional<Access> access() {
    return secret(Source.GATEWAY_SECRET)
        .flatMap(gateway -> secret(Source.ADMIN_TOKEN).map(token -> new Access(gateway, token)));
  }

  /**
   * Returns the control of the edge that the environment names. If the environment names none, the
   * load balancer or the Worker of mcpist.yml is used, as far as it can be asked.
   */
  public Optional<EdgeControl> edgeControl(Optional<URI> edge) {
    Optional<Secret> token = secret(EDGE_ADMIN_TOKEN);
    String url = environment.getOrDefault(EDGE_ADMIN_URL, "").strip();
    if (!url.isEmpty() && token.isPresent()) {
      if (!VendorCalls.mayBeSentTo(url)) {
        throw new DeployException(
            EDGE_ADMIN_URL
                + " must be an address that starts with https://, or one of this machine");
      }
      return Optional.of(
          new EdgeAdmin(URI.create(url.replaceAll("/+$", "")), token.orElseThrow(), time));
    }
    Optional<CloudflareSite> cloudflare = cloudflare();
    if (cloudflare.filter(CloudflareSite::isBalanced).isPresent()) {
      // Most commands need neither, for example a workflow's deployment of an origin.
      Optional<EdgeControl> balancer =
          environment.keySet().containsAll(CloudflareSite.BALANCER_NEEDS)
              ? cloudflare.get().balancer().map(EdgeControl.class::cast)
              : Optional.empty();
      Optional<EdgeAdmin> worker = workerAdmin(edge);
      return balancer.map(own -> worker.isEmpty() ? own : new BothEdges(own, worker.get()));
    }
    return workerAdmin(edge).map(EdgeControl.class::cast);
  }

  private Optional<EdgeAdmin> workerAdmin(Optional<URI> edge) {
    return secret(Source.ADMIN_TOKEN)
        .flatMap(token -> workerAddress(edge).map(url -> new EdgeAdmin(url, token, time)));
  }

  Optional<URI> workerAddress(Optional<URI> edge) {
    return deployment.cloudflare().isEmpty()
        ? Optional.empty()
        : edge.or(() -> deployment.domain().map(domain -> URI.create("https://" + domain)))
            .map(url -> URI.create(url + WORKER_ADMIN));
  }

  public Optional<CloudflareSite> cloudflare() {
    return CloudflareSite.of(deployment, platforms);
  }

  public WorkerDeployer workerDeployer(
      CloudflareSite cloudflare,
      Site site,
      Optional<URI> edge,
      Announcements announcements,
      Watcher watcher) {
    return new WorkerDeployer(
        site,
        cloudflare.worker(),
        workerAdmin(edge),
        cloudflare.balancers(),
        announcements,
        watcher);
  }

  /**
   * Returns the value to use of a secret. While a secret is rotated it has two values, and the
   * first is the one to use.
   */
  private Optional<Secret> secret(String name) {
    Optional<String> value =
        Optional.ofNullable(environment.get(name))
            .map(all -> all.split(",", 2)[0].strip())
            .filter(one -> !one.isEmpty());
    // A value with other characters could not be sent, and the error would show it.
    if (value.isPresent() && !value.get().matches("[\\x21-\\x7e]+")) {
      throw new DeployException(
          name
              + " is none: it has a line break, a blank, or a character that is not ASCII. Copy it"
              + " again, in one piece");
    }
    return value.map(Secret::of);
  }

  private static URI url(Origin origin) {
    return URI.create(
        origin
            .url()
            .orElseThrow(
                DeployException.because(
                    origin.name()
                        + " has no url: it runs on this machine, where `mcpist up` is what"
                        + " runs it")));
  }

  /** Returns a text without the environment's values, since some are secrets. */
  @Override
  public String toString() {
    return "ProductionSite[" + deployment.service() + "]";
  }

  /**
   * The secrets of a deployment on platforms. {@code settling} is how long the Worker's last calls
   * that began with an earlier secret may take to end.
   */
  public record ProductionSecrets(ProductionSite production, Duration settling) {
    private static final String WORKER = "worker";
    private static final Map<String, String> TOKENS =
        Map.of(KoyebPlatform.NAME, KoyebPlatform.TOKEN, FlyPlatform.NAME, FlyPlatform.TOKEN);

    /**
     * Opens the secrets' site. {@code edge} is where clients connect if that is not the
     * deployment's domain.
     */
    public SecretSite site(Optional<URI> edge) {
      Deployment deployment = production.deployment();
      Site site = production.site(_ -> true, edge);
      Access access =
          production
              .access()
              .orElseThrow(
                  DeployException.because(
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

    /**
     * Returns true if a platform's token is good, which it is if the platform tells with it what
     * runs there.
     */
    private boolean isGood(String name, Secret value, Deadline deadline)
        throws InterruptedException {
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

    private Optional<Program> worker(Optional<URI> edge) {
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

    public SourceWriter writer() {
      return new SourceWriter.GitHub(
          RepositorySecrets.of(production.environment(), production.time()));
    }

    public Source source() {
      return new Source(production.environment());
    }

    /**
     * Returns the ages of the secrets, as far as GitHub and Cloudflare tell them for the tokens in
     * the environment.
     */
    public SecretAges ages(Deadline deadline) throws InterruptedException {
      Map<String, String> environment = production.environment();
      Map<String, Instant> stored =
          environment.getOrDefault(RepositorySecrets.TOKEN, "").isBlank()
              ? Map.of()
              : RepositorySecrets.of(environment, production.time()).stored(deadline);
      Map<String, Instant> ends = new TreeMap<>();
      Optional<CloudflareSite> cloudflare =
          production.cloudflare().filter(CloudflareSite::hasToken);
      if (cloudflare.isPresent()) {
        new CloudflareAccount(cloudflare.get().access())
            .token(deadline)
            .ends()
            .ifPresent(end -> ends.put(CloudflareAccess.TOKEN, end));
      }
      return new SecretAges(stored, ends);
    }

    public Set<String> ofWorkflows() {
      return production.deployment().secretsFor(SecretTarget.CI);
    }
  }
}
