package com.mcpist.edge.wire;

import com.mcpist.edge.pool.Origin;
import io.vertx.core.Vertx;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * The last good address of each origin. Names are looked up again and again beside the calls, so
 * that no call waits for a name server, or fails because the name server is away. Safe for all
 * threads.
 */
public final class Addresses {
  private static final String LITERAL = "[\\d.]+|\\[.*]";

  private final Map<String, String> known = new ConcurrentHashMap<>();

  /** Begins to look names up. {@code lookup} finds the address of a name, and may block. */
  public Addresses(
      Vertx vertx, List<URI> urls, Function<String, Callable<String>> lookup, long everyMillis) {
    urls.stream()
        .filter(url -> !Origin.isSocket(url))
        .map(URI::getHost)
        .filter(host -> !host.matches(LITERAL))
        .forEach(host -> follow(vertx, host, lookup.apply(host), everyMillis));
  }

  private void follow(Vertx vertx, String host, Callable<String> lookup, long millis) {
    vertx
        .executeBlocking(lookup, false)
        .onSuccess(address -> known.put(host, address))
        .onComplete(_ -> vertx.setTimer(millis, _ -> follow(vertx, host, lookup, millis)));
  }

  /**
   * Returns a request, without a path, to the address of a URL's name. Host and TLS have the name
   * itself.
   */
  public RequestOptions request(URI url) {
    if (Origin.isSocket(url)) {
      return new RequestOptions()
          .setHost("localhost")
          .setServer(SocketAddress.domainSocketAddress(url.getPath()));
    }
    boolean ssl = "https".equalsIgnoreCase(url.getScheme());
    int standardPort = ssl ? 443 : 80;
    int port = url.getPort() < 0 ? standardPort : url.getPort();
    String address = known.get(url.getHost());
    return new RequestOptions()
        .setHost(url.getHost())
        .setPort(port)
        .setSsl(ssl)
        .setServer(address == null ? null : SocketAddress.inetSocketAddress(port, address));
  }
}
