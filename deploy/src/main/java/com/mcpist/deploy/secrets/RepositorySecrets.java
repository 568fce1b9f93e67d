package com.mcpist.deploy.secrets;

import module java.base;

import com.goterl.lazysodium.SodiumJava;
import com.goterl.lazysodium.interfaces.Box;
import com.goterl.lazysodium.utils.LibraryLoader;
import com.mcpist.deploy.http.ApiClient;
import com.mcpist.deploy.http.ApiClient.Answer;
import com.mcpist.deploy.http.ApiException;
import com.mcpist.deploy.http.Call;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.PlatformException.Kind;
import com.mcpist.deploy.platform.VendorCalls;
import com.mcpist.deploy.platform.VendorCalls.ApiErrors;
import com.mcpist.deploy.platform.VendorCalls.Token;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.deploy.time.Time;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A repository's secrets on GitHub, and one environment's, which come first. Nobody can read them
 * there. Every call may be made again, whatever became of the one before.
 */
public record RepositorySecrets(ApiClient client, String repository, Optional<String> environment) {
  public static final String NAME = "github";

  public static final String TOKEN = "SECRETS_GITHUB_TOKEN";

  /** The variable that says which repository, as {@code owner/name}; a workflow has it. */
  public static final String REPOSITORY = "GITHUB_REPOSITORY";

  /** The variable with the environment's name; without it there are the repository's alone. */
  public static final String ENVIRONMENT = "SECRETS_GITHUB_ENVIRONMENT";

  public static final String ADDRESS = "GITHUB_API_URL";

  static final URI API = URI.create("https://api.github.com");

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final int PAGE = 100;
  private static final String GET_KEY = "get public key";

  public static RepositorySecrets of(Map<String, String> environment, Time time) {
    String job = environment.getOrDefault(ENVIRONMENT, "").strip();
    return new RepositorySecrets(
        client(environment, TOKEN, time),
        repository(environment),
        Optional.of(job).filter(name -> !name.isEmpty()));
  }

  static ApiClient client(Map<String, String> environment, String variable, Time time) {
    Token token = Token.fromEnvironment(NAME, environment, variable, text -> "Bearer " + text);
    URI address = VendorCalls.address(NAME, environment, ADDRESS, API);
    return new ApiClient(address, Optional.of(token.header()), token.hidden(), TIMEOUT, time);
  }

  private static String repository(Map<String, String> environment) {
    String repository = environment.getOrDefault(REPOSITORY, "").strip();
    if (!repository.matches("[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")) {
      throw new PlatformException(
          Kind.REJECTED,
          NAME,
          REPOSITORY,
          repository.isEmpty() ? "is not set" : "is not of the form owner/name",
          "Set it to the repository whose secrets these are, as owner/name");
    }
    return repository;
  }

  public Set<String> names(Deadline deadline) throws InterruptedException {
    return stored(deadline).keySet();
  }

  /** When each was last stored. */
  public Map<String, Instant> stored(Deadline deadline) throws InterruptedException {
    Map<String, Instant> stored = new TreeMap<>(stored(repositoryPath(), deadline));
    stored.putAll(ofEnvironment(deadline));
    return stored;
  }

  private String repositoryPath() {
    return "/repos/" + repository + "/actions/secrets";
  }

  private Optional<String> environmentPath() {
    return environment.map(
        name -> "/repos/%s/environments/%s/secrets".formatted(repository, Call.segment(name)));
  }

  private Map<String, Instant> ofEnvironment(Deadline deadline) throws InterruptedException {
    Optional<String> path = environmentPath();
    try {
      return path.isPresent() ? stored(path.get(), deadline) : Map.of();
    } catch (PlatformException e) {
      if (e.kind() == Kind.NOT_FOUND) {
        return Map.of();
      }
      throw e;
    }
  }

  private Optional<String> environmentWith(String name, Deadline deadline)
      throws InterruptedException {
    return ofEnvironment(deadline).containsKey(name) ? environmentPath() : Optional.empty();
  }

