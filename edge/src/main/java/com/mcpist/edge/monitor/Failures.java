package com.mcpist.edge.monitor;

import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.HttpClosedException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Says in plain words why a request got no answer. */
final class Failures {
  private Failures() {}

  static boolean isTimeout(Throwable failure) {
    return failure instanceof TimeoutException || failure instanceof ConnectTimeoutException;
  }

  static String describe(Throwable failure) {
    if (isTimeout(failure)) {
      return "no answer in time";
    }
    return switch (failure) {
      case ConnectException _ -> "connection refused";
      case UnknownHostException _ -> "host name not found";
      case SSLException _ -> "TLS failed";
      case HttpClosedException _ -> "connection closed";
      default -> "connection failed";
    };
  }
}
