package com.mcpist.edge.monitor;

import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.HttpClosedException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateExpiredException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
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
      case SSLException _ -> tls(failure);
      case HttpClosedException _ -> "connection closed";
      default -> "connection failed";
    };
  }

  private static String tls(Throwable failure) {
    List<Throwable> causes = causes(failure);
    if (causes.stream().noneMatch(GeneralSecurityException.class::isInstance)) {
      return "TLS failed";
    }
    if (causes.stream().anyMatch(CertificateExpiredException.class::isInstance)) {
      return "TLS: its certificate has expired";
    }
    boolean path =
        causes.stream()
            .anyMatch(
                c ->
                    c instanceof CertPathBuilderException
                        || c instanceof CertPathValidatorException);
    return path
        ? "TLS: its certificate is of no trusted authority"
        : "TLS: its certificate is not for this name";
  }

  private static List<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).limit(20).toList();
  }
}
