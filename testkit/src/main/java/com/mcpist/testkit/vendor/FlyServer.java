package com.mcpist.testkit.vendor;

import com.mcpist.testkit.MutableClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.IntPredicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Fly.io's Machines interface, with one app. Its time is a clock that a test moves; a wait for a
 * state that does not come moves it too. It keeps the vendor's limit of requests.
 */
public final class FlyServer extends VendorServer {
  /** How an update usually goes. */
  public static final List<String> USUAL_STATES = List.of("replacing", "starting", "started");

  /** How a machine's check usually goes, once it has started. */
  public static final List<String> USUAL_CHECKS = List.of("critical", "passing");

  private static final String NONCE = "fly-machine-lease-nonce";
  private static final int BURST = 3;

  private final MutableClock clock;
  private final String app;
  private final Map<String, FlyMachine> machines = new TreeMap<>();
  private final Map<String, String> secrets = new TreeMap<>();
  private final Map<String, Integer> startedWith = new HashMap<>();
  private final Map<String, Instant> turns = new HashMap<>();
  private IntPredicate answers = _ -> true;
  private int secretsVersion;
  private List<String> nextStates = USUAL_STATES;
  private List<String> nextChecks = USUAL_CHECKS;
  private int nextExit;

  /** An app without machines. */
  public FlyServer(String app, MutableClock clock) {
    super(VendorSpec.of("fly"));
    this.app = app;
    this.clock = clock;
  }

  /**
   * Adds a machine that runs.
   *
   * @param config in JSON
   */
  public void machine(String id, String region, String config) {
    JsonNode json = JsonMapper.shared().readTree(config);
    locked(() -> machines.put(id, new FlyMachine(id, region, json)));
  }

  /**
   * What machines go through after the next updates; the last state and status stay.
   *
   * @param states of the machine
   * @param checks statuses of its check, once it has started
   */
  public void next(List<String> states, List<String> checks) {
    locked(
        () -> {
          nextStates = List.copyOf(states);
          nextChecks = List.copyOf(checks);
        });
  }

  /** The exit code with which a machine's process ends after the next update, not 0. */
  public void endsAfterTheNextUpdate(int exitCode) {
    locked(() -> nextExit = exitCode);
  }

  /** Whether the process of a machine's configuration, counted from 1, answers its check. */
  public void answers(IntPredicate process) {
    locked(() -> answers = process);
  }

  /** What a machine has been configured to, the newest last. */
  public List<JsonNode> configs(String machine) {
    return locked(() -> List.copyOf(of(machine).configs()));
  }

  /** What the platform has made of every image's name: another digest than it has there. */
  public void resolvedTo(String machine, String digest) {
    locked(() -> of(machine).resolvedTo(digest));
  }

  /** A machine's state. */
  public String state(String machine) {
    return locked(() -> of(machine).state());
  }

  /** Stops a machine, say. */
  public void state(String machine, String state) {
    locked(() -> of(machine).states(List.of(state)));
  }

  /** Whether a machine gets no requests. */
  public boolean isCordoned(String machine) {
    return locked(() -> of(machine).cordoned());
  }

  /** Whether anybody has a machine's lease. */
  public boolean isLeased(String machine) {
    return locked(() -> of(machine).isLeased(clock.instant()));
  }

  /** Somebody else takes a machine's lease. */
  public void leasedBySomebodyElse(String machine, String description, Duration length) {
    Instant until = clock.instant().plus(length);
    locked(() -> of(machine).lease("theirs", "alice@example.com", description, until));
  }

  /** Somebody else changes a machine. */
  public void changedBySomebodyElse(String machine) {
    locked(
        () -> of(machine).update(of(machine).config(), List.of("started"), List.of("passing"), 0));
  }

  /** A secret's value. */
  public String secret(String name) {
    return locked(() -> secrets.getOrDefault(name, ""));
  }

  /** The version of the secrets that a machine's last update asked for at least; 0: none. */
  public int leastSecrets(String machine) {
    return locked(() -> startedWith.getOrDefault(machine, 0));
  }

  /** The version that the secrets have now. */
  public int secretsVersion() {
    return locked(() -> secretsVersion);
  }

  private FlyMachine of(String machine) {
    return Objects.requireNonNull(machines.get(machine), machine);
  }

  @Override
  Reply handle(Request request) {
    if (!request.part(3).equals(app)) {
      return error(404, "could not find app");
    }
    if (tooMany(request)) {
      return error(429, "rate limit exceeded");
    }
    if (request.part(4).equals("secrets")) {
      return secrets(request);
    }
    if (request.is("GET", "/v1/apps/[^/]+/machines")) {
      return list(request);
    }
    FlyMachine machine = machines.get(request.part(5));
    return machine == null ? error(404, "machine not found") : machine(request, machine);
  }

  /** One a second for each action and machine, three at once; reading one, five and ten. */
  private boolean tooMany(Request request) {
    boolean reading = request.is("GET", ".*/machines/[^/]+");
    Duration step = Duration.ofMillis(reading ? 200 : 1000);
    Duration credit = step.multipliedBy((reading ? 10 : BURST) - 1L);
    String key = request.method() + " " + request.path();
    Instant now = clock.instant();
    Instant turn = turns.getOrDefault(key, now.minus(credit));
    if (turn.isAfter(now)) {
      return true;
    }
    turns.put(key, (turn.isBefore(now.minus(credit)) ? now.minus(credit) : turn).plus(step));
    return false;
  }

