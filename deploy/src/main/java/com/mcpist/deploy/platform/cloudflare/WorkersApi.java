package com.mcpist.deploy.platform.cloudflare;

import module java.base;

import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.http.Call.Body;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

record WorkersApi(VendorCalls calls, String account, String worker) {
  static final String SETTINGS = "/script-settings";

  private static final int PAGE = 100;

  WorkersApi(CloudflareAccess access, String worker) {
    this(access.calls(), "/accounts/" + Call.segment(access.account()), worker);
  }

  String path() {
    return account + "/workers/scripts/" + Call.segment(worker);
  }

  /**
   * Returns the ids of the versions that had all traffic, the newest first; an id is "" where
   * several versions shared the traffic. Returns empty if there is no Worker.
   */
  Optional<List<String>> deployed(Deadline deadline) throws InterruptedException {
    Call call = Call.get("list deployments of " + worker, path() + "/deployments");
    Answer answer = calls.answer(call.accepting(404), deadline);
    if (answer.status() == 404) {
      return Optional.empty();
    }
    List<String> ids = new ArrayList<>();
    for (JsonNode deployment : answer.body().path("result").path("deployments")) {
      JsonNode versions = deployment.path("versions");
      ids.add(versions.size() == 1 ? versions.path(0).path("version_id").asString("") : "");
    }
    return Optional.of(ids);
  }

  List<WorkerVersion> versions(Deadline deadline) throws InterruptedException {
    Call call =
        Call.get("list versions of " + worker, path() + "/versions?page=1&per_page=" + PAGE);
    return WorkerVersion.list(calls.read(call, deadline).path("result").path("items"));
  }

  /** Uploads a version, which gets no requests yet. */
  String upload(Body form, Deadline deadline) throws ApiException, InterruptedException {
    Call call = Call.upload("upload a version of " + worker, "POST", path() + "/versions", form);
    return calls.send(call, deadline).path("result").path("id").asString("");
  }

  /** Makes the Worker, with its first version deployed. A second call does no harm. */
  void create(Body form, Deadline deadline) throws InterruptedException {
    var _ = calls.read(Call.upload("make " + worker, "PUT", path(), form).asRepeatable(), deadline);
  }

  /**
   * Deploys a version, and returns true if its secrets have been changed since. A second call does
   * no harm.
   */
  boolean deploy(String version, String message, boolean force, Deadline deadline)
      throws InterruptedException {
    try {
      var _ = calls.send(deployment(version, message, ""), deadline);
      return false;
    } catch (ApiException e) {
      if (!force || !e.codes().contains(CloudflareAccess.SECRETS_CHANGED)) {
        throw calls.errors().of(e);
      }
    }
    var _ = calls.read(deployment(version, message, "?force=true"), deadline);
    return true;
  }

  private Call deployment(String version, String message, String query) {
    ObjectNode body = Call.object().put("strategy", "percentage");
    body.putArray("versions").addObject().put("version_id", version).put("percentage", 100);
    if (!message.isEmpty()) {
      body.putObject("annotations").put(WorkerVersion.MESSAGE, message);
    }
    String path = path() + "/deployments" + query;
    return Call.change("deploy version " + version + " of " + worker, "POST", path, body)
        .asRepeatable();
  }

  ObjectNode settings(Deadline deadline) throws InterruptedException {
    Call call = Call.get("get settings of " + worker, path() + SETTINGS);
    return VendorCalls.object(calls.read(call, deadline).path("result"));
  }

  /** Changes the given settings, which are in force at once. A second call does no harm. */
  void change(ObjectNode settings, Deadline deadline) throws InterruptedException {
    Call call = Call.change("change settings of " + worker, "PATCH", path() + SETTINGS, settings);
    var _ = calls.read(call.asRepeatable(), deadline);
  }

  Optional<String> variable(String version, String name, Deadline deadline)
      throws InterruptedException {
    String path = path() + "/versions/" + Call.segment(version);
    Call call = Call.get("get version " + version + " of " + worker, path);
    JsonNode resources = calls.read(call, deadline).path("result").path("resources");
    return resources
        .path("bindings")
        .valueStream()
        .filter(binding -> binding.path("name").asString("").equals(name))
        .map(binding -> binding.path("text").asString(""))
        .findFirst();
  }

  Set<String> secrets(Deadline deadline) throws InterruptedException {
    Set<String> names = new TreeSet<>();
    calls
        .read(Call.get("list secrets of " + worker, path() + "/secrets"), deadline)
        .path("result")
        .forEach(secret -> names.add(secret.path("name").asString("")));
    return names;
  }

  void putSecret(String name, Secret value, Deadline deadline) throws InterruptedException {
    ObjectNode body =
        Call.object().put("name", name).put("text", value.reveal()).put("type", "secret_text");
    Call call = Call.change("store secret " + name, "PUT", path() + "/secrets", body);
    var _ = calls.read(call.asRepeatable().hiding(List.of(value)), deadline);
  }

  Optional<String> namespace(String title, Deadline deadline) throws InterruptedException {
    for (int page = 1; true; page++) {
      String query = account + "/storage/kv/namespaces?page=" + page + "&per_page=" + PAGE;
      JsonNode found = calls.read(Call.get("list KV namespaces", query), deadline).path("result");
      for (JsonNode namespace : found) {
        if (namespace.path("title").asString("").equals(title)) {
          return Optional.of(namespace.path("id").asString(""));
        }
      }
      if (found.size() < PAGE) {
        return Optional.empty();
      }
    }
  }
}
