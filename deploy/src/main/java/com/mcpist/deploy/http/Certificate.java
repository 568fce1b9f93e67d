package com.mcpist.deploy.http;

import module java.base;

import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;

/** How long that of whoever answered by https is valid. */
public record Certificate(Instant begins, Instant ends) {
  private static final Duration SOON = Duration.ofDays(14);

  /** Short ones are renewed when a third of their time is left, or half of it. */
  private static final int SHARE = 5;

  static Optional<Certificate> of(HttpResponse<?> response) {
    try {
      return response.sslSession().isPresent()
              && response.sslSession().get().getPeerCertificates()[0] instanceof X509Certificate own
          ? Optional.of(
              new Certificate(own.getNotBefore().toInstant(), own.getNotAfter().toInstant()))
          : Optional.empty();
    } catch (SSLPeerUnverifiedException _) {
      return Optional.empty();
    }
  }

  /** What a person should hear of, where its end is near. */
  public Optional<String> problem(Instant now) {
    Duration share = Duration.between(begins, ends).dividedBy(SHARE);
    Duration soon = share.compareTo(SOON) < 0 ? share : SOON;
    return now.isBefore(ends.minus(soon))
        ? Optional.empty()
        : Optional.of("its certificate ends at " + ends + " and has not been renewed");
  }
}
