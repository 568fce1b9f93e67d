package com.mcpist.deploy.platform.koyeb;

import module java.base;

import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Release.State;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.Rollout.Step;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

record KoyebApi(VendorCalls calls) {
  private static final int PAGE = 100;

  record Service(String status, String active, String latest) {
    String current() {
      return active.isEmpty() ? latest : active;
    }
  }

  Service service(String id, Deadline deadline) throws InterruptedException {
    JsonNode service =
        calls.read(Call.get("get service " + id, servicePath(id)), deadline).path("service");
    return new Service(
        service.path("status").asString(""),
        service.path("active_deployment_id").asString(""),
        service.path("latest_deployment_id").asString(""));
  }

  KoyebDeployment deployment(String id, Deadline deadline) throws InterruptedException {
    Call call = Call.get("get deployment " + id, "/v1/deployments/" + Call.segment(id));
    return KoyebDeployment.of(calls.read(call, deadline).path("deployment"));
  }

  List<KoyebDeployment> deployments(String service, int most, Deadline deadline)
      throws InterruptedException {
    String query = "/v1/deployments?service_id=" + Call.segment(service) + "&limit=" + most;
    JsonNode found = calls.read(Call.get("list deployments of " + service, query), deadline);
    return found.path("deployments").valueStream().map(KoyebDeployment::of).toList();
  }

  String update(String service, KoyebDeployment.Definition definition, Deadline deadline)
      throws ApiException, InterruptedException {
    ObjectNode body = Call.object();
    body.set("definition", definition.json());
    Call call = Call.change("update service " + service, "PATCH", servicePath(service), body);
    return calls.send(call, deadline).path("service").path("latest_deployment_id").asString("");
  }

  String redeploy(String service, Deadline deadline) throws ApiException, InterruptedException {
    String path = servicePath(service) + "/redeploy";
    Call call = Call.change("redeploy service " + service, "POST", path, Call.object());
    return calls.send(call, deadline).path("deployment").path("id").asString("");
  }

  private static String servicePath(String id) {
    return "/v1/services/" + Call.segment(id);
  }

  Map<String, String> secrets(Deadline deadline) throws InterruptedException {
    Map<String, String> ids = new LinkedHashMap<>();
    pages(
        "secrets",
        secret -> ids.put(secret.path("name").asString(""), secret.path("id").asString("")),
        deadline);
    return ids;
  }

  Set<String> apps(Deadline deadline) throws InterruptedException {
    Set<String> names = new TreeSet<>();
    pages("apps", app -> names.add(app.path("name").asString("")), deadline);
    return names;
  }

  private void pages(String what, Consumer<JsonNode> each, Deadline deadline)
      throws InterruptedException {
    long count = Long.MAX_VALUE;
    for (int offset = 0; offset < count; offset += PAGE) {
      String query = "/v1/" + what + "?limit=" + PAGE + "&offset=" + offset;
      JsonNode page = calls.read(Call.get("list " + what, query), deadline);
      page.path(what).forEach(each);
      count = page.path("count").asLong(0);
    }
  }

  void createSecret(String name, Secret value, Deadline deadline)
      throws ApiException, InterruptedException {
    ObjectNode body =
        Call.object().put("name", name).put("type", "SIMPLE").put("value", value.reveal());
    Call call = Call.change("create secret " + name, "POST", "/v1/secrets", body);
    var _ = calls.send(call.hiding(List.of(value)), deadline);
  }

  void updateSecret(String id, String name, Secret value, Deadline deadline)
      throws InterruptedException {
    ObjectNode body = Call.object().put("value", value.reveal());
    Call call =
        Call.change("update secret " + name, "PATCH", "/v1/secrets/" + Call.segment(id), body);
    var _ = calls.read(call.asRepeatable().hiding(List.of(value)), deadline);
  }

