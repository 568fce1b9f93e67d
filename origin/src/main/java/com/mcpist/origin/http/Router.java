package com.mcpist.origin.http;

import com.mcpist.origin.auth.AcceptedSecrets;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request whose head is sound to the handler of its path; on the event loop. The path is
 * compared as it was sent, byte by byte: what another server would decode, join or fold to /health
 * or /mcp is simply another path here. A route's path that ends with a slash is of all paths below
 * it. Unless that is open, a request needs a secret, and, where localOnly, this machine's name.
 */
record Router(
    Connections connections, Map<String, Route> routes, AcceptedSecrets secrets, boolean localOnly)
    implements Handler<HttpServerRequest> {
  static final String SECRET_HEADER = "X-Gateway-Secret";

  /** An edge sends a call again, though it may have run, only to those who say this. */
  private static final CharSequence LEDGER = HttpHeaders.createOptimized("X-Ledger");

  private static final CharSequence KEPT = HttpHeaders.createOptimized("kept");

  /**
   * The names of this machine to itself. A page of another site in a browser must not reach a
   * server on its reader's machine, though the page's name may be made to resolve to it (DNS
   * rebinding).
   */
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private static final Pattern SITE = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://([^/?#@]*)");

  /** A path's handler; {@code open}: which requests need no secret. */
  record Route(
      List<HttpMethod> methods,
      Predicate<HttpServerRequest> open,
      Handler<HttpServerRequest> handler) {
    /** Those without the secret are not let in. */
    static Route closed(List<HttpMethod> methods, Handler<HttpServerRequest> handler) {
      return new Route(methods, _ -> false, handler);
    }
  }

  @Override
  public void handle(HttpServerRequest request) {
    if (connections.ends(request)) {
      return;
    }
    request.response().putHeader(LEDGER, KEPT);
    if (isSound(request)) {
      route(request);
    } else {
      connections.endsWith(request);
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      Replies.refuse(
              request.response(), 400, "bad_request", "The request is not HTTP as RFC 9112 has it")
          .onComplete(sent -> request.connection().close());
    }
  }

  /**
   * Whether the head is as it must be beyond what the HTTP decoder asks for, so that no proxy
   * before this server can see another request than it does (RFC 9112, 3.2 and 6.3).
   */
  private static boolean isSound(HttpServerRequest request) {
    MultiMap headers = request.headers();
    int hosts = headers.getAll(HttpHeaders.HOST).size();
    boolean old = request.version() == HttpVersion.HTTP_1_0;
    List<String> encodings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    boolean framed =
        encodings.isEmpty()
            || (encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked"));
    return (hosts == 1 || (hosts == 0 && old))
        && framed
        && headers.entries().stream().map(Map.Entry::getKey).allMatch(Router::isToken);
  }

  /** What a header's name is (RFC 9110, 5.6.2). */
  private static boolean isToken(String name) {
    return !name.isEmpty() && HttpHeaderValidationUtil.validateToken(name) < 0;
  }

  private void route(HttpServerRequest request) {
    Route route = route(path(request.uri()));
    boolean open = route != null && route.open().test(request);
    if (!open && !secrets.accept(request.headers().getAll(SECRET_HEADER))) {
      // An edge goes on with another origin: while secrets change there may be one that knows its.
      request.response().putHeader("X-Not-Run", "forbidden");
      Replies.refuse(
          request.response(), 403, "forbidden", "The request needs a valid " + SECRET_HEADER);
    } else if (!open && localOnly && !isHost(request.getHeader(HttpHeaders.HOST))) {
      Replies.refuse(
          request.response(), 421, "wrong_host", "This server is for its own machine: localhost");
    } else if (route == null) {
      Replies.refuse(request.response(), 404, "not_found", "There is nothing at this path");
    } else if (!route.methods().contains(request.method())) {
      String allowed =
          route.methods().stream().map(HttpMethod::name).collect(Collectors.joining(", "));
      request.response().putHeader("Allow", allowed);
      Replies.refuse(request.response(), 405, "method_not_allowed", "This path answers " + allowed);
    } else {
      route.handler().handle(request);
    }
  }

  private @Nullable Route route(String path) {
    Route exact = routes.get(path);
    if (exact != null) {
      return exact;
    }
    return routes.entrySet().stream()
        .filter(e -> e.getKey().endsWith("/") && path.startsWith(e.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  static String path(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }

  /** Whether what listens on this address is reached from this machine only. */
  static boolean isLoopback(String address) {
    return address.equalsIgnoreCase("localhost")
        || address.matches("127(\\.[0-9]{1,3}){3}")
        || Set.of("::1", "[::1]").contains(address);
  }

  /** Whether the Host header, with or without a port, is one of the names. */
  static boolean isHost(@Nullable String host) {
    return host != null
        && LOOPBACK.contains(host.replaceFirst(":[0-9]{0,5}$", "").toLowerCase(Locale.ROOT));
  }

  /** Whether all pages that the Origin headers name are from here; so are requests without one. */
  static boolean areOrigins(List<String> origins) {
    return origins.stream().allMatch(Router::isOrigin);
  }

  private static boolean isOrigin(String origin) {
    Matcher site = SITE.matcher(origin);
    return site.matches() && isHost(site.group(1));
  }
}
