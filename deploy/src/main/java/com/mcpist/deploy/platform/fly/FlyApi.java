package com.mcpist.deploy.platform.fly;

import module java.base;

import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.http.Call.Pace;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

record FlyApi(VendorCalls calls, String app) {
  static final String NAME = "fly";

  private static final String NONCE = "fly-machine-lease-nonce";

  /** The time that the answer to a wait may take beyond the wait itself. */
  private static final Duration WAIT_GRACE = Duration.ofSeconds(10);

  record Version(String id, Machine.Config config) {}

  record Lease(String nonce, String owner, String description, Instant expires) {

    static Lease of(JsonNode json) {
      JsonNode data = json.path("data");
      return new Lease(
          data.path("nonce").asString(""),
          data.path("owner").asString(""),
          data.path("description").asString(""),
          Instant.ofEpochSecond(data.path("expires_at").asLong(0)));
    }

    String told() {
      return "leased by %s%s until %s"
          .formatted(
              owner.isEmpty() ? "somebody" : owner,
              description.isEmpty() ? "" : " (" + description + ")",
              expires);
    }
  }

  record Secrets(Map<String, String> digests, OptionalInt version) {}

  List<Machine> machines(Optional<String> region, Deadline deadline) throws InterruptedException {
    String query = region.map(name -> "?region=" + Call.segment(name)).orElse("");
    Call call =
        Call.get("list machines of " + app, base() + "/machines" + query).paced(slow("list", app));
    return calls.read(call, deadline).valueStream().map(Machine::of).toList();
  }

  Machine machine(String id, Deadline deadline) throws InterruptedException {
    return Machine.of(
        calls.read(
            Call.get("get machine " + id, path(id, "")).paced(new Pace("get " + id, 10, 5)),
            deadline));
  }

  List<Version> versions(String id, Deadline deadline) throws InterruptedException {
    Call call =
        Call.get("list versions of machine " + id, path(id, "/versions"))
            .paced(slow("versions", id));
    List<Version> versions = new ArrayList<>();
    for (JsonNode json : calls.read(call, deadline)) {
      if (json.path("user_config") instanceof ObjectNode config) {
        versions.add(new Version(json.path("version").asString(""), new Machine.Config(config)));
      }
    }
    return versions;
  }

  /** Takes a lease or, given its nonce, prolongs it. */
  Lease lease(
      String id, String description, Duration length, Optional<String> nonce, Deadline deadline)
      throws ApiException, InterruptedException {
    ObjectNode body = Call.object().put("description", description).put("ttl", length.toSeconds());
    Call call =
        Call.change("lease machine " + id, "POST", path(id, "/lease"), body)
            .paced(slow("lease", id));
    return Lease.of(calls.send(nonce.map(value -> call.with(NONCE, value)).orElse(call), deadline));
  }

  Optional<Lease> lease(String id, Deadline deadline) throws InterruptedException {
    Call call =
        Call.get("get lease of machine " + id, path(id, "/lease"))
            .accepting(404)
            .paced(slow("get lease", id));
    Answer answer = calls.answer(call, deadline);
    return answer.status() == 404 ? Optional.empty() : Optional.of(Lease.of(answer.body()));
  }

  void release(String id, String nonce, Deadline deadline) throws InterruptedException {
    calls.read(
        Call.change("release machine " + id, "DELETE", path(id, "/lease"))
            .asRepeatable()
            .accepting(404)
            .with(NONCE, nonce)
            .paced(slow("release", id)),
        deadline);
  }

  /**
   * Restarts a machine with that configuration, and with secrets at least as new as the
   * configuration says.
   */
  Machine update(Machine machine, Machine.Config config, String nonce, Deadline deadline)
      throws ApiException, InterruptedException {
    ObjectNode body = Call.object();
    body.set("config", config.json());
    body.put("current_version", machine.instance());
    config.secretsVersion().ifPresent(version -> body.put("min_secrets_version", version));
    Call call =
        Call.change("update machine " + machine.id(), "POST", path(machine.id(), ""), body)
            .with(NONCE, nonce)
            .paced(slow("update", machine.id()));
    return Machine.of(calls.send(call, deadline));
  }

