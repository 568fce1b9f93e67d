package com.mcpist.testkit.vendor;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A Worker's versions, deployments and secrets as Cloudflare keeps them. */
final class WorkerScript {
  private static final Instant FIRST = Instant.parse("2026-11-25T00:00:00Z");

  /** A version, with the secrets that it has for good. */
  private record Version(
      String id, int number, ObjectNode form, Map<String, String> secrets, boolean bySecret) {}

  private final List<Version> versions = new ArrayList<>();
  private final List<Version> deployed = new ArrayList<>();
  private final ObjectNode settings =
      Reply.object().put("logpush", false).putNull("tail_consumers").putNull("observability");
  private @Nullable Version coming;
  private int looks;
  private int arriveAfter;
  private int lag;
  private int unlisted;

  void arriveAfter(int times) {
    arriveAfter = times;
  }

  /** How many lists of versions do not have the next one that is uploaded. */
  void lag(int lists) {
    lag = lists;
  }

  void list() {
    unlisted = 0;
  }

  int versions() {
    return versions.size();
  }

  int deployments() {
    return deployed.size();
  }

  JsonNode settings() {
    return settings;
  }

  JsonNode serving() {
    return deployed.getLast().form();
  }

  Map<String, String> secrets() {
    return deployed.isEmpty() ? Map.of() : deployed.getLast().secrets();
  }

  /** A new version, which keeps the secrets of the one before where it says so. */
  int upload(ObjectNode form, boolean bySecret) {
    boolean keeping =
        form.path("metadata")
            .path("keep_bindings")
            .valueStream()
            .anyMatch(type -> type.asString("").equals("secret_text"));
    Map<String, String> secrets = new TreeMap<>();
    if (!versions.isEmpty() && (keeping || bySecret)) {
      secrets.putAll(versions.getLast().secrets());
    }
    unlisted = lag;
    lag = 0;
    int number = versions.size() + 1;
    String id = "%08d-0000-4000-8000-000000000000".formatted(number);
    versions.add(new Version(id, number, form, secrets, bySecret));
    return number;
  }

  void deployNow(int number) {
    deployed.add(versions.get(number - 1));
  }

  Reply handle(Request request) {
    String last = request.path().replaceAll(".*/workers/scripts/[^/]+/", "");
    return switch (request.method() + " " + last.replaceAll("(secrets|versions)/.*", "$1/one")) {
      case "GET versions" -> CloudflareServer.ok(versionList());
      case "POST versions" -> {
        int number = upload((ObjectNode) request.body(), false);
        yield CloudflareServer.ok(json(versions.get(number - 1)));
      }
      case "GET versions/one" -> versionDetail(last.substring("versions/".length()));
      case "GET script-settings" -> CloudflareServer.ok(settings);
      case "PATCH script-settings" -> changeSettings(request.body());
      case "GET deployments" -> CloudflareServer.ok(deploymentList());
      case "POST deployments" -> deploy(request);
      case "GET secrets" -> CloudflareServer.ok(secretList());
      case "PUT secrets" -> putSecret(request.body());
      case "DELETE secrets/one" -> deleteSecret(last.substring("secrets/".length()));
      default -> CloudflareServer.error(405, 10405, "Method not allowed");
    };
  }

  private ObjectNode versionList() {
    ObjectNode list = Reply.object();
    ArrayNode items = list.putArray("items");
    boolean late = unlisted > 0;
    unlisted = late ? unlisted - 1 : 0;
    versions.reversed().stream().skip(late ? 1 : 0).forEach(version -> items.add(json(version)));
    return list;
  }

  private Reply versionDetail(String id) {
    Version version = versions.stream().filter(one -> one.id().equals(id)).findFirst().orElse(null);
    if (version == null) {
      return CloudflareServer.error(404, 10007, "Version not found");
    }
    ObjectNode json = json(version);
    ArrayNode bindings = json.putObject("resources").putArray("bindings");
    version.form().path("metadata").path("bindings").forEach(bindings::add);
    version
        .secrets()
        .keySet()
        .forEach(name -> bindings.addObject().put("type", "secret_text").put("name", name));
    return CloudflareServer.ok(json);
  }

