package com.mcpist.origin.http;

import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.Map;

/**
 * Lets a request pass whose head is as it must be beyond what the HTTP decoder asks for, so that no
 * proxy before this server can see another request than it does (RFC 9112, 3.2 and 6.3). On the
 * event loop.
 */
record HeadCheck(Connections connections, Handler<HttpServerRequest> next)
    implements Handler<HttpServerRequest> {
  @Override
  public void handle(HttpServerRequest request) {
    if (connections.ends(request)) {
      return;
    }
    if (isSound(request)) {
      next.handle(request);
    } else {
      connections.endsWith(request);
      request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
      Replies.refuse(
              request.response(), 400, "bad_request", "The request is not HTTP as RFC 9112 has it")
          .onComplete(sent -> request.connection().close());
    }
  }

  private static boolean isSound(HttpServerRequest request) {
    MultiMap headers = request.headers();
    int hosts = headers.getAll(HttpHeaders.HOST).size();
    boolean old = request.version() == HttpVersion.HTTP_1_0;
    List<String> encodings = headers.getAll(HttpHeaders.TRANSFER_ENCODING);
    boolean framed =
        encodings.isEmpty()
            || (encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked"));
    return (hosts == 1 || (hosts == 0 && old)) && framed && areNamed(headers);
  }

  /** Every name is a token (RFC 9110, 5.6.2). */
  private static boolean areNamed(MultiMap headers) {
    for (Map.Entry<String, String> header : headers) {
      if (header.getKey().isEmpty() || !header.getKey().chars().allMatch(HeadCheck::ofToken)) {
        return false;
      }
    }
    return true;
  }

  private static boolean ofToken(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
  }
}
