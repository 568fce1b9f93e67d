package com.mcpist.deploy.release;

import com.mcpist.testkit.Behaviour;
import com.mcpist.testkit.FaultServer;
import com.mcpist.testkit.HttpMessage;
import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An origin that runs whatever its platform's stand-in says that it runs. */
final class StandInOrigin implements AutoCloseable {
  static final String SECRET = "the-gateway-secret-that-nobody-may-see";
  static final String ADMIN = "the-admin-token-that-nobody-may-see!!";

  private static final String TOOLS =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"tools\":[{\"name\":\"memory_save\"}]}}";

  /** What a release does wrong. */
  enum Fault {
    /** It starts, and answers every call with an error. */
    ERRORS,
    /** It starts, and answers no call. */
    HANGS,
    /** It never finds itself healthy. */
    UNHEALTHY,
    /** It asks nobody for a secret. */
    OPEN
  }

  /** What it says of its mounts. */
  volatile String mounts = "{\"mounts\":[]}";

  /** Whether nothing comes through from the machine that asks. */
  volatile boolean cut;

  /** How many requests are still cut off; then everything comes through. */
  final AtomicInteger cutFor = new AtomicInteger();

  private record Bad(String digest, Fault fault) {}

  private final FaultServer server = FaultServer.start();
  private final String instance;
  private final Supplier<JsonNode> env;
  private final StandInBooks books;
  private final Set<Bad> bad = ConcurrentHashMap.newKeySet();

  /**
   * One that serves.
   *
   * @param env its variables, as {@code {"RELEASE": …, "IMAGE_DIGEST": …}}
   */
  StandInOrigin(String instance, Supplier<JsonNode> env, StandInBooks books) {
    this.instance = instance;
    this.env = env;
    this.books = books;
    server.handle(this::answer);
  }

  URI url() {
    return URI.create(server.url());
  }

  /** That image does something wrong. */
  void spoil(String digest, Fault fault) {
    bad.add(new Bad(digest, fault));
  }

  private boolean has(Fault fault) {
    return bad.contains(new Bad(digest(), fault));
  }

  private String digest() {
    return env.get().path("IMAGE_DIGEST").asString("");
  }

  private Behaviour answer(HttpMessage message) {
    if (cut || cutFor.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      return Behaviour.resetBefore();
    }
    boolean insider =
        has(Fault.OPEN) || message.header("X-Gateway-Secret").orElse("").equals(SECRET);
    if (message.target().equals("/health")) {
      return health(insider);
    }
    if (!insider) {
      return Behaviour.answer(403, "{\"error\":{\"code\":\"forbidden\",\"message\":\"No.\"}}");
    }
    if (message.target().startsWith("/api/admin/")) {
      return message.header("Authorization").orElse("").equals("Bearer " + ADMIN)
          ? administered(message)
          : Behaviour.answer(401, "{\"error\":{\"code\":\"unauthorized\",\"message\":\"Who?\"}}");
    }
    if (!message.target().equals("/mcp")) {
      return Behaviour.answer(404, "{}");
    }
    if (has(Fault.HANGS)) {
      return Behaviour.resetBefore();
    }
    return has(Fault.ERRORS) ? Behaviour.status(500) : Behaviour.answer(200, TOOLS);
  }

  private Behaviour administered(HttpMessage message) {
    return switch (message.target()) {
      case "/api/admin/secrets" -> proofs();
      case "/api/admin/mounts" -> Behaviour.answer(200, mounts);
      default -> books.answer(message);
    };
  }

  /** The value proves itself well enough here. */
  private Behaviour proofs() {
    var body = JsonMapper.shared().createObjectNode();
    body.putObject("proofs").set("MOUNTS", env.get().path("MOUNTS"));
    return Behaviour.answer(200, body.toString());
  }

  private Behaviour health(boolean insider) {
    boolean well = !has(Fault.UNHEALTHY);
    var body = JsonMapper.shared().createObjectNode().put("status", well ? "ok" : "unhealthy");
    if (insider) {
      body.put("release", env.get().path("RELEASE").asString(""))
          .put("digest", digest())
          .put("instance", instance);
    }
    return Behaviour.answer(well ? 200 : 503, body.toString());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