  private Map<String, Instant> stored(String path, Deadline deadline) throws InterruptedException {
    Map<String, Instant> stored = new TreeMap<>();
    for (int number = 1; true; number++) {
      String query = path + "?per_page=" + PAGE + "&page=" + number;
      JsonNode page = send(Call.get("list secrets", query), deadline).body();
      for (JsonNode secret : page.path("secrets")) {
        Instant updated = Instant.parse(secret.path("updated_at").asString(""));
        stored.put(secret.path("name").asString(""), updated);
      }
      if (page.path("secrets").isEmpty()
          || (long) number * PAGE >= page.path("total_count").asLong(0)) {
        return stored;
      }
    }
  }

  /** Where the secret {@code beside} is kept: itself, or the one that it is to replace. */
  public void put(String name, String beside, Secret value, Deadline deadline)
      throws InterruptedException {
    SealedBox sealing = SealedBox.load();
    String path = environmentWith(beside, deadline).orElse(repositoryPath());
    // GitHub changes its key without a word: it is asked for each time.
    JsonNode key = send(Call.get(GET_KEY, path + "/public-key"), deadline).body();
    Optional<String> sealed = sealing.seal(value, key.path("key").asString(""));
    if (sealed.isEmpty()) {
      throw new PlatformException(
          Kind.UNAVAILABLE,
          NAME,
          GET_KEY,
          "the answer has no public key for sealing",
          "Nothing has been changed: run it again in a while, and check " + ADDRESS);
    }
    ObjectNode body =
        Call.object()
            .put("encrypted_value", sealed.get())
            .put("key_id", key.path("key_id").asString(""));
    var _ =
        send(
            Call.change("store secret " + name, "PUT", pathOf(path, name), body)
                .asRepeatable()
                .hiding(List.of(value)),
            deadline);
  }

  /** Deletes a secret from the repository and the environment; one that is absent is no error. */
  public void delete(String name, Deadline deadline) throws InterruptedException {
    delete(repositoryPath(), name, deadline);
    Optional<String> path = environmentWith(name, deadline);
    if (path.isPresent()) {
      delete(path.get(), name, deadline);
    }
  }

  private void delete(String path, String name, Deadline deadline) throws InterruptedException {
    Call call = Call.change("delete secret " + name, "DELETE", pathOf(path, name)).asRepeatable();
    try {
      var _ = client.send(versioned(call), deadline);
    } catch (ApiException e) {
      // What is not there and what the token may not touch are both not found.
      if (e.status() != 404 || stored(path, deadline).containsKey(name)) {
        throw error(e);
      }
    }
  }

  private static String pathOf(String path, String name) {
    return path + "/" + Call.segment(name);
  }

  private Answer send(Call call, Deadline deadline) throws InterruptedException {
    try {
      return client.send(versioned(call), deadline);
    } catch (ApiException e) {
      throw error(e);
    }
  }

  /** GitHub says "not found" also of what a token may not see. */
  private PlatformException error(ApiException e) {
    String needs =
        (environment.isPresent()
                ? " needs the repository permissions \"Secrets: Read and write\" and"
                    + " \"Environments: Read and write\" for "
                : " needs the repository permission \"Secrets: Read and write\" for ")
            + repository;
    return switch (e.rateLimited() ? 0 : e.status()) {
      case 403 -> error(Kind.UNAUTHORIZED, e, "The token in " + TOKEN + needs);
      case 404 ->
          error(
              Kind.NOT_FOUND,
              e,
              "Either %s is wrong, or the token in %s may not see it: it%s"
                  .formatted(REPOSITORY, TOKEN, needs));
      case 301, 302, 307, 308 ->
          error(Kind.NOT_FOUND, e, "The repository has another name now: correct " + REPOSITORY);
      default -> new ApiErrors(NAME, TOKEN, REPOSITORY).of(e);
    };
  }

  private static PlatformException error(Kind kind, ApiException e, String advice) {
    return new PlatformException(
        kind, NAME, e.call().name(), String.valueOf(e.getMessage()), advice);
  }

