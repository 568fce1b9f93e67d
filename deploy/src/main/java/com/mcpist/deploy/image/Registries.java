package com.mcpist.deploy.image;

import module java.base;

import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds digests by the OCI distribution interface. REGISTRY_USER and REGISTRY_TOKEN are its
 * credentials; for ghcr.io a workflow's GITHUB_ACTOR and GITHUB_TOKEN are used too.
 */
public record Registries(Map<String, String> environment, Time time) {
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);

  /**
   * The statuses with which registries answer for a private image to a caller that they do not
   * know. Some answer that the image does not exist.
   */
  private static final Set<Integer> HIDDEN = Set.of(401, 403, 404);

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1");

  /**
   * The accepted media types. An index of images for several machines is first, because that is
   * what a tag usually means.
   */
  private static final String MANIFESTS =
      String.join(
          ", ",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json");

  /**
   * Returns the same image by digest. An image that has a digest already is returned without a
   * request.
   */
  public ImageReference resolve(ImageReference image, Deadline deadline)
      throws InterruptedException {
    if (image.digest().isPresent()) {
      return image.withDigest(image.digest().get());
    }
    try {
      Answer manifest = manifest(image, address(image.registry()), deadline);
      String digest = manifest.headers().firstValue("Docker-Content-Digest").orElse("");
      if (!ImageReference.isDigest(digest)) {
        throw error(
            image, "the registry does not tell its digest", "Name the image by digest: …@sha256:…");
      }
      return image.withDigest(digest);
    } catch (ApiException e) {
      throw error(image, String.valueOf(e.getMessage()), advice(e.status()));
    }
  }

  public boolean isPublic(ImageReference image, Deadline deadline) throws InterruptedException {
    try {
      Registries nobody = new Registries(Map.of(), time);
      return nobody.manifest(image, address(image.registry()), deadline).status() / 100 == 2;
    } catch (ImageException _) {
      return false; // It wants to know who asks.
    } catch (ApiException e) {
      if (HIDDEN.contains(e.status())) {
        return false;
      }
      throw error(image, String.valueOf(e.getMessage()), advice(e.status()));
    }
  }

  private Answer manifest(ImageReference image, URI registry, Deadline deadline)
      throws ApiException, InterruptedException {
    String name = image.digest().or(image::tag).orElse("latest");
    Call call =
        Call.change("find " + image, "HEAD", "/v2/" + image.repository() + "/manifests/" + name)
            .asRepeatable()
            .with("Accept", MANIFESTS);
    Answer answer = client(registry, Optional.empty()).send(call.accepting(401), deadline);
    if (answer.status() != 401) {
      return answer;
    }
    String asked = answer.headers().firstValue("WWW-Authenticate").orElse("");
    Optional<Challenge> challenge = Challenge.bearer(asked);
    Optional<Secret> authorization =
        challenge.isPresent()
            ? Optional.of(token(image, challenge.get(), registry, deadline))
            : credentials(image.registry());
    if (authorization.isEmpty()) {
      throw error(image, "the registry asks who is asking", advice(401));
    }
    return client(registry, authorization).send(call, deadline);
  }

  private Secret token(ImageReference image, Challenge challenge, URI registry, Deadline deadline)
      throws ApiException, InterruptedException {
    URI realm = challenge.realm();
    Optional<Secret> credentials =
        challenge.trustedBy(registry) ? credentials(image.registry()) : Optional.empty();
    String query =
        "?service="
            + Call.segment(challenge.parameters().getOrDefault("service", ""))
            + "&scope="
            + Call.segment("repository:" + image.repository() + ":pull");
    Answer answer =
        client(URI.create(realm.getScheme() + "://" + realm.getRawAuthority()), credentials)
            .send(Call.get("get a token for " + image, realm.getRawPath() + query), deadline);
    // The specification has both names, and each registry sends one or the other.
    String token =
        answer.body().path("token").asString(answer.body().path("access_token").asString(""));
    if (!token.matches("[\\x21-\\x7e]+")) {
      throw error(image, "the registry gives no token", advice(401));
    }
    return Secret.of("Bearer " + token);
  }

  /**
   * Returns what {@code docker login} would keep in its file, or empty if the environment has no
   * credentials for the registry.
   */
  public Optional<Secret> login(ImageReference image) {
    // Docker's file knows Docker Hub by an older name.
    String name =
        image.registry().equals("docker.io") ? "https://index.docker.io/v1/" : image.registry();
    return pair(image.registry())
        .map(
            pair -> {
              ObjectNode file = Call.object();
              file.putObject("auths").putObject(name).put("auth", pair.reveal());
              return Secret.of(file.toString());
            });
  }

  private Optional<Secret> credentials(String registry) {
    return pair(registry).map(pair -> Secret.of("Basic " + pair.reveal()));
  }

  private Optional<Secret> pair(String registry) {
    Optional<Secret> own = pair("REGISTRY_USER", "REGISTRY_TOKEN");
    return own.isEmpty() && registry.equals("ghcr.io") ? pair("GITHUB_ACTOR", "GITHUB_TOKEN") : own;
  }

  /** Returns name and password in Base64, as Basic authentication has them. */
  private Optional<Secret> pair(String user, String token) {
    return Secret.fromEnvironment(environment, token)
        .map(secret -> environment.getOrDefault(user, "mcpist") + ":" + secret.reveal())
        .map(pair -> Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)))
        .map(Secret::of);
  }

  private ApiClient client(URI base, Optional<Secret> authorization) {
    return new ApiClient(
        base, authorization, authorization.map(List::of).orElse(List.of()), CALL_TIMEOUT, time);
  }

  private static URI address(String registry) {
    // Docker Hub's interface has another host than its image names have.
    String host = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    URI uri = URI.create("https://" + host);
    return isLoopback(uri) ? URI.create("http://" + host) : uri;
  }

  static boolean isLoopback(URI uri) {
    return LOOPBACK.contains(uri.getHost());
  }

  private static String advice(int status) {
    return switch (status) {
      case 401, 403 ->
          "If it is private, set REGISTRY_USER and REGISTRY_TOKEN to somebody who may read it";
      case 404 -> "Check its name and tag, and that it has been pushed";
      default -> "Run it again in a while, or name the image by digest: …@sha256:…";
    };
  }

  private static ImageException error(ImageReference image, String problem, String advice) {
    return new ImageException(image + ": " + problem + ". " + advice + ".");
  }

  /** Returns a text without the environment, which has secrets. */
  @Override
  public String toString() {
    return "Registries";
  }

  record Challenge(URI realm, Map<String, String> parameters) {
    private static final Pattern PARAMETER = Pattern.compile("([a-zA-Z_]+)=\"([^\"]*)\"");

    static Optional<Challenge> bearer(String header) {
      if (!header.toLowerCase(Locale.ROOT).startsWith("bearer ")) {
        return Optional.empty();
      }
      Map<String, String> parameters = new HashMap<>();
      Matcher matcher = PARAMETER.matcher(header);
      while (matcher.find()) {
        parameters.put(matcher.group(1).toLowerCase(Locale.ROOT), matcher.group(2));
      }
      try {
        URI realm = URI.create(parameters.getOrDefault("realm", ""));
        return realm.getHost() == null
            ? Optional.empty()
            : Optional.of(new Challenge(realm, parameters));
      } catch (IllegalArgumentException _) {
        return Optional.empty();
      }
    }

    /**
     * Returns true if the credentials may be sent to the realm. They are sent only encrypted, and
     * only to the registry's host or another host of the same domain.
     */
    boolean trustedBy(URI registry) {
      boolean sameHost = realm.getHost().equals(registry.getHost());
      return Registries.isLoopback(realm)
          ? sameHost
          : "https".equals(realm.getScheme())
              && (sameHost || domain(realm).equals(domain(registry)));
    }

    private static String domain(URI uri) {
      String[] labels = uri.getHost().split("\\.", -1);
      return labels.length < 2
          ? uri.getHost()
          : labels[labels.length - 2] + "." + labels[labels.length - 1];
    }
  }

  public static final class ImageException extends RuntimeException {
    ImageException(String message) {
      super(message);
    }
  }
}
