package com.mcpist.pair.supervisor;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.pair.control.PairStatus;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The edge's admin listener, as docs/design/processes.md describes it. Each call fails with an
 * IOException where the edge does not answer within 3 s, or not as was agreed.
 *
 * @param base where the listener is, asked at each request: a new edge has another one
 */
record EdgeAdmin(HttpClient client, Supplier<URI> base, Secret token) {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  /** What the edge knows of its origins. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record View(List<Seen> origins) {
    boolean anyActive() {
      return origins.stream().anyMatch(Seen::active);
    }

    /** What is known of an origin; null where the edge does not know it. */
    @Nullable Seen origin(String name) {
      return origins.stream().filter(o -> o.name().equals(name)).findFirst().orElse(null);
    }

    /** How an origin is; empty where the edge does not know it. */
    String state(String name) {
      Seen seen = origin(name);
      return seen == null ? "" : seen.state();
    }
  }

  /** One origin, as the edge sees it. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Seen(
      String name,
      String url,
      String state,
      boolean active,
      @Nullable String release,
      PairStatus.@Nullable LastFailure lastFailure) {}

  /** An answer that is no success. */
  static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    private final int code;

    Refused(int code) {
      super("the edge answered " + code);
      this.code = code;
    }

    int code() {
      return code;
    }
  }

  URI url() {
    return base.get();
  }

  View status() throws IOException, InterruptedException {
    return send("/status", "GET", "");
  }

  /**
   * @param verb drain or undrain
   * @throws Refused with the edge's code: 404 unknown, 409 it would leave no healthy origin
   */
  View change(String name, String verb) throws IOException, InterruptedException {
    return send("/origins/" + name + "/" + verb, "POST", "");
  }

  /** Tells the edge that another one accepts from its socket: it ends once its clients are gone. */
  void retire() throws IOException, InterruptedException {
    send("/retire", "POST", "");
  }

  /** Gives the edge another gateway secret. */
  void replaceSecret(String value) throws IOException, InterruptedException {
    send(
        "/secrets", "PUT", JsonMapper.shared().writeValueAsString(Map.of("GATEWAY_SECRET", value)));
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
      return JsonMapper.shared().readValue(response.body(), View.class);
    } catch (JacksonException e) {
      throw new IOException("the edge's answer is not what was agreed", e);
    }
  }
}
