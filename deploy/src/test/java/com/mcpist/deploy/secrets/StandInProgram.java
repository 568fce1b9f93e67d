package com.mcpist.deploy.secrets;

import com.mcpist.deploy.image.ImageReference;
import com.mcpist.deploy.platform.Images;
import com.mcpist.deploy.platform.Platform;
import com.mcpist.deploy.platform.Platform.Release;
import com.mcpist.deploy.platform.Platform.Wanted;
import com.mcpist.deploy.platform.PlatformException;
import com.mcpist.deploy.platform.Rollout;
import com.mcpist.deploy.release.StandInBooks;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An origin and its platform: what is stored is what it runs with once it has started again. */
final class StandInProgram implements Platform, AutoCloseable {
  private static final String TOOLS =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"memory_save\"}]}}";

  final Map<String, String> stored = new ConcurrentHashMap<>();
  final Map<String, String> running = new ConcurrentHashMap<>();
  final AtomicInteger starts = new AtomicInteger();
  volatile boolean healthy = true;

  /** Whether a process answers: between two of them none does. */
  volatile BooleanSupplier there = () -> true;

  /** Looks at what its platform says that runs, where that is another than this one. */
  volatile Runnable platform = () -> {};

  private final String name;
  private final StandInBooks books;
  private final FaultServer server = FaultServer.start();

  StandInProgram(String name, StandInBooks books, Map<String, String> values) {
    this.name = name;
    this.books = books;
    stored.putAll(values);
    running.putAll(values);
    server.handle(this::answer);
  }

  URI url() {
    return URI.create(server.url());
  }

  private Behaviour answer(HttpMessage message) {
    platform.run();
    if (!there.getAsBoolean()) {
      return Behaviour.resetBefore();
    }
    if (message.target().equals("/health")) {
      return Behaviour.answer(
          healthy ? 200 : 503, "{\"status\":\"" + (healthy ? "ok" : "unhealthy") + "\"}");
    }
    if (!accepts("GATEWAY_SECRET", message.header("X-Gateway-Secret").orElse(""))) {
      return Behaviour.answer(403, "{\"error\":{\"code\":\"forbidden\",\"message\":\"No.\"}}");
    }
    if (message.target().equals("/mcp")) {
      return Behaviour.answer(200, TOOLS);
    }
    String bearer = message.header("Authorization").orElse("").replaceFirst("^Bearer ", "");
    if (!accepts("ADMIN_TOKEN", bearer)) {
      return Behaviour.answer(401, "{\"error\":{\"code\":\"unauthorized\",\"message\":\"Who?\"}}");
    }
    return message.target().equals("/api/admin/secrets")
        ? Behaviour.answer(200, proofs(running, JsonMapper.shared().readTree(message.body())))
        : books.answer(message);
  }

  private boolean accepts(String secret, String shown) {
    return List.of(running.getOrDefault(secret, "").split(",", -1)).contains(shown);
  }

  /** As programs answer a challenge. */
  static String proofs(Map<String, String> running, JsonNode asked) {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    ObjectNode proofs = answer.putObject("proofs");
    for (JsonNode name : asked.path("names")) {
      String value = running.get(name.asString());
      if (value != null) {
        proofs.put(
            name.asString(),
            SecretQuery.proof(Secret.of(value), name.asString(), asked.path("nonce").asString()));
      }
    }
    Set<String> names = new TreeSet<>(running.keySet());
    names.removeIf(name -> !name.matches(".*(KEY|SECRET|TOKEN|PASSWORD|DATABASE_URL)"));
    names.forEach(answer.putArray("names")::add);
    return answer.toString();
  }

  @Override
  public String origin() {
    return name;
  }

  @Override
  public String name() {
    return "stand-in";
  }

  @Override
  public Release current(Deadline deadline) {
    return new Release(
        "1", Optional.of(Images.OLD), Release.State.HEALTHY, "healthy", "", Map.of());
  }

  @Override
  public List<Release> history(int most, Deadline deadline) {
    return List.of(current(deadline));
  }

  @Override
  public List<String> preview(Wanted wanted, Deadline deadline) {
    return List.of();
  }

  @Override
  public Rollout deploy(Wanted wanted, Deadline deadline) {
    ImageReference image = wanted.image();
    return new Started(!image.equals(Images.OLD));
  }

  @Override
  public Rollout restore(Release earlier, Deadline deadline) {
    return restart(deadline);
  }

  @Override
  public Rollout restart(Deadline deadline) {
    running.clear();
    running.putAll(stored);
    starts.incrementAndGet();
    return new Started(true);
  }

  @Override
  public Set<String> secretNames(Deadline deadline) {
    return new TreeSet<>(stored.keySet());
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline)
      throws PlatformException, InterruptedException {
    Map<String, SecretChange> changes = new TreeMap<>();
    values.forEach(
        (secret, value) ->
            changes.put(
                secret,
                stored.put(secret, value.reveal()) == null
                    ? SecretChange.CREATED
                    : SecretChange.UPDATED));
    return changes;
  }

  @Override
  public String logs() {
    return server.url();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private record Started(boolean changed) implements Rollout {
    @Override
    public boolean unchanged() {
      return !changed;
    }

    @Override
    public Release awaitHealthy(Consumer<Step> observer, Deadline deadline) {
      return new Release("1", Optional.empty(), Release.State.HEALTHY, "healthy", "", Map.of());
    }
  }
}
