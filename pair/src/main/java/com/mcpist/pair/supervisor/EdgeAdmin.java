package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.verify.Problems;
import com.mcpist.pair.control.PairStatus.Origin;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The edge's admin listener (docs/design/processes.md). An IOException where it does not answer
 * within 3 s, or not as was agreed. The base is asked at each request: a new edge has another one.
 */
record EdgeAdmin(HttpClient client, Supplier<URI> base, Secret token) {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /** What the edge knows of its origins, but for their processes, and what problems it has. */
  record View(List<Origin> origins, List<String> problems) {
    Optional<String> serving() {
      return origins.stream().filter(Origin::active).map(Origin::name).findFirst();
    }

    Optional<Origin> origin(String name) {
      return origins.stream().filter(origin -> origin.name().equals(name)).findFirst();
    }

    boolean isDrained(String name) {
      return origin(name).filter(Origin::drained).isPresent();
    }
  }

  static final class Refused extends IOException {
    final int code;

    Refused(int code) {
      super("the edge answered " + code);
      this.code = code;
    }
  }

  View status() throws IOException, InterruptedException {
    return send("/status", "GET", "");
  }

  /** By the verb drain or undrain; refused with 404 unknown, 409 no healthy origin is left. */
  View change(String name, String verb) throws IOException, InterruptedException {
    return send("/origins/" + name + "/" + verb, "POST", "");
  }

  /** Tells the edge that another one accepts from its socket: it ends once its clients are gone. */
  void retire() throws IOException, InterruptedException {
    send("/retire", "POST", "");
  }

  void replaceSecret(Secret value) throws IOException, InterruptedException {
    send(
        "/secrets",
        "PUT",
        JsonMapper.shared().writeValueAsString(Map.of("GATEWAY_SECRET", value.reveal())));
  }

  private View send(String path, String method, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.get().resolve(path))
            .method(
                method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .header("Authorization", "Bearer " + token.reveal())
            .timeout(LIMIT)
            .build();
    HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() / 100 != 2) {
      throw new Refused(response.statusCode());
    }
    try {
      JsonNode told = JsonMapper.shared().readTree(response.body());
      View view = JsonMapper.shared().treeToValue(told, View.class);
      return new View(view.origins(), Problems.of(told));
    } catch (JacksonException e) {
      throw new IOException("the edge's answer is not what was agreed", e);
    }
  }
}
