package com.mcpist.deploy.secrets;

import com.mcpist.deploy.platform.SecretStore;
import com.mcpist.deploy.secret.Secret;
import com.mcpist.deploy.time.Deadline;
import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.json.JsonMapper;

/** A Worker: it shows origins its secret, and has a new one as soon as that is stored. */
final class StandInEdge implements SecretStore, AutoCloseable {
  final Map<String, String> running = new ConcurrentHashMap<>();

  /** Looks at what Cloudflare says that runs. */
  volatile Runnable platform = () -> {};

  private final List<StandInProgram> origins;
  private final FaultServer server = FaultServer.start();

  StandInEdge(Map<String, String> values, List<StandInProgram> origins) {
    running.putAll(values);
    this.origins = List.copyOf(origins);
    server.handle(this::answer);
  }

  URI url() {
    return URI.create(server.url());
  }

  private Behaviour answer(HttpMessage message) {
    platform.run();
    if (message.target().equals("/mcp")) {
      return call();
    }
    if (!knows("GATEWAY_SECRET", message.header("X-Gateway-Secret").orElse(""))) {
      return Behaviour.answer(403, "{\"error\":{\"code\":\"forbidden\",\"message\":\"No.\"}}");
    }
    String bearer = message.header("Authorization").orElse("").replaceFirst("^Bearer ", "");
    if (!knows("ADMIN_TOKEN", bearer)) {
      return Behaviour.answer(401, "{\"error\":{\"code\":\"unauthorized\",\"message\":\"Who?\"}}");
    }
    return Behaviour.answer(
        200, StandInProgram.proofs(running, JsonMapper.shared().readTree(message.body())));
  }

  private boolean knows(String secret, String shown) {
    return List.of(running.getOrDefault(secret, "").split(",", -1)).contains(shown);
  }

  /** A client's call, to the first origin: it must not be refused. */
  private Behaviour call() {
    String secret = running.getOrDefault("GATEWAY_SECRET", "");
    for (StandInProgram origin : origins) {
      boolean known =
          List.of(origin.running.getOrDefault("GATEWAY_SECRET", "").split(",", -1))
              .contains(secret);
      if (!known) {
        return Behaviour.status(403);
      }
    }
    return Behaviour.answer(
        200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"memory_save\"}]}}");
  }

  @Override
  public Set<String> secretNames(Deadline deadline) {
    return new TreeSet<>(running.keySet());
  }

  @Override
  public Map<String, SecretChange> putSecrets(Map<String, Secret> values, Deadline deadline) {
    Map<String, SecretChange> changes = new TreeMap<>();
    values.forEach(
        (secret, value) ->
            changes.put(
                secret,
                running.put(secret, value.reveal()) == null
                    ? SecretChange.CREATED
                    : SecretChange.UPDATED));
    return changes;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
