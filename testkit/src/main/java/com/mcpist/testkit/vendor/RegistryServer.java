package com.mcpist.testkit.vendor;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import com.mcpist.testkit.host.OciImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * A registry of images by the OCI distribution interface, version 1.1: it tells their digests (HEAD
 * of a manifest) and gives them away (GET of manifests and blobs), after a token for that
 * repository.
 */
public final class RegistryServer implements AutoCloseable {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final Behaviour UNKNOWN =
      Behaviour.answer(404, "{\"errors\": [{\"code\": \"MANIFEST_UNKNOWN\"}]}");

  /** In whatever order. */
  private static final Pattern ASKED =
      Pattern.compile(
          "/token\\?(?=.*\\bservice=test\\b)(?=.*\\bscope=repository%3A[a-z%0-9F]+%3Apull\\b).*");

  private static final String TOKEN = "registry-token-that-nobody-may-see";

  private final FaultServer server = FaultServer.start();
  private final Map<String, String> digests = new ConcurrentHashMap<>();
  private final Map<String, Behaviour> contents = new ConcurrentHashMap<>();
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

  /** Pushes an image with all that it is made of, so that it can be pulled by its digest. */
  public void push(String repository, OciImage image) {
    String place = "/v2/" + repository;
    image
        .blobs()
        .forEach(
            (digest, blob) ->
                contents.put(
                    place + "/blobs/" + digest, new Behaviour.Answer(200, Map.of(), blob)));
    byte[] manifest = Objects.requireNonNull(image.blobs().get(image.digest()));
    Map<String, String> headers =
        Map.of("Content-Type", OciImage.MANIFEST, "Docker-Content-Digest", image.digest());
    contents.put(
        place + "/manifests/" + image.digest(), new Behaviour.Answer(200, headers, manifest));
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
    boolean asks = request.method().equals("HEAD");
    if (asks && !request.header("Accept").orElse("").contains(INDEX)) {
      return Behaviour.status(400);
    }
    if (!open && !request.header("Authorization").orElse("").equals("Bearer " + TOKEN)) {
      String challenge =
          "Bearer realm=\"%s\",service=\"test\",scope=\"repository:x:pull\"".formatted(realm);
      return head(401, Map.of("WWW-Authenticate", challenge));
    }
    if (!asks) {
      return request.target().equals("/v2/")
          ? Behaviour.status(200)
          : contents.getOrDefault(request.target(), UNKNOWN);
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
    return ASKED.matcher(request.target()).matches()
        ? Behaviour.answer(200, "{\"token\": \"" + TOKEN + "\"}")
        : Behaviour.status(400);
  }

  private static Behaviour head(int status, Map<String, String> headers) {
    return new Behaviour.Answer(status, headers, new byte[0]);
  }
}
