package com.mcpist.edge.proxy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;

/**
 * One event loop's connections to the origins.
 *
 * @param keeping keeps them
 * @param closing makes a new one for each request, and closes it after that
 */
record Upstream(HttpClient keeping, HttpClient closing) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** A request on a connection, kept or new, with nothing sent yet. */
  Future<HttpClientRequest> request(Origin origin, HttpMethod method, String uri) {
    return request(keeping, origin, method, uri);
  }

  /** As {@link #request}, on a new connection, which reaches who listens there now. */
  Future<HttpClientRequest> requestAnew(Origin origin, HttpMethod method, String uri) {
    return request(closing, origin, method, uri);
  }

  private static Future<HttpClientRequest> request(
      HttpClient client, Origin origin, HttpMethod method, String uri) {
    URI url = origin.url();
    boolean ssl = "https".equalsIgnoreCase(url.getScheme());
    int standardPort = ssl ? HTTPS : HTTP;
    return client
        .request(
            new RequestOptions()
                .setMethod(method)
                .setHost(url.getHost())
                .setPort(url.getPort() < 0 ? standardPort : url.getPort())
                .setSsl(ssl)
                .setURI(uri))
        // Its response tells of a failure; without a handler each would be logged as an error too.
        .map(request -> request.exceptionHandler(broken -> {}));
  }
}
