package com.mcpist.edge.wire;

import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last good address of each origin. Names are looked up beside the calls, again and again: none
 * waits for a name server, or fails because it is away. Safe for all threads.
 */
public final class Addresses implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(10);
  private static final String LITERAL = "[\\d.]+|\\[.*]";

  private final Map<String, String> known = new ConcurrentHashMap<>();
  private final List<Thread> threads;

  /** How a name is looked up; it may block. */
  public interface Resolver {
    InetAddress resolve(String host) throws UnknownHostException;
  }

  /** Begins to look up the names in these URLs, every 10 s. */
  public Addresses(List<URI> urls) {
    this(urls, InetAddress::getByName, EVERY);
  }

  public Addresses(List<URI> urls, Resolver resolver, Duration every) {
    threads =
        urls.stream()
            .map(URI::getHost)
            .filter(host -> !host.matches(LITERAL))
            .distinct()
            .map(
                host ->
                    Thread.ofPlatform()
                        .daemon()
                        .name("names-" + host)
                        .start(() -> follow(host, resolver, every)))
            .toList();
  }

  private void follow(String host, Resolver resolver, Duration every) {
    try {
      while (true) {
        try {
          known.put(host, resolver.resolve(host).getHostAddress());
        } catch (UnknownHostException _) {
          // What was good is the best that is known.
        }
        Thread.sleep(every);
      }
    } catch (InterruptedException _) {
      // closed
    }
  }

  /** A request to the address of its name, and for the name in Host and TLS; without a path. */
  public RequestOptions request(URI url) {
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

  @Override
  public void close() {
    threads.forEach(Thread::interrupt);
  }
}
