package com.mcpist.deploy.platform.fly;

import module java.base;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.platform.VendorCalls.ApiErrors;
import com.mcpist.deploy.platform.VendorCalls.Token;
import com.mcpist.deploy.platform.fly.FlyApi.Machine;
import com.mcpist.deploy.platform.fly.FlyRollout.Leases;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;

public record FlyPlatform(String origin, Selection selection, FlyApi api, Time time, String who)
    implements Platform {
  public static final String NAME = FlyApi.NAME;
  public static final String TOKEN = "FLY_API_TOKEN";
  public static final URI API = URI.create("https://api.machines.dev/v1");

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  public static FlyPlatform of(
      String origin,
      Selection selection,
      URI url,
      Map<String, String> environment,
      String who,
      Time time) {
    Token token = Token.fromEnvironment(NAME, environment, TOKEN, FlyPlatform::header);
    ApiErrors errors = new ApiErrors(NAME, TOKEN, "app and machines");
    VendorCalls calls = VendorCalls.of(url, token, errors, CALL_TIMEOUT, time);
    return new FlyPlatform(origin, selection, new FlyApi(calls, selection.app()), time, who);
  }

  /**
   * Returns the header for a token. Macaroons, which `fly tokens create` makes, have a scheme of
   * their own.
   */
  static String header(String token) {
    if (token.startsWith("FlyV1 ")) {
      return token;
    }
    return (token.startsWith("fm1") || token.startsWith("fm2") ? "FlyV1 " : "Bearer ") + token;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Release current(Deadline deadline) throws InterruptedException {
    return Selection.release(machines(deadline));
  }

  @Override
  public List<Release> history(int most, Deadline deadline) throws InterruptedException {
    Machine first = machines(deadline).getFirst();
    return api.versions(first.id(), deadline).stream()
        // The ids begin with the time.
        .sorted(Comparator.comparing(FlyApi.Version::id).reversed())
        .limit(most)
        .map(version -> release(version, first))
        .toList();
  }

  private static Release release(FlyApi.Version version, Machine machine) {
    boolean now = version.id().equals(machine.instance());
    return new Release(
        version.id(),
        now ? machine.image() : version.config().image(),
        now ? machine.meaning(true) : State.STOPPED,
        now ? machine.state() : "replaced",
        "",
        version.config().env());
  }

  @Override
  public List<String> preview(Wanted wanted, Deadline deadline) throws InterruptedException {
    UnaryOperator<Machine.Config> change = config -> config.with(wanted.image(), wanted.env());
    return machines(deadline).stream()
        .filter(machine -> isNeeded(machine, change))
        .map(
            machine ->
                "POST /apps/%s/machines/%s, under its lease: %s"
                    .formatted(
                        selection.app(),
                        machine.id(),
                        machine.config().difference(change.apply(machine.config()))))
        .toList();
  }

  @Override
  public Rollout deploy(Wanted wanted, Deadline deadline) throws InterruptedException {
    return begin(config -> config.with(wanted.image(), wanted.env()), deadline);
  }

  @Override
  public Rollout restore(Release earlier, Deadline deadline) throws InterruptedException {
    var image =
        earlier
            .image()
            .orElseThrow(
                () ->
                    new PlatformException(
                        Kind.REJECTED,
                        NAME,
                        "restore " + earlier.id(),
                        "its image is not known",
                        "Deploy an image by its name"));
    return begin(config -> config.withOnly(image, earlier.env()), deadline);
  }

  @Override
  public Rollout restart(Deadline deadline) throws InterruptedException {
    List<Machine> machines = machines(deadline);
    // Fly.io's own restart does not take up new secrets; an update does.
    return begin(machines, machines, UnaryOperator.identity(), deadline);
  }

  private static boolean isNeeded(Machine machine, UnaryOperator<Machine.Config> change) {
    boolean failed = machine.state().equals("failed") || machine.state().equals("stopped");
    return failed || machine.crashed() || !change.apply(machine.config()).equals(machine.config());
  }

  private Rollout begin(UnaryOperator<Machine.Config> change, Deadline deadline)
      throws InterruptedException {
    List<Machine> machines = machines(deadline);
    return begin(
        machines,
        machines.stream().filter(machine -> isNeeded(machine, change)).toList(),
        change,
        deadline);
  }

  private Rollout begin(
      List<Machine> machines,
      List<Machine> needed,
      UnaryOperator<Machine.Config> change,
      Deadline deadline)
      throws InterruptedException {
    Leases leases = new Leases(api, time, who);
    FlyRollout rollout = FlyRollout.of(api, leases, machines, needed, change);
    boolean begun = false;
    try {
      rollout.begin(deadline);
      begun = true;
      return rollout;
    } finally {
      if (!begun) {
        rollout.close();
      }
    }
  }

  @Override
  public Set<String> secretNames(Deadline deadline) throws InterruptedException {
    return api.secrets(deadline).digests().keySet();
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws InterruptedException {
    Map<String, String> before = api.secrets(deadline).digests();
    FlyApi.Secrets stored = api.putSecrets(values, deadline);
    if (stored.version().isPresent()) {
      String version = Integer.toString(stored.version().getAsInt());
      // Fly.io tells this version only once, and the next update of a machine may be made by
      // another process.
      for (Machine machine : selection.among(api.machines(selection.region(), deadline))) {
        api.mark(machine.id(), Machine.Config.SECRETS_VERSION, version, deadline);
      }
    }
    Map<String, SecretChange> changes = new TreeMap<>();
    for (String name : values.keySet()) {
      boolean same = Objects.equals(before.get(name), stored.digests().get(name));
      changes.put(
          name,
          !before.containsKey(name)
              ? SecretChange.CREATED
              : same ? SecretChange.UNCHANGED : SecretChange.UPDATED);
    }
    return changes;
  }

  @Override
  public Optional<String> pulled(Deadline deadline) throws InterruptedException {
    List<String> digests = machines(deadline).stream().map(Machine::digest).distinct().toList();
    return digests.size() == 1
        ? Optional.of(digests.getFirst()).filter(ImageReference::isDigest)
        : Optional.empty();
  }

  @Override
  public String logs() {
    return "https://fly.io/apps/" + selection.app() + "/monitoring";
  }

  private List<Machine> machines(Deadline deadline) throws InterruptedException {
    return selection.of(api.machines(selection.region(), deadline));
  }
}
