package com.mcpist.pair.supervisor;

import module java.base;

import com.mcpist.deploy.http.SocketHttp;
import com.mcpist.deploy.http.SocketHttp.Request;
import com.mcpist.deploy.http.SocketHttp.Response;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.verify.Problems;
import com.mcpist.pair.control.PairStatus.Origin;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The edge's admin listener (docs/design/processes.md). Each request throws an IOException if the
 * edge does not answer within 3 s, or not as was agreed.
 *
 * @param socket gives the socket of the listener at each request, since a new edge has another one
 */
record EdgeAdmin(Supplier<URI> socket, Secret token) {
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
    Request request =
        Request.of(method, path)
            .with("Authorization", "Bearer " + token.reveal())
            .withBody("application/json", body);
    Response response = SocketHttp.send(socket.get(), request, LIMIT);
    if (response.status() / 100 != 2) {
      throw new Refused(response.status());
    }
    try {
      JsonNode told = JsonMapper.shared().readTree(response.text());
      View view = JsonMapper.shared().treeToValue(told, View.class);
      return new View(view.origins(), Problems.of(told));
    } catch (JacksonException e) {
      throw new IOException("the edge's answer is not what was agreed", e);
    }
  }
}
