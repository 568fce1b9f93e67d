package com.mcpist.deploy.http;

import module java.base;

import java.net.http.HttpResponse;
import java.security.cert.X509Certificate;

/** The validity of the certificate of a host that answered by https. */
public record Certificate(Instant begins, Instant ends) {
  private static final Duration SOON = Duration.ofDays(14);

  /**
   * The divisor of the lifetime that gives the time before the end at which a problem is told.
   * Short-lived certificates are renewed when a third or half of their time is left.
   */
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

  /** Returns a warning if the certificate ends soon, or empty. */
  public Optional<String> problem(Instant now) {
    Duration share = Duration.between(begins, ends).dividedBy(SHARE);
    Duration soon = share.compareTo(SOON) < 0 ? share : SOON;
    return now.isBefore(ends.minus(soon))
        ? Optional.empty()
        : Optional.of("its certificate ends at " + ends + " and has not been renewed");
  }
}