  /** Returns true if the machine has started within that time, which is a minute at most. */
  boolean awaitStarted(String id, String instance, Duration time, Deadline deadline)
      throws InterruptedException {
    String query =
        "/wait?state=started&instance_id=%s&timeout=%s"
            .formatted(Call.segment(instance), Math.max(1, time.toSeconds()));
    Call call =
        Call.get("wait for machine " + id, path(id, query))
            .accepting(408)
            // A machine that cannot start any more gives this answer; its state says why.
            .accepting(400)
            .within(time.plus(WAIT_GRACE))
            .paced(slow("wait", id));
    return calls.answer(call, deadline).status() / 100 == 2;
  }

  void route(String verb, String id, Optional<String> nonce, Deadline deadline)
      throws InterruptedException {
    Call call =
        Call.change(verb + " machine " + id, "POST", path(id, "/" + verb))
            .asRepeatable()
            .paced(slow(verb, id));
    var _ = calls.read(nonce.map(value -> call.with(NONCE, value)).orElse(call), deadline);
  }

  /**
   * Sets an entry of the machine's metadata, which neither restarts the machine nor changes it
   * otherwise.
   */
  void mark(String id, String key, String value, Deadline deadline) throws InterruptedException {
    ObjectNode body = Call.object().put("value", value);
    String path = path(id, "/metadata/" + Call.segment(key));
    Call call =
        Call.change("set metadata of machine " + id, "POST", path, body)
            .asRepeatable()
            .paced(slow("metadata", id));
    calls.read(call, deadline);
  }

  Secrets secrets(Deadline deadline) throws InterruptedException {
    return secrets(
        calls.read(
            Call.get("list secrets of " + app, base() + "/secrets").paced(slow("secrets", app)),
            deadline));
  }

  Secrets putSecrets(Map<String, Secret> values, Deadline deadline) throws InterruptedException {
    ObjectNode body = Call.object();
    ObjectNode all = body.putObject("values");
    values.forEach((name, value) -> all.put(name, value.reveal()));
    Call call =
        Call.change("set secrets of " + app, "POST", base() + "/secrets", body)
            .asRepeatable()
            .hiding(List.copyOf(values.values()))
            .paced(slow("set secrets", app));
    return secrets(calls.read(call, deadline));
  }

  private static Secrets secrets(JsonNode json) {
    Map<String, String> digests = new TreeMap<>();
    json.path("secrets")
        .forEach(s -> digests.put(s.path("name").asString(""), s.path("digest").asString("")));
    JsonNode version = json.path("version");
    return new Secrets(
        digests, version.isInt() ? OptionalInt.of(version.asInt()) : OptionalInt.empty());
  }

  private String base() {
    return "/apps/" + Call.segment(app);
  }

  private String path(String machine, String rest) {
    return base() + "/machines/" + Call.segment(machine) + rest;
  }

  /**
   * Returns the limit that Fly.io sets for most actions: one a second for each machine, three at
   * once.
   */
  private static Pace slow(String action, String on) {
    return new Pace(action + " " + on, 3, 1);
  }