  /** Says which of GitHub's interfaces is meant: without it, that is whichever is the newest. */
  static Call versioned(Call call) {
    return call.with("Accept", "application/vnd.github+json")
        .with("X-GitHub-Api-Version", "2022-11-28");
  }

  @Override
  public String toString() {
    return "RepositorySecrets[" + environmentPath().orElse(repositoryPath()) + "]";
  }

  /** libsodium's crypto_box_seal: only the owner of the public key can read it. */
  record SealedBox(SodiumJava sodium) {
    /** With the libsodium that comes along, else with the machine's own. */
    static SealedBox load() {
      try {
        return new SealedBox(bundled());
      } catch (IOException | LinkageError | RuntimeException e) {
        try {
          return new SealedBox(new SodiumJava(LibraryLoader.Mode.SYSTEM_ONLY));
        } catch (LinkageError | RuntimeException _) {
          throw unusable(e);
        }
      }
    }

    /** The Java library would unpack all that it has for this, and leave it behind. */
    private static SodiumJava bundled() throws IOException {
      String resource = "/" + LibraryLoader.getSodiumPathInResources();
      Path file = Files.createTempFile("mcpist-libsodium-", ".library");
      try (InputStream in = SodiumJava.class.getResourceAsStream(resource)) {
        Files.copy(Objects.requireNonNull(in, resource), file, StandardCopyOption.REPLACE_EXISTING);
        return new SodiumJava(file.toString());
      } finally {
        // What is loaded needs no name any more.
        Files.deleteIfExists(file);
      }
    }

    private static PlatformException unusable(Throwable why) {
      String said = String.valueOf(why.getMessage()).lines().findFirst().orElse("");
      return new PlatformException(
          Kind.REJECTED,
          RepositorySecrets.NAME,
          "seal a secret",
          "libsodium cannot be loaded on %s %s: %s"
              .formatted(System.getProperty("os.name"), System.getProperty("os.arch"), said),
          "Install it (Debian: apt install libsodium23), or name a folder from which libraries may"
              + " be loaded: JAVA_TOOL_OPTIONS=\"-Djava.io.tmpdir=FOLDER -Djna.tmpdir=FOLDER\"");
    }

    Optional<String> seal(Secret value, String base64Key) {
      byte[] publicKey;
      try {
        publicKey = Base64.getDecoder().decode(base64Key);
      } catch (IllegalArgumentException _) {
        return Optional.empty();
      }
      byte[] message = value.reveal().getBytes(StandardCharsets.UTF_8);
      byte[] sealed = new byte[message.length + Box.SEALBYTES];
      boolean done =
          publicKey.length == Box.PUBLICKEYBYTES
              && sodium.crypto_box_seal(sealed, message, message.length, publicKey) == 0;
      return done ? Optional.of(Base64.getEncoder().encodeToString(sealed)) : Optional.empty();
    }
  }

  public static final class ContainerPackages {
    /** The variable with a token that may read packages; a workflow has it. */
    public static final String TOKEN = "GITHUB_TOKEN";

    public static final String REGISTRY = "ghcr.io";

    private ContainerPackages() {}

    /** As {@code owner/name}, "" where joined to none; empty: no package that can be seen. */
    public static Optional<String> repositoryOf(
        String owner, String name, Map<String, String> environment, Time time, Deadline deadline)
        throws InterruptedException {
      VendorCalls calls =
          new VendorCalls(
              RepositorySecrets.client(environment, TOKEN, time),
              new ApiErrors(RepositorySecrets.NAME, TOKEN, "image"));
      // GitHub has another place for what an organization owns.
      for (String place : List.of("/users/", "/orgs/")) {
        String path = place + Call.segment(owner) + "/packages/container/" + Call.segment(name);
        Call call = RepositorySecrets.versioned(Call.get("get package " + name, path));
        Answer answer = calls.answer(call.accepting(404), deadline);
        if (answer.status() != 404) {
          return Optional.of(answer.body().path("repository").path("full_name").asString(""));
        }
      }
      return Optional.empty();
    }
  }
}