  /** Settings are the script's, and no version's: they are in force at once. */
  private Reply changeSettings(JsonNode body) {
    body.properties().forEach(entry -> settings.set(entry.getKey(), entry.getValue()));
    return CloudflareServer.ok(settings);
  }

  private static ObjectNode json(Version version) {
    ObjectNode json = Reply.object().put("id", version.id()).put("number", version.number());
    json.putObject("metadata")
        .put("created_on", FIRST.plusSeconds(60L * version.number()).toString());
    ObjectNode annotations = json.putObject("annotations");
    if (version.bySecret()) {
      annotations.put("workers/triggered_by", "secret");
    } else {
      version
          .form()
          .path("metadata")
          .path("annotations")
          .properties()
          .forEach(entry -> annotations.set(entry.getKey(), entry.getValue()));
    }
    return json;
  }

  /** A deployment that is on its way is not the first of the list yet. */
  private ObjectNode deploymentList() {
    Version next = coming;
    if (next != null && arriveAfter >= 0 && looks++ >= arriveAfter) {
      deployed.add(next);
      coming = null;
    }
    ObjectNode list = Reply.object();
    ArrayNode all = list.putArray("deployments");
    for (int i = deployed.size() - 1; i >= 0; i--) {
      all.add(deployment(i, deployed.get(i)));
    }
    return list;
  }

  private static ObjectNode deployment(int number, Version version) {
    ObjectNode json = Reply.object().put("id", "d" + number).put("strategy", "percentage");
    json.putArray("versions").addObject().put("version_id", version.id()).put("percentage", 100);
    return json;
  }

  private Reply deploy(Request request) {
    String id = request.body().path("versions").path(0).path("version_id").asString("");
    Version version = versions.stream().filter(one -> one.id().equals(id)).findFirst().orElse(null);
    if (version == null) {
      return CloudflareServer.error(404, 10007, "Version not found");
    }
    boolean forced = request.query().getOrDefault("force", "false").equals("true");
    boolean changed = !version.secrets().equals(secrets());
    boolean older = !deployed.isEmpty() && version.number() < deployed.getLast().number();
    if (older && changed && !forced) {
      return CloudflareServer.error(
          400,
          10220,
          "The following secrets have changed: " + String.join(", ", secrets().keySet()));
    }
    coming = version;
    looks = 0;
    if (arriveAfter == 0) {
      deployed.add(version);
      coming = null;
    }
    return CloudflareServer.ok(deployment(deployed.size(), version));
  }

  private ArrayNode secretList() {
    ArrayNode all = Reply.object().arrayNode();
    secrets().keySet().forEach(n -> all.addObject().put("name", n).put("type", "secret_text"));
    return all;
  }

  private Reply putSecret(JsonNode body) {
    if (!versions.getLast().equals(deployed.getLast())) {
      return notDeployed();
    }
    String name = body.path("name").asString("");
    change().put(name, body.path("text").asString(""));
    return CloudflareServer.ok(Reply.object().put("name", name).put("type", "secret_text"));
  }

  private Reply deleteSecret(String name) {
    if (!secrets().containsKey(name)) {
      return CloudflareServer.error(404, 10056, "Binding " + name + " not found.");
    }
    if (!versions.getLast().equals(deployed.getLast())) {
      return notDeployed();
    }
    change().remove(name);
    return CloudflareServer.ok(Reply.object().nullNode());
  }

  private static Reply notDeployed() {
    return CloudflareServer.error(
        400,
        10215,
        "Secret edit failed. You attempted to modify a secret, but the latest version of your"
            + " Worker isn't currently deployed.");
  }

  /**
   * The secrets of a new version with the program of the one that serves; it serves from now on.
   */
  private Map<String, String> change() {
    deployNow(upload(versions.getLast().form(), true));
    return versions.getLast().secrets();
  }
}