  /**
   * A machine. The digest is what the image's name meant when the machine was started, or empty if
   * Fly.io does not tell it.
   */
  record Machine(
      String id,
      String state,
      String instance,
      String digest,
      Config config,
      List<String> failing,
      OptionalInt exitCode) {

    static Machine of(JsonNode json) {
      List<String> failing = new ArrayList<>();
      for (JsonNode check : json.path("checks")) {
        String status = check.path("status").asString("");
        if (!status.equals("passing")) {
          failing.add(check.path("name").asString("") + " is " + status);
        }
      }
      return new Machine(
          json.path("id").asString(""),
          json.path("state").asString(""),
          json.path("instance_id").asString(""),
          json.path("image_ref").path("digest").asString(""),
          new Config(VendorCalls.object(json.path("config"))),
          failing,
          exitCode(json.path("events")));
    }

    /**
     * Returns the exit code with which the machine's process has ended by itself since the
     * machine's last update, or empty.
     */
    private static OptionalInt exitCode(JsonNode newestFirst) {
      for (JsonNode event : newestFirst) {
        String type = event.path("type").asString("");
        if (type.equals("update") || type.equals("launch")) {
          break;
        }
        JsonNode exit = event.path("request").path("exit_event");
        if (type.equals("exit") && !exit.path("requested_stop").asBoolean(false)) {
          return OptionalInt.of(exit.path("exit_code").asInt(0));
        }
      }
      return OptionalInt.empty();
    }

    boolean exists() {
      return !state.equals("destroyed") && !state.equals("destroying");
    }

    /** Returns the image by digest, as far as the digest is known. */
    Optional<ImageReference> image() {
      return config
          .image()
          .map(
              named ->
                  named.digest().isEmpty() && ImageReference.isDigest(digest)
                      ? named.withDigest(digest)
                      : named);
    }

    /** Returns true if the process crashed, even while Fly.io starts it again. */
    boolean crashed() {
      return exitCode.orElse(0) != 0 && !(state.equals("started") && failing.isEmpty());
    }

    State meaning(boolean settled) {
      if (crashed()) {
        return State.FAILED;
      }
      return switch (state) {
        case "started" -> failing.isEmpty() ? State.HEALTHY : State.UNHEALTHY;
        case "failed", "destroyed", "destroying" -> State.FAILED;
        case "stopped", "suspended" -> settled ? State.FAILED : State.PROGRESSING;
        default -> State.PROGRESSING;
      };
    }

    Step step(boolean settled) {
      List<String> details = new ArrayList<>(failing);
      exitCode.ifPresent(code -> details.add("its process ended with exit code " + code));
      return new Step("machine " + id, meaning(settled), state, String.join(", ", details));
    }

    /** Fly.io's configuration of a machine, which is always sent back whole. */
    record Config(ObjectNode json) {
      /**
       * The key of the metadata entry that holds the version of the secrets that the machine's next
       * start must have.
       */
      static final String SECRETS_VERSION = "mcpist_secrets_version";

      Optional<ImageReference> image() {
        return ImageReference.find(json.path("image").asString(""));
      }

      OptionalInt secretsVersion() {
        String version = json.path("metadata").path(SECRETS_VERSION).asString("");
        return version.matches("[0-9]{1,9}")
            ? OptionalInt.of(Integer.parseInt(version))
            : OptionalInt.empty();
      }

      Map<String, String> env() {
        Map<String, String> env = new TreeMap<>();
        json.path("env").properties().forEach(e -> env.put(e.getKey(), e.getValue().asString("")));
        return env;
      }

      Config with(ImageReference image, Map<String, String> variables) {
        ObjectNode changed = json.deepCopy();
        changed.put("image", image.toString());
        if (!variables.isEmpty()) {
          ObjectNode env =
              changed.path("env") instanceof ObjectNode there ? there : changed.putObject("env");
          variables.forEach(env::put);
        }
        return new Config(changed);
      }

      /**
       * Returns the configuration with that image, those variables and no others, and everything
       * else unchanged.
       */
      Config withOnly(ImageReference image, Map<String, String> variables) {
        ObjectNode changed = json.deepCopy();
        changed.remove("env");
        return new Config(changed).with(image, variables);
      }

      /** Returns true if the machine is one that flyctl makes for a task of its own. */
      boolean isTemporary() {
        String group = json.path("metadata").path("fly_process_group").asString("");
        return group.equals("fly_app_release_command") || group.equals("fly_app_console");
      }

      /** Returns what differs, for a person: the image and the names of variables. */
      String difference(Config other) {
        List<String> parts = new ArrayList<>();
        if (!other.json.path("image").equals(json.path("image"))) {
          parts.add("image " + other.json.path("image").asString(""));
        }
        Map<String, String> gone = env();
        gone.keySet().removeAll(other.env().keySet());
        Map<String, String> changed = other.env();
        changed.entrySet().removeAll(env().entrySet());
        List<String> variables = new ArrayList<>();
        gone.keySet().forEach(key -> variables.add("-" + key));
        variables.addAll(changed.keySet());
        if (!variables.isEmpty()) {
          parts.add("env " + String.join(", ", variables));
        }
        return String.join("; ", parts);
      }
    }
  }
}
