package com.mcpist.drill.tool;

import module java.base;

import com.mcpist.drill.tool.CountingServer.Settings;
import com.mcpist.pair.process.JvmProgram;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Two counting servers, as a pair mounts them. Over standard input and output, each origin has a
 * copy that ends with it. Over HTTP there is one server, in this process, whatever happens to the
 * origins.
 */
public final class CountingMounts implements Closeable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int MEMORY_MIB = 64;

  private final Path folder;
  private final Settings settings;
  private final CountingServer server;
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer http;

  /** Who does not know it is answered 404: a drill counts the effects of its own pair alone. */
  private final String path = "/" + UUID.randomUUID();

  /** How a pair speaks with a mounted server. Its name is the mount's. */
  public enum Transport {
    STDIO,
    HTTP;

    /** Returns the name in JSON, and of the mount: {@code stdio}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the name under which a pair offers a tool of the mount: {@code stdio_once}. */
    public String nameOf(Tool tool) {
      return label() + "_" + tool.label();
    }
  }

  private CountingMounts(Path folder, Settings settings) throws IOException {
    this.folder = folder;
    this.settings = settings;
    this.http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    this.server = new CountingServer(effects(Transport.HTTP), settings);
    http.setExecutor(handlers);
    http.createContext(path, this::handle);
    http.start();
  }

  /** Starts the server over HTTP. The folder, of an absolute path, gets the files of effects. */
  public static CountingMounts start(Path folder, Settings settings) throws IOException {
    return new CountingMounts(folder, settings);
  }

  public Settings settings() {
    return settings;
  }

  /** Returns where the server over that transport, or all copies of it, record their effects. */
  public EffectFile effects(Transport transport) {
    return new EffectFile(folder.resolve("effects-" + transport.label()));
  }

  /** Returns the mounts.json of a pair that mounts both. */
  public String json() {
    ObjectNode file = JSON.createObjectNode();
    ObjectNode servers = file.putObject("mcpServers");
    ObjectNode stdio = servers.putObject(Transport.STDIO.label());
    stdio.put("command", JvmProgram.java());
    command().forEach(stdio.putArray("args")::add);
    servers
        .putObject(Transport.HTTP.label())
        .put("url", "http://127.0.0.1:" + http.getAddress().getPort() + path);
    for (JsonNode mount : servers) {
      ((ObjectNode) mount)
          .putObject("tools")
          .putObject(Tool.KEYED.label())
          .putObject("key")
          .put("argument", "key");
    }
    return file.toString();
  }

  private List<String> command() {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx" + MEMORY_MIB + "m", "-cp"));
    words.add(System.getProperty("java.class.path"));
    words.add(CountingServer.class.getName());
    words.add(effects(Transport.STDIO).path().toString());
    words.addAll(settings.arguments());
    return words;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      JsonNode message = JSON.missingNode();
      int status = exchange.getRequestMethod().equals("POST") ? 202 : 405;
      try {
        message = JSON.readTree(exchange.getRequestBody());
      } catch (JacksonException _) {
        status = 400; // A request whose sender broke off has no effect.
      }
      Optional<ObjectNode> reply = status == 202 ? server.reply(message) : Optional.empty();
      if (reply.isEmpty()) {
        exchange.sendResponseHeaders(status, -1);
        return;
      }
      byte[] body = JSON.writeValueAsBytes(reply.get());
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    http.stop(0);
    handlers.shutdownNow();
    server.close();
  }
}
