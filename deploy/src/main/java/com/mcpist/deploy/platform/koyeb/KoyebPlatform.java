package com.mcpist.deploy.platform.koyeb;

import module java.base;

import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.Rollout.HealthWait;
import com.mcpist.deploy.platform.SecretStore.SecretChange;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.platform.VendorCalls.ApiErrors;
import com.mcpist.deploy.platform.VendorCalls.Token;
import com.mcpist.deploy.platform.koyeb.KoyebApi.KoyebDeployment;
import com.mcpist.deploy.platform.koyeb.KoyebApi.KoyebDeployment.Definition;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;

public record KoyebPlatform(String origin, String app, String service, KoyebApi api)
    implements Platform {
  public static final String NAME = "koyeb";
  public static final String TOKEN = "KOYEB_TOKEN";
  public static final URI API = URI.create("https://app.koyeb.com");

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  private static final Duration INTERVAL = Duration.ofSeconds(2);

  public static KoyebPlatform of(
      String origin,
      String app,
      String service,
      URI url,
      Map<String, String> environment,
      Time time) {
    Token token = Token.fromEnvironment(NAME, environment, TOKEN, value -> "Bearer " + value);
    ApiErrors errors = new ApiErrors(NAME, TOKEN, "app and service");
    return new KoyebPlatform(
        origin, app, service, new KoyebApi(VendorCalls.of(url, token, errors, CALL_TIMEOUT, time)));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Release current(Deadline deadline) throws InterruptedException {
    return api.deployment(running(deadline).current(), deadline).release();
  }

  @Override
  public List<Release> history(int most, Deadline deadline) throws InterruptedException {
    return api.deployments(service, most, deadline).stream().map(KoyebDeployment::release).toList();
  }

  @Override
  public List<String> preview(Wanted wanted, Deadline deadline) throws InterruptedException {
    UnaryOperator<Definition> change = definition -> definition.with(wanted, this::nameFor);
    KoyebApi.Service state = running(deadline);
    Definition now = base(state, deadline).definition();
    return onItsWay(state, change, deadline).isPresent()
        ? List.of()
        : List.of("PATCH /v1/services/" + service + ": " + now.difference(change.apply(now)));
  }

  @Override
  public Rollout deploy(Wanted wanted, Deadline deadline) throws InterruptedException {
    return put(definition -> definition.with(wanted, this::nameFor), deadline);
  }

  @Override
  public Rollout restore(Release earlier, Deadline deadline) throws InterruptedException {
    Definition definition = api.deployment(earlier.id(), deadline).definition();
    return put(_ -> definition, deadline);
  }

  @Override
  public Rollout restart(Deadline deadline) throws InterruptedException {
    KoyebApi.Service state = running(deadline);
    return started(
        state, () -> api.redeploy(service, deadline), UnaryOperator.identity(), deadline);
  }

  /** As {@code mcpist-gateway-secret}: an organization's deployments share Koyeb's secrets. */
  private String nameFor(String variable) {
    return app + "-" + variable.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws InterruptedException {
    return variables(api.secrets(deadline).keySet());
  }

  /**
   * Without those that may be of an app whose name begins with this one's and a hyphen: {@code
   * notes-staging-gateway-secret} is as well {@code STAGING_GATEWAY_SECRET} of {@code notes} as
   * {@code GATEWAY_SECRET} of {@code notes-staging}.
   */
  @Override
  public Set<String> ownSecretNames(Deadline deadline) throws InterruptedException {
    Set<String> names = new TreeSet<>(api.secrets(deadline).keySet());
    for (String other : api.apps(deadline)) {
      if (belongs(other, app)) {
        names.removeIf(name -> belongs(name, other));
      }
    }
    return variables(names);
  }

  private static boolean belongs(String name, String app) {
    return name.startsWith(app + "-");
  }

  private Set<String> variables(Set<String> names) {
    Set<String> variables = new TreeSet<>();
    for (String name : names) {
      if (belongs(name, app)) {
        String rest = name.substring(app.length() + 1);
        variables.add(rest.toUpperCase(Locale.ROOT).replace('-', '_'));
      }
    }
    return variables;
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    Map<String, String> ids = api.secrets(deadline);
    Map<String, SecretChange> changes = new TreeMap<>();
    for (Map.Entry<String, Secret> entry : new TreeMap<>(values).entrySet()) {
      String name = nameFor(entry.getKey());
      Optional<String> id = Optional.ofNullable(ids.get(name));
      changes.put(
          entry.getKey(),
          id.isPresent()
              ? update(id.get(), name, entry.getValue(), deadline)
              : create(name, entry.getValue(), deadline));
    }
    return changes;
  }

  private SecretChange update(String id, String name, Secret value, Deadline deadline)
      throws InterruptedException {
    if (api.hasValue(id, name, value, deadline)) {
      return SecretChange.UNCHANGED;
    }
    api.updateSecret(id, name, value, deadline);
    return SecretChange.UPDATED;
  }

  private SecretChange create(String name, Secret value, Deadline deadline)
      throws InterruptedException {
    try {
      api.createSecret(name, value, deadline);
    } catch (ApiException e) {
      if (!e.mayHaveActed() || !api.secrets(deadline).containsKey(name)) {
        throw api.calls().errors().notActed(e);
      }
    }
    return SecretChange.CREATED;
  }

  @Override
  public Optional<String> registrySecret(Deadline deadline) throws InterruptedException {
    return base(running(deadline), deadline).definition().registrySecret();
  }

  @Override
  public String logs() {
    return "https://app.koyeb.com/services/" + service;
  }

  private KoyebApi.Service running(Deadline deadline) throws InterruptedException {
    KoyebApi.Service state = api.service(service, deadline);
    switch (state.status()) {
      case "PAUSING", "PAUSED", "DELETING", "DELETED" ->
          throw refused(
              "the service is " + state.status(),
              "Resume it: `koyeb services resume " + service + "`");
      default -> {}
    }
    if (state.current().isEmpty()) {
      throw refused("the service has no deployment", "Deploy it once in Koyeb's control panel");
    }
    return state;
  }

  private KoyebDeployment base(KoyebApi.Service state, Deadline deadline)
      throws InterruptedException {
    KoyebDeployment current = api.deployment(state.current(), deadline);
    if (!current.definition().runsAnImage()) {
      throw refused(
          "the service is built from sources, so every push deploys it as well",
          "Change its source to a Docker image in Koyeb's control panel");
    }
    return current;
  }

  private static PlatformException refused(String problem, String advice) {
    return new PlatformException(Kind.REJECTED, NAME, "deploy", problem, advice);
  }

  private Rollout put(UnaryOperator<Definition> change, Deadline deadline)
      throws InterruptedException {
    KoyebApi.Service state = running(deadline);
    Definition wanted = change.apply(base(state, deadline).definition());
    Optional<KoyebDeployment> there = onItsWay(state, change, deadline);
    return there.isPresent()
        ? new OnItsWay(this, there.get().id(), true)
        : started(state, () -> api.update(service, wanted, deadline), change, deadline);
  }

  /** The last deployment, when the change would change nothing of it and it has not failed. */
  private Optional<KoyebDeployment> onItsWay(
      KoyebApi.Service state, UnaryOperator<Definition> change, Deadline deadline)
      throws InterruptedException {
    KoyebDeployment latest = api.deployment(state.latest(), deadline);
    boolean alive =
        switch (latest.state()) {
          case PROGRESSING, HEALTHY -> true;
          case UNHEALTHY, FAILED, STOPPED -> false;
        };
    return Optional.of(latest).filter(there -> alive && has(there, change));
  }

  private static boolean has(KoyebDeployment deployment, UnaryOperator<Definition> change) {
    return change.apply(deployment.definition()).equals(deployment.definition());
  }

  private Rollout started(
      KoyebApi.Service before,
      VendorCalls.Change<String> start,
      UnaryOperator<Definition> change,
      Deadline deadline)
      throws InterruptedException {
    String id = api.calls().once(start, () -> made(before, change, deadline), deadline);
    return new OnItsWay(this, id.isEmpty() ? api.service(service, deadline).latest() : id, false);
  }

  /** A deployment that was not there before and has what is wanted. */
  private Optional<String> made(
      KoyebApi.Service before, UnaryOperator<Definition> change, Deadline deadline)
      throws InterruptedException {
    String latest = api.service(service, deadline).latest();
    return !latest.equals(before.latest()) && has(api.deployment(latest, deadline), change)
        ? Optional.of(latest)
        : Optional.empty();
  }

  /** A deployment on its way. Koyeb brings it up beside the one that serves, and then swaps. */
  private record OnItsWay(KoyebPlatform platform, String deployment, boolean unchanged)
      implements Rollout {

    @Override
    public Release awaitHealthy(Consumer<Step> observer, Deadline deadline)
        throws InterruptedException {
      return new HealthWait(NAME, observer, deadline, INTERVAL)
          .until(() -> look(deadline), KoyebDeployment::step)
          .release();
    }

    /** A deployment that stops without an error has been replaced by somebody else's. */
    private KoyebDeployment look(Deadline deadline) throws InterruptedException {
      KoyebDeployment seen = platform.api.deployment(deployment, deadline);
      if (seen.state() == State.STOPPED || seen.canceled()) {
        String latest = platform.api.service(platform.service, deadline).latest();
        if (!latest.equals(deployment)) {
          throw new PlatformException(
              Kind.CONFLICT,
              NAME,
              "wait for " + deployment,
              "it is " + seen.status() + ", since deployment " + latest + " has replaced it",
              "Somebody else deploys this service: let one of you finish first");
        }
      }
      return seen;
    }
  }
}