  private Reply list(Request request) {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    String region = request.query().getOrDefault("region", "");
    machines.values().stream()
        .filter(machine -> region.isEmpty() || machine.region().equals(region))
        .forEach(machine -> all.add(machine.json()));
    return Reply.ok(all);
  }

  private Reply machine(Request request, FlyMachine machine) {
    String action = request.part(6);
    if (request.method().equals("GET")) {
      return switch (action) {
        case "lease" ->
            machine.isLeased(clock.instant())
                ? Reply.ok(machine.leaseJson())
                : error(404, "lease not found");
        case "versions" -> versions(machine);
        case "wait" -> await(request, machine);
        default -> look(machine);
      };
    }
    if (machine.isLeasedByOther(clock.instant(), request.header(NONCE))) {
      return error(409, "failed to obtain lease: lease currently held by another");
    }
    return switch (action) {
      case "lease" -> lease(request, machine);
      case "cordon" -> cordon(machine, true);
      case "uncordon" -> cordon(machine, false);
      case "metadata" -> mark(request, machine);
      default -> update(request, machine);
    };
  }

  private Reply look(FlyMachine machine) {
    Reply seen = Reply.ok(machine.json());
    step(machine);
    return seen;
  }

  private void step(FlyMachine machine) {
    machine.step(answers.test(machine.configs().size()));
  }

  private Reply await(Request request, FlyMachine machine) {
    int seconds = Integer.parseInt(request.query().getOrDefault("timeout", "60"));
    if (seconds > 60) {
      return error(400, "timeout must not be more than 60s");
    }
    if (!request.query().getOrDefault("instance_id", "").equals(machine.instance())) {
      return error(400, "no such instance");
    }
    for (int step = 0; step < nextStates.size() && !machine.state().equals("started"); step++) {
      step(machine);
    }
    if (machine.state().equals("started")) {
      return Reply.ok(Reply.object().put("ok", true));
    }
    clock.advance(Duration.ofSeconds(seconds));
    return error(
        408,
        "deadline_exceeded: machine failed to reach desired state, started, currently "
            + machine.state());
  }

  private Reply lease(Request request, FlyMachine machine) {
    if (request.method().equals("DELETE")) {
      if (!machine.nonce().equals(request.header(NONCE))) {
        return error(404, "lease not found");
      }
      machine.release();
      return Reply.ok(Reply.object().put("status", "success"));
    }
    long ttl = request.body().path("ttl").asLong(0);
    String nonce =
        machine.isLeased(clock.instant()) ? machine.nonce() : UUID.randomUUID().toString();
    machine.lease(
        nonce,
        "ci@example.com",
        request.body().path("description").asString(""),
        clock.instant().plusSeconds(ttl));
    return Reply.of(201, machine.leaseJson());
  }

  private static Reply cordon(FlyMachine machine, boolean closed) {
    machine.cordon(closed);
    return Reply.ok(Reply.object().put("ok", true));
  }

  private static Reply mark(Request request, FlyMachine machine) {
    machine.mark(request.part(7), request.body().path("value").asString(""));
    return Reply.nothing(204);
  }

  private Reply update(Request request, FlyMachine machine) {
    JsonNode body = request.body();
    if (!body.path("current_version").asString("").equals(machine.instance())) {
      return error(412, "machine version mismatch");
    }
    if (body.path("min_secrets_version").asInt(0) > secretsVersion) {
      return error(412, "min_secrets_version is not yet available on this app");
    }
    machine.update(body.path("config"), nextStates, nextChecks, nextExit);
    nextExit = 0;
    startedWith.put(machine.id(), body.path("min_secrets_version").asInt(0));
    return Reply.ok(machine.json());
  }

  private static Reply versions(FlyMachine machine) {
    ArrayNode all = JsonMapper.shared().createArrayNode();
    for (int i = 0; i < machine.configs().size(); i++) {
      all.addObject()
          .put("version", machine.version(i))
          .set("user_config", machine.configs().get(i));
    }
    return Reply.ok(all);
  }

  private Reply secrets(Request request) {
    ObjectNode reply = Reply.object();
    if (request.method().equals("POST")) {
      request
          .body()
          .path("values")
          .properties()
          .forEach(
              entry -> {
                if (entry.getValue().isNull()) {
                  secrets.remove(entry.getKey());
                } else {
                  secrets.put(entry.getKey(), entry.getValue().asString(""));
                }
              });
      reply.put("version", ++secretsVersion);
    }
    ArrayNode all = reply.putArray("secrets");
    secrets.forEach(
        (name, value) -> all.addObject().put("name", name).put("digest", digest(value)));
    return Reply.ok(reply);
  }

  private static String digest(String value) {
    return UUID.nameUUIDFromBytes(value.getBytes(StandardCharsets.UTF_8)).toString();
  }

  @Override
  Reply error(int code, String message) {
    return Reply.of(code, Reply.object().put("error", message));
  }
}