  /** Whether a secret has that value; no, when Koyeb does not let the token see it. */
  boolean hasValue(String id, String name, Secret value, Deadline deadline)
      throws InterruptedException {
    String path = "/v1/secrets/" + Call.segment(id) + "/reveal";
    Call call = Call.change("compare secret " + name, "POST", path, Call.object());
    Answer answer = calls.answer(call.asRepeatable().accepting(403), deadline);
    return answer.status() != 403
        && Secret.of(answer.body().path("value").asString("")).equals(value);
  }

  record KoyebDeployment(String id, String status, Definition definition, String messages) {

    static KoyebDeployment of(JsonNode json) {
      Stream<String> messages = json.path("messages").valueStream().map(one -> one.asString(""));
      return new KoyebDeployment(
          json.path("id").asString(""),
          json.path("status").asString(""),
          new Definition(VendorCalls.object(json.path("definition"))),
          messages.collect(Collectors.joining("; ")));
    }

    /** Only HEALTHY is success. A word that is not known may be one of a step on the way. */
    State state() {
      return switch (status) {
        case "HEALTHY" -> State.HEALTHY;
        case "DEGRADED", "UNHEALTHY" -> State.UNHEALTHY;
        case "ERROR", "ERRORING", "CANCELED", "CANCELING", "STASHED", "SLEEPING" -> State.FAILED;
        case "STOPPING", "STOPPED" -> State.STOPPED;
        default -> State.PROGRESSING;
      };
    }

    boolean canceled() {
      return status.equals("CANCELED") || status.equals("CANCELING");
    }

    Step step() {
      return new Step(id, state(), status, messages);
    }

    Release release() {
      return new Release(id, definition.image(), state(), status, messages, definition.env());
    }

    /** Koyeb's definition of a deployment, which is always sent back whole. */
    record Definition(ObjectNode json) {

      /** Whether it runs an image and is not built from sources. */
      boolean runsAnImage() {
        return json.path("docker").path("image").isString();
      }

      Optional<ImageReference> image() {
        return ImageReference.find(json.path("docker").path("image").asString(""));
      }

      /** The name of the secret that is shown to the image's registry. */
      Optional<String> registrySecret() {
        return Optional.of(json.path("docker").path("image_registry_secret").asString(""))
            .filter(name -> !name.isEmpty());
      }

      /** The variables that are no references to secrets. */
      Map<String, String> env() {
        Map<String, String> env = new TreeMap<>();
        for (JsonNode variable : json.path("env")) {
          if (variable.path("secret").asString("").isEmpty()) {
            env.put(variable.path("key").asString(""), variable.path("value").asString(""));
          }
        }
        return env;
      }

      Definition with(Wanted wanted, UnaryOperator<String> secretName) {
        ObjectNode changed = json.deepCopy();
        changed.withObject("docker").put("image", wanted.image().toString());
        ArrayNode env = changed.withArray("env");
        wanted.env().forEach((key, value) -> entry(env, key).put("value", value).remove("secret"));
        for (String key : wanted.secrets()) {
          entry(env, key).put("secret", secretName.apply(key)).remove("value");
        }
        return new Definition(changed);
      }

      /** A variable's entry, new where there is none: its scopes stay. */
      private static ObjectNode entry(ArrayNode env, String key) {
        for (JsonNode variable : env) {
          if (variable instanceof ObjectNode entry
              && variable.path("key").asString("").equals(key)) {
            return entry;
          }
        }
        return env.addObject().put("key", key);
      }

      /** What differs, for a person: the image and the names of variables. */
      String difference(Definition other) {
        List<String> parts = new ArrayList<>();
        if (!image().equals(other.image())) {
          parts.add("image " + other.image().map(ImageReference::toString).orElse("none"));
        }
        Map<String, JsonNode> changed = other.entries();
        changed.entrySet().removeAll(entries().entrySet());
        if (!changed.isEmpty()) {
          parts.add("env " + String.join(", ", changed.keySet()));
        }
        return String.join("; ", parts);
      }

      private Map<String, JsonNode> entries() {
        Map<String, JsonNode> entries = new TreeMap<>();
        json.path("env").forEach(entry -> entries.put(entry.path("key").asString(""), entry));
        return entries;
      }
    }
  }
}
