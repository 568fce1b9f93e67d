package com.mcpist.deploy.verify;

import com.mcpist.deploy.originclient.OriginClient.Health;

/**
 * What lies between a client and an edge that does not answer, as far as the answer tells: it says
 * what to do. Of what is none of these the edge itself has to be looked at.
 */
enum Obstacle {
  /** The host name has no address. */
  NO_ADDRESS(
      "The name is not in DNS here: make its record, by `terraform apply` for a Worker's domain. A"
          + " resolver that was asked too early may go on saying so for half an hour"),
  /** What answers by that name shows no valid certificate. */
  NO_CERTIFICATE(
      "A new name's certificate may take 15 minutes. Look under SSL/TLS, Edge Certificates in the"
          + " zone's dashboard whether it is being issued, or at the certificate of what is before"
          + " the edge"),
  /** Something before the edge refuses clients: an edge of MCPist's does not answer so. */
  RULE(
      "A rule before the edge refuses programs: bot rules, the security level, or the firewall of"
          + " the zone. `mcpist doctor` tells which of the zone's settings do"),
  /** Cloudflare has the name, and nothing behind it. */
  NOTHING_BEHIND(
      "Cloudflare finds nothing behind the name: the Worker's domain is not there, or the record is"
          + " another one. `terraform apply` makes the domain"),
  /** Something else has the name. */
  SOMETHING_ELSE("What answers by this name is no edge of MCPist's: look at the name's DNS record"),
  /** None of these. */
  NONE(
      "Look at the edge: `mcpist status` tells what it sees of the origins, and `mcpist doctor`"
          + " what is before it");

  /** From here to 530 they are Cloudflare's own, about what is behind it. */
  private static final int CLOUDFLARES_FIRST = 520;

  private static final int CLOUDFLARES_LAST = 530;

  private final String advice;

  Obstacle(String advice) {
    this.advice = advice;
  }

  /** What to do about it, without a full stop. */
  String advice() {
    return advice;
  }

  static Obstacle of(Health health) {
    if (health.reason().isEmpty()) {
      return NONE;
    }
    return switch (health.reason().get()) {
      case NO_ADDRESS -> NO_ADDRESS;
      case NO_CERTIFICATE -> NO_CERTIFICATE;
      case UNREADABLE -> SOMETHING_ELSE;
      case STATUS -> ofStatus(health.status());
      case UNREACHABLE, CUT, SILENT, DEADLINE -> NONE;
    };
  }

  private static Obstacle ofStatus(int status) {
    if (status == 403) {
      return RULE;
    }
    if (status >= CLOUDFLARES_FIRST && status <= CLOUDFLARES_LAST) {
      return NOTHING_BEHIND;
    }
    return status == 404 ? SOMETHING_ELSE : NONE;
  }
}
