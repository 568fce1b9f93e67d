package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A registry of images, which tells their digests by the OCI distribution interface, version 1.1:
 * HEAD of a manifest, after a token for that repository.
 */
public final class RegistryServer implements AutoCloseable {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String TOKEN = "registry-token-that-nobody-may-see";

  private final FaultServer server = FaultServer.start();
  private final Map<String, String> digests = new ConcurrentHashMap<>();
  private volatile String realm = server.url() + "/token";
  private volatile String reader = "";
  private volatile boolean open;

  /** A registry without images, which gives everybody a token. */
  public RegistryServer() {
    server.handle(this::answer);
  }

  /** Host and port, as they stand in an image's name. */
  public String name() {
    return "127.0.0.1:" + server.port();
  }

  /** Pushes an image. */
  public void push(String repository, String tag, String digest) {
    digests.put("/v2/" + repository + "/manifests/" + tag, digest);
  }

  /** Only this user gets a token. */
  public void readableBy(String user, String password) {
    String pair = user + ":" + password;
    reader = "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /** Asks nobody for a token. */
  public void open() {
    open = true;
  }

  /** Where it sends those without a token. */
  public void realm(String url) {
    realm = url;
  }

  /** Does something else with the next request. */
  public void next(Behaviour behaviour) {
    server.next(behaviour);
  }

  /** The requests that came. */
  public List<HttpMessage> requests() {
    return server.requests();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private Behaviour answer(HttpMessage request) {
    if (request.target().startsWith("/token?")) {
      return token(request);
    }
    if (!request.method().equals("HEAD") || !request.header("Accept").orElse("").contains(INDEX)) {
      return Behaviour.status(400);
    }
    if (!open && !request.header("Authorization").orElse("").equals("Bearer " + TOKEN)) {
      String challenge =
          "Bearer realm=\"%s\",service=\"test\",scope=\"repository:x:pull\"".formatted(realm);
      return head(401, Map.of("WWW-Authenticate", challenge));
    }
    String digest = digests.get(request.target());
    return digest == null
        ? head(404, Map.of())
        : head(200, Map.of("Content-Type", INDEX, "Docker-Content-Digest", digest));
  }

  private Behaviour token(HttpMessage request) {
    boolean known = request.header("Authorization").orElse("").equals(reader);
    if (!reader.isEmpty() && !known) {
      return Behaviour.answer(
          401, "{\"errors\": [{\"code\": \"DENIED\", \"message\": \"access denied\"}]}");
    }
    return request.target().matches("/token\\?service=test&scope=repository%3A[a-z%0-9F]+%3Apull")
        ? Behaviour.answer(200, "{\"token\": \"" + TOKEN + "\"}")
        : Behaviour.status(400);
  }

  private static Behaviour head(int status, Map<String, String> headers) {
    return new Behaviour.Answer(status, headers, new byte[0]);
  }
}
